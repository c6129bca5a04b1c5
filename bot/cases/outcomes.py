"""How a case may end: a table held as data (``outcomes.yml``)."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import validator

from bot.cases.datafile import read_table
from bot.datafiles import Strict

_PATH = Path(__file__).with_name("outcomes.yml")
_LONGEST_NAME = 24


class Outcome(Strict):
    """A way for a case to end: what it is called, when it is chosen, and what it rests on."""

    title: str
    hint: str
    source: Literal["S0", "S1", "S2", "S3", "S4", "law", "own"]


class Outcomes(Strict):
    """The schema of ``outcomes.yml``."""

    outcomes: dict[str, Outcome]

    @validator("outcomes")
    def _names_fit(cls, value: dict[str, Outcome]) -> dict[str, Outcome]:
        if not value:
            raise ValueError("a case must be able to end")
        for name in value:
            if not name.isidentifier() or len(name) > _LONGEST_NAME:
                raise ValueError(f"{name!r} is no name of at most {_LONGEST_NAME} letters")
        return value


@cache
def outcome_table() -> dict[str, Outcome]:
    """The outcomes by name, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_PATH, Outcomes).outcomes
