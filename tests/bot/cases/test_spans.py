"""Spans of time, counted as people in Shanghai count them."""

from datetime import datetime, timedelta, timezone

import pytest

from bot.cases.spans import after, is_a_span, is_one_span
from bot.clock import SHANGHAI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_minutes_hours_and_days_go_by_the_clock() -> None:
    start = at("2026-11-21T10:00")
    assert after(start, {"minutes": 30}) == start + timedelta(minutes=30)
    assert after(start, {"hours": 36}) == at("2026-11-22T22:00")
    assert after(start, {"days": 180}) == at("2027-05-20T10:00")


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-20T10:00", 1, "2026-11-23T10:00"),  # a Friday
        ("2026-09-30T15:30", 1, "2026-10-08T15:30"),  # the day before National Day's week
        ("2026-09-30T15:30", 3, "2026-10-10T15:30"),  # Saturday the 10th is worked in its place
        ("2026-12-30T09:00", 2, "2027-01-04T09:00"),  # over New Year
    ],
)
def test_working_days_are_those_of_the_chinese_calendar(
    start: str, days: int, expected: str
) -> None:
    assert after(at(start), {"working_days": days}) == at(expected)


def test_a_working_day_is_a_day_in_shanghai() -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc)  # Monday 01:00 in Shanghai
    assert after(late, {"working_days": 1}) == at("2026-11-24T01:00")


@pytest.mark.parametrize("span", [{}, {"weeks": 1}, {"hours": 0}, {"hours": 1, "days": 1}])
def test_what_is_no_span_is_refused(span: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="due must be one of"):
        is_a_span(span)


def test_a_table_may_allow_fewer_units() -> None:
    with pytest.raises(ValueError, match="hours, not"):
        is_one_span({"days": 1}, ("hours",))
