"""Triage and routing: two tables, held as data, read by one small engine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import holidays
import yaml
from pydantic import BaseModel, Extra, root_validator, validator

from bot.cases.situation import CONDITIONS, Known, Situation, both
from bot.cases.vocabulary import LEVELS, UNITS
from bot.clock import SHANGHAI

_HERE = Path(__file__).parent
_DUE = ("minutes", "hours", "working_days")


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


def _conditions_exist(names: list[str]) -> list[str]:
    for name in names:
        if name not in CONDITIONS:
            raise ValueError(f"there is no condition {name!r}")
    return names


def _is_a_unit(value: str) -> str:
    if value not in UNITS:
        raise ValueError(f"there is no unit {value!r}")
    return value


class _Rule(_Strict):
    all: list[str]
    reason: str
    _known = validator("all", allow_reuse=True)(_conditions_exist)


class _Level(_Strict):
    level: str
    due: dict[str, int]
    any: list[_Rule]

    @validator("due")
    def _is_one_span(cls, value: dict[str, int]) -> dict[str, int]:
        if len(value) != 1 or not set(value) <= set(_DUE) or min(value.values()) < 1:
            raise ValueError(f"due must be one of {', '.join(_DUE)}, not {value}")
        return value


class TriageTable(_Strict):
    """The schema of ``triage.yml``."""

    levels: list[_Level]
    conditions: dict[str, str]

    @validator("levels")
    def _all_levels(cls, value: list[_Level]) -> list[_Level]:
        if tuple(level.level for level in value) != LEVELS:
            raise ValueError(f"the levels must be {', '.join(LEVELS)}, the most urgent first")
        if all(rule.all for rule in value[-1].any):
            raise ValueError("the lowest level needs a rule without conditions")
        return value

    @root_validator(skip_on_failure=True)
    def _every_condition_has_words(cls, values: dict[str, Any]) -> dict[str, Any]:
        for level in values["levels"]:
            for name in (name for rule in level.any for name in rule.all):
                if not values["conditions"].get(name):
                    raise ValueError(f"the condition {name!r} has no words under 'conditions'")
        return values


class _More(_Strict):
    any: list[str]
    also: list[str]
    _known = validator("any", allow_reuse=True)(_conditions_exist)
    _units = validator("also", each_item=True, allow_reuse=True)(_is_a_unit)


class _Row(_Strict):
    all: list[str]
    unit: str
    also: list[str]
    more: list[_More] = []
    why: str
    _known = validator("all", allow_reuse=True)(_conditions_exist)
    _units = validator("unit", "also", each_item=True, allow_reuse=True)(_is_a_unit)


class RoutingTable(_Strict):
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
    """How urgent a case is, why, and when a person must have looked."""

    level: str
    reasons: tuple[Reason, ...]
    due_at: datetime

    def sentences(self) -> list[str]:
        """The reasons in words, in Chinese, with what is unknown said plainly."""
        return [
            reason.text
            + (f"（{'、'.join(reason.unknown)}不清楚，按更紧急的处理）" if reason.unknown else "")
            for reason in self.reasons
        ]


@dataclass(frozen=True)
class Routing:
    """The one unit that is responsible, who else is told, and why."""

    unit: str
    referrals: tuple[str, ...]
    why: str


@cache
def triage_table() -> TriageTable:
    """The triage table, read once.

    Raises:
        pydantic.ValidationError: the file does not follow its schema.
    """
    return TriageTable.parse_obj(_read("triage.yml"))


@cache
def routing_table() -> RoutingTable:
    """The routing table, read once.

    Raises:
        pydantic.ValidationError: the file does not follow its schema.
    """
    return RoutingTable.parse_obj(_read("routing.yml"))


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))


def triage(situation: Situation, submitted: datetime) -> Risk:
    """The level of a situation; a condition that nobody knows raises rather than lowers it.

    Args:
        submitted: when the clock starts, aware.
    """
    table = triage_table()
    for level in table.levels:
        reasons = []
        for rule in level.any:
            values = {name: situation.known(name) for name in rule.all}
            held: Known = True
            for value in values.values():
                held = both(held, value)
            if held is not False:
                unknown = tuple(table.conditions[n] for n, v in values.items() if v is None)
                reasons.append(Reason(rule.reason, unknown))
        if reasons:
            reasons = [reason for reason in reasons if not reason.unknown] or reasons
            if level.level == LEVELS[-1]:
                reasons = reasons[:1]  # the last row of the lowest level holds for everybody
            return Risk(level.level, tuple(reasons), _due(level.due, submitted))
    raise AssertionError("the lowest level has a rule without conditions")


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


def _due(due: dict[str, int], submitted: datetime) -> datetime:
    days = due.get("working_days", 0)
    if not days:
        return submitted + timedelta(**due)
    local = submitted.astimezone(SHANGHAI)
    day = _calendar(local.year).get_nth_working_day(local.date(), days)
    return datetime.combine(day, local.timetz())


@cache
def _calendar(year: int) -> holidays.HolidayBase:
    """The Chinese calendar of a year and the next: making it takes longer than all else here."""
    return holidays.country_holidays("CN", years=(year, year + 1))
