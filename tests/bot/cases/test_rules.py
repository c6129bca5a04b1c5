"""The contract's two tables (section 3), row by row."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cases.rules import (
    ConditionTable,
    RoutingTable,
    TriageTable,
    condition_table,
    route,
    routing_table,
    triage,
    triage_table,
)
from bot.cases.situation import CONDITIONS, Situation
from bot.cases.vocabulary import DANGERS, LEVELS, UNITS
from tests.support.cases import NOW

CALM: dict[str, Any] = {
    "carer": "grandparent",
    "child_count": 1,
    "ages": [10],
    "health": ["healthy"],
    "reason": ["working_away"],
    "danger": [],
    "needs": ["care"],
}
TODAY = "2026-11-21T08:00:00+08:00"
LAST_NIGHT = "2026-11-20T20:00:00+08:00"


def situation(report_type: str = "unattended_child", **changes: Any) -> Situation:
    facts = {name: value for name, value in {**CALM, **changes}.items() if value is not None}
    unanswered = frozenset(name for name, value in changes.items() if value is None)
    return Situation(facts, report_type, NOW, unanswered)


def alone(age: float, since: str | None = TODAY, **changes: Any) -> dict[str, Any]:
    return {"carer": "nobody", "ages": [age], "since": since, **changes}


CHILD = {"report_type": "child_self"}

# level, the conditions of the row that must give it, the facts
ROWS: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    *[("critical", ("danger",), {"danger": [kind]}) for kind in DANGERS],
    ("critical", ("nobody", "under_3"), alone(2)),
    ("critical", ("nobody", "under_3"), alone(0.67)),
    ("critical", ("nobody", "under_3"), alone(9, ages=[9, 2.5], child_count=2)),
    ("critical", ("nobody", "fever"), alone(14, health=["fever"])),
    ("critical", ("nobody", "injured"), alone(14, health=["injured"])),
    ("critical", ("nobody", "no_food"), alone(14, danger=["no_food"])),
    ("high", ("nobody", "under_8"), alone(3)),
    ("high", ("nobody", "under_8"), alone(7.5)),
    ("high", ("nobody", "disabled"), alone(17, health=["disabled"])),
    ("high", ("nobody", "under_16", "night_or_day"), alone(15, LAST_NIGHT)),
    ("high", ("nobody", "under_16", "night_or_day"), alone(15, "2026-11-20")),
    ("high", ("nobody", "under_16", "night_or_day"), alone(8, "2026-11-18T12:00:00+08:00")),
    *[
        ("high", ("sick_with_infection", "guardians_absent"), {"health": [health]})
        for health in ("confirmed", "suspected", "fever")
    ],
    ("high", ("child_wrote", "nobody"), alone(17, **CHILD)),
    ("medium", ("gap_coming",), {"planned": True}),
    ("medium", ("weak_carer",), {"carer": "sibling"}),
    ("medium", ("weak_carer",), {"weak_carer": True}),
    ("medium", ("nobody", "from_8_to_15"), alone(8)),
    ("medium", ("nobody", "from_8_to_15"), alone(15.9)),
    ("medium", ("food_or_medicine",), {"needs": ["food"]}),
    ("medium", ("food_or_medicine",), {"needs": ["money", "medicine"]}),
    ("low", ("preregistration",), {"report_type": "preregistration"}),
    ("low", ("preregistration",), {"report_type": "preregistration", "carer": None}),
    *[
        ("low", ("only_money_or_schooling",), {"needs": [need]})
        for need in ("money", "documents", "schooling")
    ],
    ("low", ("adult_there",), {}),
    ("low", ("adult_there",), {"carer": "committee", "needs": ["psychological"]}),
    ("low", (), alone(16)),
    ("low", (), alone(17, LAST_NIGHT)),
]


@pytest.mark.parametrize(("level", "conditions", "facts"), ROWS)
def test_each_row_of_the_triage_table_gives_its_level_and_says_why(
    level: str, conditions: tuple[str, ...], facts: dict[str, Any]
) -> None:
    risk = triage(situation(**facts), NOW)
    assert risk.level == level
    table = next(entry for entry in triage_table().levels if entry.level == level)
    reason = next(rule.reason for rule in table.any if tuple(rule.all) == conditions)
    assert reason in risk.sentences()


def test_no_row_of_the_triage_table_is_without_an_example_here() -> None:
    shown = {(level, conditions) for level, conditions, _ in ROWS}
    held = {(level.level, tuple(rule.all)) for level in triage_table().levels for rule in level.any}
    assert shown == held


def test_a_row_does_not_hold_one_year_or_one_hour_too_far() -> None:
    assert triage(situation(**alone(3)), NOW).level == "high"
    assert triage(situation(**alone(8)), NOW).level == "medium"
    assert triage(situation(**alone(16, LAST_NIGHT)), NOW).level == "low"
    assert triage(situation(ages=[2]), NOW).level == "low"
    assert triage(situation(health=["contact"]), NOW).level == "low"


@pytest.mark.parametrize(
    ("level", "field", "facts", "words"),
    [
        ("critical", "danger", {}, "有没有危险"),
        ("critical", "ages", {"carer": "nobody"}, "是不是三岁以下"),
        ("critical", "ages", {"carer": "nobody", "child_count": 2, "ages": [9]}, "是不是三岁以下"),
        ("critical", "health", alone(12), "有没有发烧"),
        ("critical", "carer", {"ages": [2]}, "身边有没有人"),
        ("high", "since", alone(12), "独自多久了"),
        ("high", "reason", {"health": ["fever"]}, "监护人在不在"),
        ("medium", "carer", {"ages": [17]}, "谁在照看、身体怎样"),
        ("medium", "needs", {}, "缺不缺食物和药品"),
    ],
)
def test_what_nobody_knows_raises_the_level_and_the_reason_says_so(
    level: str, field: str, facts: dict[str, Any], words: str
) -> None:
    changes = (
        facts if len(facts.get("ages", ())) == 1 and field == "ages" else {**facts, field: None}
    )
    risk = triage(situation(**changes), NOW)
    assert risk.level == level
    assert any(words in sentence and "不清楚" in sentence for sentence in risk.sentences())


def test_not_knowing_how_many_children_there_are_leaves_room_for_a_small_one() -> None:
    assert triage(situation(**alone(12, child_count=None)), NOW).level == "critical"


def test_what_is_known_is_never_called_unknown() -> None:
    risk = triage(situation(**alone(2), health=None), NOW)
    assert risk.sentences() == ["三岁以下的孩子身边没有人"]


def test_staff_see_what_is_known_beside_what_raised_the_level() -> None:
    risk = triage(situation(**alone(5), health=None), NOW)
    assert (risk.level, risk.known_level) == ("critical", "high")
    *raised, known = risk.sentences()
    assert all(line.startswith("可能：") and "不清楚" in line for line in raised)
    assert known == "八岁以下的孩子身边没有人"


def test_a_report_of_which_nothing_is_known_is_as_urgent_as_the_worst_it_may_be() -> None:
    risk = triage(Situation({}, "unattended_child", NOW), NOW)
    assert (risk.level, risk.known_level) == ("critical", "low")
    assert "身边有没有人、是不是三岁以下不清楚" in risk.sentences()[0]


def test_a_gap_that_is_still_to_come_is_medium_until_it_has_begun() -> None:
    planned = {"planned": True, "carer": "nobody", "ages": [5], "since": None}
    risk = triage(Situation({**CALM, **planned}, "guardian_difficulty", NOW), NOW)
    assert (risk.level, risk.sentences()) == ("medium", ["几天内会没有人照顾"])
    begun = {**CALM, **planned, "since": TODAY}
    assert triage(Situation(begun, "guardian_difficulty", NOW), NOW).level == "high"


def test_a_healthy_child_that_wrote_is_not_taken_for_a_baby_when_it_tells_no_age() -> None:
    wrote = situation("child_self", carer="nobody", ages=None)
    assert triage(wrote, NOW).level == "high"
    two = situation("child_self", carer="nobody", ages=None, child_count=2)
    assert triage(two, NOW).level == "critical"


def test_small_children_together_are_as_alone_as_one() -> None:
    together = {"carer": "sibling", "child_count": 2, "since": TODAY}
    assert triage(situation(**together, ages=[2, 5]), NOW).level == "critical"
    assert triage(situation(**together, ages=[4, 7]), NOW).level == "high"
    assert triage(situation(**together, ages=[2, 11]), NOW).level == "medium"


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"danger": ["fire"]}, timedelta(minutes=30)),
        (alone(5), timedelta(hours=2)),
        ({"planned": True}, timedelta(hours=24)),
    ],
)
def test_a_person_must_look_within_the_contracts_time(
    facts: dict[str, Any], due: timedelta
) -> None:
    assert triage(situation(**facts), NOW).due_at == NOW + due


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-16T09:30:00+08:00", "2026-11-19T09:30:00+08:00"),  # Monday: Thursday
        ("2026-11-19T09:30:00+08:00", "2026-11-24T09:30:00+08:00"),  # over a weekend
        ("2026-11-21T10:00:00+08:00", "2026-11-25T10:00:00+08:00"),  # on a Saturday
        ("2026-09-30T10:00:00+08:00", "2026-10-10T10:00:00+08:00"),  # 1-7 off, Saturday 10 worked
        ("2026-10-03T10:00:00+08:00", "2026-10-10T10:00:00+08:00"),  # within National Day
        ("2026-11-15T20:00:00+00:00", "2026-11-19T04:00:00+08:00"),  # Monday in Shanghai
    ],
)
def test_three_working_days_are_counted_by_the_chinese_calendar(submitted: str, due: str) -> None:
    assert triage(situation(), datetime.fromisoformat(submitted)).due_at == datetime.fromisoformat(
        due
    )


DANGER_ALSO = ("county_civil_affairs", "protection_institution")
ROUTES: list[tuple[tuple[str, ...], str, tuple[str, ...], dict[str, Any]]] = [
    *[
        (("danger",), "police", DANGER_ALSO, {"danger": [kind]})
        for kind in ("violence", "suicide", "fire", "missing", "no_food", "other")
    ],
    (("danger",), "police", (*DANGER_ALSO, "womens_federation"), {"danger": ["abuse"]}),
    (("danger",), "police", (*DANGER_ALSO, "medical"), {"danger": ["injury"]}),
    (("danger",), "police", (*DANGER_ALSO, "medical"), {"danger": ["unconscious"]}),
    (
        ("danger",),
        "police",
        (*DANGER_ALSO, "womens_federation", "medical"),
        {"danger": ["abuse", "injury"], **alone(3)},
    ),
    (("confirmed_or_suspected",), "medical", ("committee",), {"health": ["confirmed"]}),
    (("confirmed_or_suspected",), "medical", ("committee",), {"health": ["suspected"], **alone(3)}),
    (("contact_or_fever",), "medical", ("committee",), {"health": ["contact"]}),
    (("contact_or_fever",), "medical", ("committee",), {"health": ["fever"]}),
    (
        ("cannot_cope",),
        "county_civil_affairs",
        ("protection_institution",),
        alone(5, cannot_cope=True),
    ),
    (
        ("danger",),
        "police",
        (*DANGER_ALSO, "medical"),
        {"danger": ["violence"], "health": ["injured"]},
    ),
    (
        ("contact_or_fever",),
        "medical",
        ("committee", *DANGER_ALSO),
        {"health": ["fever"], "cannot_cope": True},
    ),
    (
        ("confirmed_or_suspected",),
        "medical",
        ("committee", *DANGER_ALSO),
        {"health": ["suspected"], "cannot_cope": True},
    ),
    (("nobody",), "committee", ("township",), alone(5)),
    (("nobody",), "committee", ("township",), alone(5, needs=["schooling"])),
    (("entrusted",), "committee", (), {}),
    (("entrusted",), "committee", (), {"reason": ["deceased", "working_away"]}),
    ((), "committee", ("township",), {"reason": ["deceased"]}),
    ((), "committee", ("township",), {"carer": "committee"}),
    ((), "committee", ("township",), {"carer": None, "needs": ["schooling"]}),
    ((), "committee", ("township",), {"carer": "sibling", "needs": ["money"], "reason": None}),
    (
        ("moved_here",),
        "committee",
        ("county_civil_affairs",),
        {"kind": "moving", "report_type": "preregistration"},
    ),
    (
        ("only_money_or_papers",),
        "county_civil_affairs",
        (),
        {"reason": None, "needs": ["money", "documents"]},
    ),
    (("only_schooling",), "education", ("committee",), {"reason": None, "needs": ["schooling"]}),
    (("moved_here",), "committee", ("county_civil_affairs",), {"reason": None, "kind": "moving"}),
    ((), "committee", ("township",), {"reason": None}),
    ((), "committee", ("township",), {"carer": None, "danger": None}),
]


@pytest.mark.parametrize(("conditions", "unit", "also", "facts"), ROUTES)
def test_each_row_of_the_routing_table_gives_its_unit_and_who_else_is_told(
    conditions: tuple[str, ...], unit: str, also: tuple[str, ...], facts: dict[str, Any]
) -> None:
    routing = route(situation(**facts))
    assert (routing.unit, set(routing.referrals)) == (unit, set(also))
    row = next(row for row in routing_table().rows if tuple(row.all) == conditions)
    assert routing.why == row.why


def test_no_row_of_the_routing_table_is_without_an_example_here() -> None:
    assert {row[0] for row in ROUTES} == {tuple(row.all) for row in routing_table().rows}


def test_the_tables_use_the_contracts_levels_units_and_times() -> None:
    assert [level.level for level in triage_table().levels] == list(LEVELS)
    assert [level.due for level in triage_table().levels] == [
        {"minutes": 30},
        {"hours": 2},
        {"hours": 24},
        {"working_days": 3},
    ]
    assert {row.unit for row in routing_table().rows} <= set(UNITS)


def test_every_condition_that_staff_may_use_can_be_answered() -> None:
    nothing = Situation({}, "unattended_child", NOW)
    assert {nothing.known(name) for name in CONDITIONS} <= {True, False, None}


def test_the_words_of_a_condition_are_missing_and_it_is_named() -> None:
    words = condition_table().dict()["conditions"]
    with pytest.raises(ValueError, match="'danger' needs both words here and a test"):
        ConditionTable.parse_obj(
            {"conditions": {name: each for name, each in words.items() if name != "danger"}}
        )


def _triage(**changes: Any) -> dict[str, Any]:
    return {**triage_table().dict(), **changes}


def _first_level(**changes: Any) -> dict[str, Any]:
    first, *rest = triage_table().dict()["levels"]
    return _triage(levels=[{**first, **changes}, *rest])


def _rule(**changes: Any) -> list[dict[str, Any]]:
    return [{"all": ["danger"], "reason": "r", **changes}]


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (_first_level(any=_rule(all=["dangr"])), "there is no condition 'dangr'"),
        (_first_level(any=_rule(reson="r")), "reson"),
        (_first_level(any=[{"all": ["danger"]}]), "reason"),
        (_first_level(level="urgent"), "the levels must be critical, high, medium, low"),
        (_first_level(due={"fortnights": 1}), "fortnights"),
        (_first_level(due={}), "due"),
        (_first_level(due={"minutes": 0}), "due"),
        (_triage(levels=triage_table().dict()["levels"][:3]), "the levels must be"),
        (_first_level(any=_rule(all=["moved_here"])), "'moved_here' has no 'unknown'"),
        (_triage(extra=1), "extra"),
        (
            _triage(
                levels=[
                    *triage_table().dict()["levels"][:3],
                    {"level": "low", "due": {"hours": 1}, "any": _rule()},
                ]
            ),
            "the lowest level",
        ),
    ],
)
def test_a_mistake_in_the_triage_table_is_named(broken: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TriageTable.parse_obj(broken)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"unit": "army"}, "there is no unit 'army'"),
        ({"also": ["army"]}, "there is no unit 'army'"),
        ({"more": [{"any": ["abuse"], "also": ["army"]}]}, "there is no unit 'army'"),
        ({"more": [{"any": ["abus"], "also": []}]}, "there is no condition 'abus'"),
        ({"all": ["dangr"]}, "there is no condition 'dangr'"),
        ({"wy": "x"}, "wy"),
    ],
)
def test_a_mistake_in_the_routing_table_is_named(change: dict[str, Any], named: str) -> None:
    first, *rest = routing_table().dict()["rows"]
    with pytest.raises(ValueError, match=named):
        RoutingTable.parse_obj({"rows": [{**first, **change}, *rest]})


def test_a_routing_table_that_leaves_a_case_without_a_unit_is_named() -> None:
    with pytest.raises(ValueError, match="the last row"):
        RoutingTable.parse_obj({"rows": routing_table().dict()["rows"][:-1]})
