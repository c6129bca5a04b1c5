"""What the facts of a report say about a child."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.situation import CONDITIONS, Known, Situation
from bot.clock import SHANGHAI


def known(
    condition: str, report_type: str = "unattended_child", now: str = "10:00", **facts: Any
) -> Known:
    moment = datetime.fromisoformat(f"2026-11-21T{now}:00+08:00")
    return Situation(facts, report_type, moment).known(condition)


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        ("2026-11-20T20:00:00+08:00", "10:00", True),
        ("2026-11-20T23:59:00+08:00", "05:00", True),
        ("2026-11-20T20:00:00+08:00", "04:59", False),  # the night is not over
        ("2026-11-21T00:30:00+08:00", "10:00", False),  # came after it began
        ("2026-11-20T10:00:00+08:00", "10:00", True),  # 24 hours
        ("2026-11-20T12:00:00+00:00", "10:00", True),  # eight in the evening in Shanghai
        ("2026-11-21T08:00:00+08:00", "10:00", False),
        ("2026-11-20", "10:00", True),
        ("2026-11-20", "00:30", None),  # since yesterday, at what time?
        ("2026-11-19", "00:30", True),
        ("2026-11-21", "10:00", False),
        ("2026-11-23", "10:00", False),
    ],
)
def test_a_night_alone_is_told_from_some_hours_alone(since: str, now: str, expected: Known) -> None:
    assert known("night_or_day", now=now, since=since) is expected


def test_one_small_child_among_several_counts() -> None:
    assert known("under_3", ages=[9, 2], child_count=2) is True


def test_a_child_whose_age_nobody_told_may_be_small() -> None:
    assert known("under_3", ages=[9], child_count=2) is None
    assert known("under_3") is None
    assert known("under_3", ages=[9, 8], child_count=2) is False


def test_what_was_not_told_about_a_carer_is_unknown_except_where_somebody_must_be_there() -> None:
    assert known("nobody") is None
    assert known("nobody", planned=True) is False
    assert known("nobody", "preregistration") is False
    assert known("nobody", carer="nobody") is True


def test_a_big_brother_is_company_but_no_grown_up() -> None:
    assert known("nobody", carer="sibling", ages=[9], child_count=1) is False
    assert known("nobody", carer="sibling", ages=[9, 3], child_count=2) is False
    assert known("nobody", carer="sibling", ages=[7, 3], child_count=2) is True
    assert known("nobody", carer="sibling", ages=[3], child_count=2) is None
    assert known("weak_carer", carer="sibling") is True
    assert known("entrusted", carer="sibling", reason=["isolated"]) is False


def test_a_frail_grandmother_is_somebody_and_yet_a_reason_to_look() -> None:
    assert known("weak_carer", carer="grandparent", weak_carer=True) is True
    assert known("weak_carer", carer="grandparent") is False
    assert known("weak_carer", carer="nobody", weak_carer=True) is False
    assert known("adult_there", carer="grandparent") is True
    assert known("adult_there") is None


def test_a_guardian_who_is_still_there_is_not_absent() -> None:
    assert known("guardians_absent", planned=True, reason=["isolated"]) is False
    begun = {"planned": True, "since": "2026-11-21T08:00:00+08:00", "reason": ["isolated"]}
    assert known("guardians_absent", **begun) is True
    assert known("guardians_absent", kind="moving", reason=["working_away"]) is None
    assert known("guardians_absent", "preregistration", kind="moving", reason=["working_away"]) is (
        False
    )


def test_a_wrong_name_of_a_condition_is_an_error() -> None:
    with pytest.raises(KeyError):
        known("dangr")


_MOMENTS = st.datetimes(datetime(2026, 11, 18), datetime(2026, 11, 24), timezones=st.just(SHANGHAI))
_SINCE = st.one_of(
    _MOMENTS.map(datetime.isoformat), _MOMENTS.map(lambda moment: moment.date().isoformat())
)


@given(since=_SINCE, now=_MOMENTS, later=st.floats(0, 1), planned=st.booleans())
def test_until_the_moment_that_is_named_time_alone_changes_no_answer(
    since: str, now: datetime, later: float, planned: bool
) -> None:
    facts = {"since": since, "planned": planned, "ages": [5], "carer": "nobody"}
    until = Situation(facts, "unattended_child", now).changes_at() or now + timedelta(days=30)
    assert until > now
    before = max(now, until - timedelta(microseconds=1) - (until - now) * later)
    answers = [
        {name: Situation(facts, "unattended_child", moment).known(name) for name in CONDITIONS}
        for moment in (now, before)
    ]
    assert answers[0] == answers[1]


def test_where_nobody_said_since_when_time_changes_nothing() -> None:
    moment = datetime(2026, 11, 21, 10, tzinfo=SHANGHAI)
    assert Situation({"ages": [5]}, "unattended_child", moment).changes_at() is None
