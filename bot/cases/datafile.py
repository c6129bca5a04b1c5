"""Reading a table held as YAML: what is wrong is told with file, line and field."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from bot.cases.situation import CONDITIONS
from bot.cases.vocabulary import UNITS
from bot.datafiles import LOADER, Strict, line_of


class DataFileError(Exception):
    """A table that cannot be used; the message is one sentence with its file, line and field."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"The table {path.name} cannot be used: line {line}: {why}.")


Table = TypeVar("Table", bound=Strict)


def is_a_condition(value: str) -> str:
    """Check the name of a condition.

    Raises:
        ValueError: ``bot.cases.situation`` knows no such condition.
    """
    if value not in CONDITIONS:
        raise ValueError(f"there is no condition {value!r}")
    return value


def is_a_unit(value: str) -> str:
    """Check the name of a unit.

    Raises:
        ValueError: the contract has no such unit.
    """
    if value not in UNITS:
        raise ValueError(f"there is no unit {value!r}")
    return value


def read_table(path: Path, schema: type[Table]) -> Table:
    """The content of a table.

    Raises:
        DataFileError: it is no YAML or does not follow its schema.
    """
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=LOADER)
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(path, line, f"this is no YAML ({error.problem})") from None
    try:
        return schema.parse_obj(content)
    except ValidationError as error:
        first = max(error.errors(), key=lambda each: len(each["loc"]))
        field = ".".join(str(step) for step in first["loc"] if step != "__root__")
        raise DataFileError(path, line_of(root, first["loc"]), f"{field}: {first['msg']}") from None
