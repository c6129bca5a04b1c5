"""Replies that staff write often, by situation: data in ``canned.yml``, in three languages."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field, root_validator

from bot.cases.datafile import read_table
from bot.datafiles import Strict

_PATH = Path(__file__).with_name("canned.yml")


class Wording(Strict):
    """One text in the languages of the program."""

    simplified: str = Field(alias="zh_Hans", min_length=1)
    traditional: str = Field(alias="zh_Hant", min_length=1)
    english: str = Field(alias="en", min_length=1)

    def of(self, language: str) -> str:
        """The text in a language; Simplified Chinese where there is no such language."""
        return {"zh_Hant": self.traditional, "en": self.english}.get(language, self.simplified)


class Reply(Strict):
    """A reply; ``child`` is how it is said to a child, ``says`` to everybody else."""

    id: str = Field(regex="^[a-z_]{1,24}$")
    title: Wording
    says: Wording
    child: Wording | None = None


class Group(Strict):
    """The replies of one situation."""

    title: Wording
    replies: tuple[Reply, ...]


class CannedTable(Strict):
    """All replies, in the order in which they are offered."""

    groups: tuple[Group, ...]

    @root_validator(skip_on_failure=True)
    def _each_has_a_name_of_its_own(cls, values: dict[str, tuple[Group, ...]]) -> dict[str, object]:
        names = [reply.id for group in values["groups"] for reply in group.replies]
        if len(names) != len(set(names)):
            raise ValueError("two replies have the same id")
        return dict(values)


@dataclass(frozen=True)
class Offered:
    """A reply as it is offered: its title for staff, its text for the reporter."""

    id: str
    title: str
    text: str


@cache
def canned_table() -> CannedTable:
    """The replies that are held as data.

    Raises:
        bot.cases.datafile.DataFileError: the table is wrong.
    """
    return read_table(_PATH, CannedTable)


def offered(
    reporter: str, staff: str, child: bool = False
) -> tuple[tuple[str, tuple[Offered, ...]], ...]:
    """The replies by situation.

    Args:
        reporter: the language that the reporter reads, for the texts.
        staff: the language of whoever chooses, for the titles.
        child: whether the reporter is a child.
    """
    return tuple(
        (
            group.title.of(staff),
            tuple(
                Offered(
                    reply.id,
                    reply.title.of(staff),
                    ((reply.child if child else None) or reply.says).of(reporter),
                )
                for reply in group.replies
            ),
        )
        for group in canned_table().groups
    )
