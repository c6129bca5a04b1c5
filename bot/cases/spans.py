"""Spans of time as the tables write them (``{hours: 2}``, ``{working_days: 3}``), from a moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

import holidays

from bot.clock import SHANGHAI

UNITS_OF_TIME = ("minutes", "hours", "days", "working_days")


def is_one_span(value: dict[str, int], allowed: Iterable[str] = UNITS_OF_TIME) -> dict[str, int]:
    """Check a span of a table.

    Raises:
        ValueError: it is not one number of one of the ``allowed`` units, at least 1.
    """
    allowed = tuple(allowed)
    if len(value) != 1 or not set(value) <= set(allowed) or min(value.values()) < 1:
        raise ValueError(f"due must be one of {', '.join(allowed)}, not {value}")
    return value


def is_a_span(value: dict[str, int]) -> dict[str, int]:
    """Check a span of any unit.

    Raises:
        ValueError: it is not one number of one unit, at least 1.
    """
    return is_one_span(value)


def after(moment: datetime, span: dict[str, int]) -> datetime:
    """The moment that lies a span after another.

    Args:
        moment: aware.
        span: one unit and its number; working days are those of the Chinese calendar, at the
            same time of day in Asia/Shanghai.
    """
    days = span.get("working_days", 0)
    if not days:
        return moment + timedelta(**span)
    local = moment.astimezone(SHANGHAI)
    day = _calendar(local.year).get_nth_working_day(local.date(), days)
    return datetime.combine(day, local.timetz())


@cache
def _calendar(year: int) -> holidays.HolidayBase:
    """The Chinese calendar of a year and the next: making it takes longer than all else here."""
    return holidays.country_holidays("CN", years=(year, year + 1))
