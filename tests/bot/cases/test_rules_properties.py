"""What holds for triage and routing whatever a report says."""

from datetime import datetime, timedelta
from typing import Any

import holidays
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.cases.assessing import urgency
from bot.cases.rules import Risk, due, route, triage
from bot.cases.situation import CONDITIONS, Situation, both
from bot.cases.vocabulary import (
    ABSENCE_REASONS,
    CARERS,
    DANGERS,
    HEALTH,
    LEVELS,
    NEEDS,
    REPORT_TYPES,
    UNITS,
)
from bot.clock import SHANGHAI
from tests.support.cases import NOW


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def since() -> st.SearchStrategy[str]:
    moments = st.integers(-48, 96).map(lambda hours: NOW - timedelta(hours=hours))
    return st.one_of(
        moments.map(lambda at: at.isoformat()), moments.map(lambda at: f"{at:%Y-%m-%d}")
    )


AGE = st.one_of(st.floats(0, 18), st.sampled_from([0, 2, 3, 7, 8, 15, 16, 17]))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "carer": st.sampled_from(CARERS),
    "child_count": st.integers(1, 4),
    "ages": st.lists(AGE, min_size=1, max_size=4),
    "since": since(),
    "health": some(HEALTH),
    "reason": some(ABSENCE_REASONS),
    "needs": some(NEEDS),
    "danger": st.lists(st.sampled_from(DANGERS), max_size=2, unique=True),
    "planned": st.just(True),
    "kind": st.sampled_from(["moving", "left_behind"]),
    "weak_carer": st.booleans(),
    "cannot_cope": st.booleans(),
}
UNCERTAIN = tuple(VALUES)[:8]
FACTS = st.fixed_dictionaries({}, optional=VALUES)
TYPES = st.sampled_from(REPORT_TYPES)
RAISING: dict[str, dict[str, Any]] = {
    "nobody is there any more": {"carer": "nobody"},
    "a fever": {"health": ["fever"]},
    "an injury": {"health": ["injured"]},
    "a disability": {"health": ["disabled"]},
    "an infection": {"health": ["suspected"]},
    "food": {"needs": ["food"]},
    "medicine": {"needs": ["medicine"]},
    "a guardian who is away": {"reason": ["missing"]},
    "a frail carer": {"weak_carer": True},
    "a baby more": {"ages": [1.0]},
}
"""Facts that the tables name as reasons to hurry; each is added to what is known already."""
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)).map(
    lambda at: at.replace(tzinfo=SHANGHAI)
)


def risk_of(
    facts: dict[str, Any], report_type: str, unanswered: frozenset[str] = frozenset()
) -> Risk:
    return triage(Situation(facts, report_type, NOW, unanswered), NOW)


def added(facts: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The facts after one more was told: lists grow, and so does the number of children."""
    grown = dict(facts)
    for name, value in more.items():
        before = facts.get(name)
        grown[name] = [*(before or []), *value] if isinstance(value, list) else value
    if "ages" in more and "child_count" in facts:
        grown["child_count"] = facts["child_count"] + 1
    return grown


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES, st.sampled_from(DANGERS))
def test_telling_of_a_danger_never_makes_a_case_less_urgent(
    facts: dict[str, Any], report_type: str, danger: str
) -> None:
    more = {**facts, "danger": [*facts.get("danger", []), danger]}
    before, after = risk_of(facts, report_type), risk_of(more, report_type)
    assert urgency(after.level) >= urgency(before.level)
    assert after.level == after.known_level == "critical"


@settings(max_examples=150, deadline=None)
@given(FACTS, TYPES, st.sampled_from(sorted(RAISING)))
def test_more_reason_to_hurry_never_makes_what_is_known_less_urgent(
    facts: dict[str, Any], report_type: str, which: str
) -> None:
    """Save that a child who is alone has no frail carer any more, and the gap has not come."""
    facts.pop("planned", None)
    if which == "nobody is there any more":
        facts.pop("weak_carer", None)
        assume(facts.get("carer") != "sibling")
    before = risk_of(facts, report_type)
    after = risk_of(added(facts, RAISING[which]), report_type)
    assert urgency(after.known_level) >= urgency(before.known_level)


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES)
def test_what_is_unknown_never_lowers_what_is_known(
    facts: dict[str, Any], report_type: str
) -> None:
    risk = risk_of(facts, report_type)
    assert urgency(risk.level) >= urgency(risk.known_level)
    assert (risk.level == risk.known_level) or any("不清楚" in line for line in risk.sentences())


@settings(max_examples=200, deadline=None)
@given(st.data(), FACTS, TYPES, st.sampled_from(UNCERTAIN))
def test_not_knowing_a_fact_is_never_less_urgent_than_knowing_it(
    data: st.DataObject, facts: dict[str, Any], report_type: str, field: str
) -> None:
    """Save where nothing is urgent by its kind: a pre-registration, a gap that has not come."""
    if field not in ("danger", "needs"):
        facts.pop("planned", None)
        assume(report_type != "preregistration")
    less = {name: value for name, value in facts.items() if name != field}
    value = data.draw(VALUES[field])
    if field == "ages" and report_type == "child_self":
        assume(max(value) >= 3 and len(value) <= less.get("child_count", 1))  # writes: no baby
    unknown = risk_of(less, report_type, frozenset({field}))
    known = risk_of({**less, field: value}, report_type)
    assert urgency(unknown.level) >= urgency(known.level)


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES, st.sets(st.sampled_from(UNCERTAIN)))
def test_every_report_has_one_level_with_reasons_and_a_time(
    facts: dict[str, Any], report_type: str, unanswered: set[str]
) -> None:
    known = {name: value for name, value in facts.items() if name not in unanswered}
    risk = risk_of(known, report_type, frozenset(unanswered))
    assert risk.level in LEVELS
    assert risk.due_at > NOW
    assert risk.sentences() and all(risk.sentences())
    assert len(set(risk.sentences())) == len(risk.sentences())


@settings(max_examples=60, deadline=None)
@given(MOMENTS)
def test_the_more_urgent_the_sooner_and_three_working_days_end_on_one(at: datetime) -> None:
    times = [due(level, at) for level in LEVELS]
    assert times == sorted(times) and at < times[0]
    last = times[-1].astimezone(SHANGHAI)
    assert holidays.country_holidays("CN", years=(last.year,)).is_working_day(last.date())


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES, st.sets(st.sampled_from(UNCERTAIN)))
def test_every_report_has_exactly_one_unit_and_it_is_not_told_twice(
    facts: dict[str, Any], report_type: str, unanswered: set[str]
) -> None:
    known = {name: value for name, value in facts.items() if name not in unanswered}
    routing = route(Situation(known, report_type, NOW, frozenset(unanswered)))
    assert routing.unit in UNITS
    assert set(routing.referrals) <= set(UNITS) - {routing.unit}
    assert len(set(routing.referrals)) == len(routing.referrals)
    if known.get("danger"):
        assert routing.unit == "police"


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES, st.sets(st.sampled_from(UNCERTAIN)))
def test_a_committee_that_cannot_cope_is_never_left_with_the_case_alone(
    facts: dict[str, Any], report_type: str, unanswered: set[str]
) -> None:
    known = {name: value for name, value in facts.items() if name not in unanswered}
    routing = route(
        Situation({**known, "cannot_cope": True}, report_type, NOW, frozenset(unanswered))
    )
    assert "county_civil_affairs" in (routing.unit, *routing.referrals)
    assert routing.unit != "committee"


@settings(max_examples=60, deadline=None)
@given(FACTS, TYPES, st.sampled_from(sorted(CONDITIONS)))
def test_every_condition_is_true_false_or_unknown(
    facts: dict[str, Any], report_type: str, condition: str
) -> None:
    assert Situation(facts, report_type, NOW).known(condition) in (True, False, None)


@given(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))
def test_unknown_and_false_is_false_and_unknown_and_true_is_unknown(
    first: bool | None, second: bool | None
) -> None:
    values = {first, second}
    expected = False if False in values else None if None in values else True
    assert both(first, second) is expected
