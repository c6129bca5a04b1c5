"""What staff set against the rules holds, is kept with who and why, and never hides worse news."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases import overrides, store
from bot.cases.assessing import urgency
from bot.cases.export import as_contract
from bot.cases.overrides import OverrideError
from bot.cases.rules import triage
from bot.cases.situation import situation_of
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import DANGERS, LEVELS, UNITS
from bot.database import Database
from tests.bot.cases.test_rules_properties import VALUES
from tests.support.cases import ALONE, LATER, NOW, filed

WHO = "王工"
WHY = "打过电话，邻居在陪"
MUCH_LATER = LATER + timedelta(hours=1)


def last(row: CaseRow, event: str) -> Any:
    return next(entry for entry in reversed(row.history) if entry.event == event)


def test_a_level_that_staff_set_holds_and_says_who_and_why(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_level(row, "medium", WHO, WHY, LATER)
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert (row.level, row.due_at) == ("medium", LATER + timedelta(hours=24))
        line = last(row, "override")
        assert (line.actor, line.at) == (WHO, LATER)
        assert line.detail == {
            "what": "level",
            "before": "high",
            "after": "medium",
            "why": WHY,
            "level_before": "high",
            "unit_before": "committee",
            "level": "medium",
            "unit": "committee",
        }
        case = as_contract(row)
        assert WHO in case["risk"]["reasons"][0] and WHY in case["risk"]["reasons"][0]
        assert "八岁以下的孩子身边没有人" in case["risk"]["reasons"]
        assert {"level": "medium"}.items() <= next(
            entry["detail"] for entry in case["history"] if entry["event"] == "override"
        ).items()


def test_a_level_that_was_lowered_holds_through_news_that_is_no_worse(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_level(row, "medium", WHO, WHY, LATER)
        store.add_information(row, "他们住三楼", {"needs": ["schooling"]}, MUCH_LATER)
        assert (row.level, row.due_at) == ("medium", LATER + timedelta(hours=24))


@pytest.mark.parametrize(
    "news",
    [{"danger": ["violence"]}, {"health": ["fever"]}, {"ages": [2, 6]}],
    ids=["danger", "fever", "a baby"],
)
def test_worse_news_goes_above_a_level_that_was_lowered_and_the_history_says_so(
    database: Database, news: dict[str, Any]
) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_level(row, "low", WHO, WHY, LATER)
        store.add_information(row, "更糟了", news, MUCH_LATER)
        assert (row.level, row.due_at) == ("critical", MUCH_LATER + timedelta(minutes=30))
        line = last(row, "override_exceeded")
        assert line.detail == {"what": "level", "set_to": "low", "level": "critical"}


def test_another_danger_raises_a_case_that_was_critical_by_danger_before_it_was_lowered(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session, facts={**ALONE, "danger": ["no_food"]})
        overrides.override_level(row, "medium", WHO, WHY, LATER)
        store.add_information(row, "还是没吃的", {"danger": ["no_food"]}, LATER)
        assert row.level == "medium"
        store.add_information(row, "有人打他", {"danger": ["violence"]}, MUCH_LATER)
        assert row.level == "critical"


def test_another_danger_counts_where_staff_had_set_both_danger_and_level(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "danger", ["injury"], WHO, WHY, LATER)
        overrides.override_level(row, "high", WHO, WHY, LATER)
        store.add_information(row, "有人打他", {"danger": ["violence"]}, MUCH_LATER)
        assert row.facts["facts"]["danger"] == ["injury", "violence"]
        assert row.level == "critical"


def test_what_becomes_known_raises_a_case_that_was_critical_by_ignorance(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session, facts={"relation": "neighbour"})
        assert row.level == "critical"
        overrides.override_level(row, "low", WHO, WHY, LATER)
        store.add_information(row, "孩子九岁", {"ages": [9]}, LATER)
        assert row.level == "low"
        store.add_information(row, "一个人", {"carer": "nobody", "health": ["healthy"]}, LATER)
        assert urgency(row.level) >= urgency("medium")


def test_a_level_that_was_raised_is_never_below_what_the_rules_say(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, facts={**ALONE, "carer": "grandparent"})
        assert row.level == "low"
        overrides.override_level(row, "high", WHO, WHY, LATER)
        assert (row.level, row.due_at) == ("high", LATER + timedelta(hours=2))
        store.add_information(row, "没事", {"needs": ["money"]}, MUCH_LATER)
        assert row.level == "high"
        store.add_information(row, "起火了", {"danger": ["fire"]}, MUCH_LATER)
        assert row.level == "critical"


def test_staff_who_look_again_may_lower_what_news_had_raised(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_level(row, "low", WHO, WHY, LATER)
        store.add_information(row, "打起来了", {"danger": ["violence"]}, LATER)
        overrides.override_level(row, "medium", WHO, "去看过了，没有打架", MUCH_LATER)
        assert row.level == "medium"


def test_a_unit_that_staff_set_is_responsible_and_the_rules_unit_is_told(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_unit(row, "protection_institution", WHO, WHY, LATER)
        store.add_information(row, "还缺书包", {"needs": ["schooling"]}, LATER)
        assert row.unit == "protection_institution"
        assert row.assessment["referrals"] == ["committee", "township"]
        assert WHY in row.assessment["why"]
        store.add_information(row, "有人打他", {"danger": ["violence"]}, MUCH_LATER)
        assert row.unit == "police"
        assert "protection_institution" in row.assessment["referrals"]


def test_the_committee_that_cannot_cope_hands_the_case_to_the_county(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "cannot_cope", True, "幸福村村委会", "人手不够", LATER)
        assert (row.unit, row.assessment["referrals"]) == (
            "county_civil_affairs",
            ["protection_institution"],
        )
        assert last(row, "override").detail["unit_before"] == "committee"
        store.add_information(row, "还是没人", {"carer": "nobody"}, MUCH_LATER)
        assert row.unit == "county_civil_affairs"
        overrides.lift(row, "cannot_cope", WHO, "村委会又能照看了", MUCH_LATER)
        assert row.unit == "committee"
        assert last(row, "override_lifted").detail["why"] == "村委会又能照看了"


def test_a_fact_that_staff_found_counts_and_comes_back_when_it_is_lifted(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "carer", "neighbour", WHO, "上门看见邻居在", LATER)
        assert (row.level, row.facts["facts"]["carer"]) == ("low", "neighbour")
        assert last(row, "override").detail["before"] == "nobody"
        overrides.override_fact(row, "carer", "relative", WHO, "姑姑也来了", LATER)
        overrides.lift(row, "carer", WHO, "看错了", MUCH_LATER)
        assert (row.level, row.facts["facts"]["carer"]) == ("high", "nobody")
        assert row.facts["overrides"] == {}


def test_a_fact_can_be_set_back_to_unknown_and_raises(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, facts={**ALONE, "carer": "grandparent"})
        overrides.override_fact(row, "carer", None, WHO, "奶奶不在家", LATER)
        assert row.level == "high"
        assert "身边有没有人不清楚" in row.assessment["reasons"][0]


def test_a_reporters_word_changes_a_fact_of_staff_only_when_it_is_worse(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "carer", "neighbour", WHO, WHY, LATER)
        store.add_information(row, "是亲戚在", {"carer": "relative"}, LATER)
        assert row.facts["facts"]["carer"] == "neighbour"
        store.add_information(row, "现在又没人了", {"carer": "nobody"}, MUCH_LATER)
        assert (row.facts["facts"]["carer"], row.level) == ("nobody", "high")
        assert last(row, "override_exceeded").detail == {
            "what": "carer",
            "set_to": "neighbour",
            "told": "nobody",
        }
        assert "现在又没人了" in row.facts["narrative"]


def test_what_the_reporter_said_meanwhile_counts_once_a_fact_is_lifted(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "carer", "neighbour", WHO, WHY, LATER)
        store.add_information(row, "是亲戚在", {"carer": "relative"}, LATER)
        overrides.lift(row, "carer", WHO, "按报告人说的", MUCH_LATER)
        assert row.facts["facts"]["carer"] == "relative"


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda row: overrides.override_level(row, "urgent", WHO, WHY, NOW), "no level 'urgent'"),
        (lambda row: overrides.override_unit(row, "army", WHO, WHY, NOW), "no unit 'army'"),
        (lambda row: overrides.override_fact(row, "mood", "x", WHO, WHY, NOW), "no fact 'mood'"),
        (
            lambda row: overrides.override_fact(row, "carer", "cat", WHO, WHY, NOW),
            "carer cannot be 'cat'",
        ),
        (
            lambda row: overrides.override_fact(row, "since", "2026-11-21T08:00:00", WHO, WHY, NOW),
            "since cannot be",
        ),
        (lambda row: overrides.override_level(row, "low", " ", WHY, NOW), "Say who"),
        (lambda row: overrides.override_level(row, "low", "长" * 41, WHY, NOW), "Say who"),
        (lambda row: overrides.override_level(row, "low", WHO, " ", NOW), "Say why"),
        (lambda row: overrides.lift(row, "level", WHO, WHY, NOW), "Nobody has set level"),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(
    database: Database, call: Any, named: str
) -> None:
    with database.writing() as session:
        row = filed(session)
        with pytest.raises(OverrideError, match=named):
            call(row)
        assert (row.level, row.facts["facts"]) == ("high", ALONE)
        assert not [entry for entry in row.history if entry.event == "override"]


@pytest.mark.parametrize("status", ["draft", "withdrawn", "closed", "duplicate"])
def test_only_an_open_case_can_be_changed(database: Database, status: str) -> None:
    with database.writing() as session:
        row = filed(session)
        row.status = status
        with pytest.raises(OverrideError, match=f"is {status}"):
            overrides.override_level(row, "low", WHO, WHY, LATER)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("carer", "nobody", "nobody"),
        ("ages", "3, 6.5", [3.0, 6.5]),
        ("child_count", "2", 2),
        ("health", "fever,ill", ["fever", "ill"]),
        ("danger", "", []),
        ("cannot_cope", "Yes", True),
        ("weak_carer", "no", False),
        ("since", "2026-11-20", "2026-11-20"),
        ("ages", "unknown", None),
    ],
)
def test_a_value_is_read_as_it_is_typed(field: str, text: str, value: Any) -> None:
    assert overrides.read_value(field, text) == value
    assert value is None or overrides.FACTS[field](value)


@pytest.mark.parametrize(("field", "text"), [("ages", "many"), ("cannot_cope", "maybe")])
def test_a_value_that_cannot_be_read_is_named(field: str, text: str) -> None:
    with pytest.raises(OverrideError, match=text):
        overrides.read_value(field, text)


SETTABLE = ("carer", "ages", "since", "health", "reason", "needs", "danger", "weak_carer")
NEWS = st.tuples(st.just("news"), st.sampled_from(SETTABLE))
FOUND = st.tuples(st.just("found"), st.sampled_from(SETTABLE))
SET = st.tuples(st.just("level"), st.sampled_from(LEVELS)) | st.tuples(
    st.just("unit"), st.sampled_from(UNITS)
)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.lists(NEWS | FOUND | SET, max_size=6), st.sampled_from(DANGERS))
def test_after_any_changes_the_level_fits_the_facts_and_a_new_danger_is_never_hidden(
    database_of_kind: Any, data: st.DataObject, steps: list[tuple[str, str]], danger: str
) -> None:
    with database_of_kind("sqlite").writing() as session:
        row = filed(session)
        for kind, what in steps:
            if kind == "news":
                store.add_information(row, "又说", {what: data.draw(VALUES[what])}, LATER)
            elif kind == "found":
                overrides.override_fact(row, what, data.draw(VALUES[what]), WHO, WHY, LATER)
            elif kind == "level":
                overrides.override_level(row, what, WHO, WHY, LATER)
            else:
                overrides.override_unit(row, what, WHO, WHY, LATER)
            rules = triage(situation_of(row.facts, row.report_type, LATER), LATER)
            settings_held = row.facts.get("overrides") or {}
            if "level" not in settings_held:
                assert row.level == rules.level
            assert row.unit in UNITS and row.unit not in row.assessment["referrals"]
        known = set(row.facts["facts"].get("danger") or ())
        if danger not in known:
            store.add_information(row, "危险", {"danger": [danger]}, LATER)
            assert (row.level, row.unit) == ("critical", "police")
        session.rollback()
