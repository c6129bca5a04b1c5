"""The plan of follow-ups: a table held as data (``followups.yml``), and what it gives a case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, root_validator, validator

from bot.cases.datafile import is_a_condition, is_a_unit, read_table
from bot.cases.situation import Situation
from bot.cases.spans import after, is_a_span
from bot.cases.vocabulary import LEVELS
from bot.clock import SHANGHAI
from bot.datafiles import Strict

KINDS = ("named_worker", "phone_visit", "home_visit", "reminder", "supplies", "next_look")
ANSWERS = ("there", "not_yet", "changed")
RESPONSIBLE = "responsible"
"""Stands in the table for the unit that a case is routed to."""

_PATH = Path(__file__).with_name("followups.yml")


class Kind(Strict):
    """What a kind of follow-up is called; ``once``: a case needs only one."""

    title: str
    once: bool = False


class Item(Strict):
    """One follow-up of the table."""

    kind: str
    due: dict[str, int]
    unit: str
    source: Literal["S0", "S1", "S2", "S3", "S4", "law", "contract"]
    why: str
    says: str | None = None
    _span = validator("due", allow_reuse=True)(is_a_span)

    @validator("kind")
    def _is_a_kind(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"there is no kind {value!r}")
        return value

    @validator("unit")
    def _is_a_unit(cls, value: str) -> str:
        return value if value == RESPONSIBLE else is_a_unit(value)

    @root_validator(skip_on_failure=True)
    def _only_a_reminder_says(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["kind"] == "reminder") != bool(values["says"]):
            raise ValueError("a reminder, and nothing else, has something under 'says'")
        return values


class Rule(Strict):
    """Follow-ups of some levels in some situation."""

    rule: str = Field(regex="^[a-z_]{1,24}$")
    levels: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    not_ruled_out: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    followups: list[Item]
    _known = validator("all", "not_ruled_out", "ruled_out", each_item=True, allow_reuse=True)(
        is_a_condition
    )

    @validator("levels", each_item=True)
    def _is_a_level(cls, value: str) -> str:
        if value not in LEVELS:
            raise ValueError(f"there is no level {value!r}")
        return value

    @validator("followups")
    def _each_kind_once(cls, value: list[Item]) -> list[Item]:
        kinds = [item.kind for item in value]
        if len(kinds) != len(set(kinds)):
            raise ValueError("a rule has each kind once at most")
        return value

    def holds(self, level: str, situation: Situation) -> bool:
        """Whether a case of this level and situation gets these follow-ups."""
        if self.levels and level not in self.levels:
            return False
        if any(situation.known(name) is False for name in self.not_ruled_out):
            return False
        if any(situation.known(name) is not False for name in self.ruled_out):
            return False
        return all(situation.known(name) is True for name in self.all)


class Wording(Strict):
    """Words for a grown-up and for a child."""

    adult: str
    child: str


class Reminder(Wording):
    """What a reminder says; ``asks``: with the answers as buttons."""

    asks: bool = False


class Answer(Wording):
    """An answer's button and what follows it."""

    followups: tuple[Item, ...] = ()


class Sending(Strict):
    """When the bot may remind, in Asia/Shanghai, and how often a day."""

    night_begins: time
    night_ends: time
    a_day: int = Field(ge=1)

    def is_night(self, moment: datetime) -> bool:
        """Whether people are asleep."""
        now = moment.astimezone(SHANGHAI).time()
        if self.night_begins <= self.night_ends:
            return self.night_begins <= now < self.night_ends
        return now >= self.night_begins or now < self.night_ends


class Plan(Strict):
    """The schema of ``followups.yml``."""

    kinds: dict[str, Kind]
    plan: list[Rule]
    reminders: dict[str, Reminder]
    answers: dict[str, Answer]
    sending: Sending

    @validator("kinds")
    def _all_kinds(cls, value: dict[str, Kind]) -> dict[str, Kind]:
        if tuple(value) != KINDS:
            raise ValueError(f"the kinds must be {', '.join(KINDS)}")
        return value

    @validator("answers")
    def _all_answers(cls, value: dict[str, Answer]) -> dict[str, Answer]:
        if tuple(value) != ANSWERS:
            raise ValueError(f"the answers must be {', '.join(ANSWERS)}")
        return value

    @validator("plan")
    def _each_rule_once(cls, value: list[Rule]) -> list[Rule]:
        names = [rule.rule for rule in value]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"the rule {min(twice)!r} stands twice")
        for level in LEVELS:
            if not any(rule.levels == (level,) and rule.followups for rule in value):
                raise ValueError(f"the level {level!r} has no rule of its own")
        return value

    @root_validator(skip_on_failure=True)
    def _what_is_said_is_there(cls, values: dict[str, Any]) -> dict[str, Any]:
        for item in _items(values["plan"], values["answers"]):
            if item.says and item.says not in values["reminders"]:
                raise ValueError(f"there is no reminder {item.says!r} under 'reminders'")
        return values


def _items(rules: list[Rule], answers: dict[str, Answer]) -> Iterator[Item]:
    for group in (*rules, *answers.values()):
        yield from group.followups


@dataclass(frozen=True)
class Wanted:
    """A follow-up that the table asks for, with its due time and its unit by name."""

    rule: str
    item: Item
    due_at: datetime
    unit: str


@cache
def followup_table() -> Plan:
    """The table, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_PATH, Plan)


def wanted(level: str, situation: Situation, unit: str, now: datetime) -> list[Wanted]:
    """What a case of this level and situation needs; of a kind needed once only the earliest.

    Args:
        unit: the unit that the case is routed to.
        now: when the due times start, aware.
    """
    table = followup_table()
    found = [
        Wanted(f"{rule.rule}.{item.kind}", item, after(now, item.due), unit_of(item, unit))
        for rule in table.plan
        if rule.holds(level, situation)
        for item in rule.followups
    ]
    chosen = []
    for each in found:
        rivals = [other for other in found if other.item.kind == each.item.kind]
        if not table.kinds[each.item.kind].once or each is min(rivals, key=lambda w: w.due_at):
            chosen.append(each)
    return chosen


def unit_of(item: Item, responsible: str) -> str:
    """The unit that does it."""
    return responsible if item.unit == RESPONSIBLE else item.unit
