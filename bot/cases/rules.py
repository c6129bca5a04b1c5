"""Triage and routing: two tables, held as data, read by one small engine."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import root_validator, validator

from bot.cases.datafile import is_a_condition, is_a_unit, read_table
from bot.cases.situation import CONDITIONS, Known, Situation, both
from bot.cases.spans import after, is_one_span
from bot.cases.vocabulary import LEVELS
from bot.datafiles import Strict

_HERE = Path(__file__).parent
_DUE = ("minutes", "hours", "working_days")


class _Rule(Strict):
    all: list[str]
    reason: str
    _known = validator("all", each_item=True, allow_reuse=True)(is_a_condition)


class _Level(Strict):
    level: str
    due: dict[str, int]
    any: list[_Rule]

    @validator("due")
    def _is_one_span(cls, value: dict[str, int]) -> dict[str, int]:
        return is_one_span(value, _DUE)


class ConditionWords(Strict):
    """A condition in words: what it means, and how it is named where nobody knows it."""

    means: str
    unknown: str | None = None


class ConditionTable(Strict):
    """The schema of ``conditions.yml``."""

    conditions: dict[str, ConditionWords]

    @validator("conditions")
    def _each_has_words(cls, value: dict[str, ConditionWords]) -> dict[str, ConditionWords]:
        for name in sorted(CONDITIONS ^ set(value)):
            raise ValueError(f"{name!r} needs both words here and a test in situation.py")
        return value


class TriageTable(Strict):
    """The schema of ``triage.yml``."""

    levels: list[_Level]

    @validator("levels")
    def _all_levels(cls, value: list[_Level]) -> list[_Level]:
        if tuple(level.level for level in value) != LEVELS:
            raise ValueError(f"the levels must be {', '.join(LEVELS)}, the most urgent first")
        if all(rule.all for rule in value[-1].any):
            raise ValueError("the lowest level needs a rule without conditions")
        return value

    @root_validator(skip_on_failure=True)
    def _every_condition_has_words(cls, values: dict[str, Any]) -> dict[str, Any]:
        words = condition_table().conditions
        for level in values["levels"]:
            for name in (name for rule in level.any for name in rule.all):
                if not words[name].unknown:
                    raise ValueError(f"the condition {name!r} has no 'unknown' in conditions.yml")
        return values


class _More(Strict):
    any: list[str]
    also: list[str]
    _known = validator("any", each_item=True, allow_reuse=True)(is_a_condition)
    _units = validator("also", each_item=True, allow_reuse=True)(is_a_unit)


class _Row(Strict):
    all: list[str]
    unit: str
    also: list[str]
    more: tuple[_More, ...] = ()
    why: str
    _known = validator("all", each_item=True, allow_reuse=True)(is_a_condition)
    _units = validator("unit", "also", each_item=True, allow_reuse=True)(is_a_unit)


class RoutingTable(Strict):
    """The schema of ``routing.yml``."""

    rows: list[_Row]

    @validator("rows")
    def _nobody_is_left_out(cls, value: list[_Row]) -> list[_Row]:
        if not value or value[-1].all:
            raise ValueError("the last row must be without conditions")
        return value


@dataclass(frozen=True)
class Reason:
    """Why a level holds: a sentence, and the conditions that nobody knows."""

    text: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Risk:
    """How urgent a case is, why, and when a person must have looked.

    ``known_level`` is the level that what is known gives alone; ``level`` is never lower.
    """

    level: str
    known_level: str
    reasons: tuple[Reason, ...]
    due_at: datetime

    def sentences(self) -> list[str]:
        """The reasons in words, in Chinese, with what is unknown said plainly."""
        return [
            f"可能：{reason.text}（{'、'.join(reason.unknown)}不清楚，按更紧急的处理）"
            if reason.unknown
            else reason.text
            for reason in self.reasons
        ]


@dataclass(frozen=True)
class Routing:
    """The one unit that is responsible, who else is told, and why."""

    unit: str
    referrals: tuple[str, ...]
    why: str


@cache
def condition_table() -> ConditionTable:
    """What the conditions mean, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_HERE / "conditions.yml", ConditionTable)


@cache
def triage_table() -> TriageTable:
    """The triage table, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_HERE / "triage.yml", TriageTable)


@cache
def routing_table() -> RoutingTable:
    """The routing table, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_HERE / "routing.yml", RoutingTable)


def due(level: str, since: datetime) -> datetime:
    """When a person must have looked at a case of this level.

    Args:
        since: when the clock starts, aware.
    """
    span = next(entry.due for entry in triage_table().levels if entry.level == level)
    return after(since, span)


def triage(situation: Situation, submitted: datetime) -> Risk:
    """The level of a situation; a condition that nobody knows raises rather than lowers it.

    The reasons are those of the level; where it rests on what nobody knows, the reasons of the
    level that is known follow, unless that is the lowest.

    Args:
        submitted: when the clock starts, aware.
    """
    found = {level.level: _reasons(situation, level) for level in triage_table().levels}
    level = next(name for name, reasons in found.items() if reasons)
    known = {name: [r for r in reasons if not r.unknown] for name, reasons in found.items()}
    known_level = next(name for name, reasons in known.items() if reasons)
    reasons = known[level] or found[level]
    if known_level not in (level, LEVELS[-1]):
        reasons = [*reasons, *known[known_level]]
    if level == LEVELS[-1]:
        reasons = reasons[:1]  # the last row of the lowest level holds for everybody
    return Risk(level, known_level, tuple(reasons), due(level, submitted))


def _reasons(situation: Situation, level: _Level) -> list[Reason]:
    """Why a level holds or, for all that is known, may hold."""
    words = condition_table().conditions
    reasons = []
    for rule in level.any:
        values = {name: situation.known(name) for name in rule.all}
        held: Known = True
        for value in values.values():
            held = both(held, value)
        if held is not False:
            unknown = (words[name].unknown for name, value in values.items() if value is None)
            reasons.append(Reason(rule.reason, tuple(filter(None, unknown))))
    return reasons


def route(situation: Situation) -> Routing:
    """The one unit responsible for a situation and who else is told."""
    for row in routing_table().rows:
        if all(situation.known(name) is True for name in row.all):
            also = list(row.also)
            for more in row.more:
                if any(situation.known(name) is True for name in more.any):
                    also += more.also
            return Routing(row.unit, tuple(dict.fromkeys(also)), row.why)
    raise AssertionError("the last row has no conditions")
