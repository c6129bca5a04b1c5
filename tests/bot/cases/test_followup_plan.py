"""Which follow-ups a case gets, and when each is due, with the clock stopped."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cases.followup_plan import followup_table, wanted
from bot.cases.rules import triage
from bot.cases.situation import Situation
from bot.clock import SHANGHAI
from tests.support.cases import ALONE, NOW

CALM: dict[str, Any] = {
    "carer": "grandparent",
    "child_count": 1,
    "ages": [10],
    "health": ["healthy"],
    "danger": [],
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# NOW is Saturday the 21st of November 2026, 10:00
ONE_WORKING_DAY = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI) - NOW
THREE_WORKING_DAYS = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI) - NOW
FIVE_WORKING_DAYS = datetime(2026, 11, 27, 10, tzinfo=SHANGHAI) - NOW

CRITICAL = {
    ("critical.next_look", "police"): 30 * MINUTE,
    ("critical.named_worker", "committee"): 2 * HOUR,
    ("critical.phone_visit", "committee"): DAY,
}
HIGH = {
    ("high.next_look", "police"): 2 * HOUR,
    ("high.named_worker", "committee"): 8 * HOUR,
    ("high.phone_visit", "committee"): 2 * DAY,
}
MEDIUM = {
    ("medium.next_look", "police"): DAY,
    ("medium.phone_visit", "committee"): 3 * DAY,
}
LOW = {("low.next_look", "police"): THREE_WORKING_DAYS}
LEVELS = {"critical": CRITICAL, "high": HIGH, "medium": MEDIUM, "low": LOW}

ALONE_NOW = {
    ("alone_now.home_visit", "committee"): 4 * HOUR,
    ("ask_alone.reminder", "committee"): 6 * HOUR,
}
ALONE_A_WHILE = {
    ("alone_a_while.home_visit", "committee"): DAY,
    ("ask_alone_a_while.reminder", "committee"): DAY,
}
NOT_ASKED = {("alone_now.home_visit", "committee"): 4 * HOUR}
NOT_ASKED_A_WHILE = {("alone_a_while.home_visit", "committee"): DAY}
ENTRUSTED = {
    ("entrusted.phone_visit", "committee"): 3 * DAY,
    ("entrusted.home_visit", "committee"): 7 * DAY,
}
ENTRUSTED_WORKER = {("entrusted.named_worker", "committee"): ONE_WORKING_DAY}

# the situation, its report type, and what it adds at the levels that are not named, and at those
SITUATIONS: dict[str, tuple[dict[str, Any], str, dict[Any, Any], dict[str, dict[Any, Any]]]] = {
    "an adult is there": ({}, "unattended_child", {}, {}),
    "nobody is there": (
        {"carer": "nobody"}, "unattended_child", {},
        {"critical": ALONE_NOW, "high": ALONE_NOW, "medium": ALONE_A_WHILE},
    ),
    "nobody knows who is there": (
        {"carer": None}, "unattended_child", {},
        {"critical": ALONE_NOW, "high": ALONE_NOW, "medium": ALONE_A_WHILE},
    ),
    "nobody is there and there is danger": (
        {"carer": "nobody", "danger": ["violence"]}, "child_self", {},
        {"critical": NOT_ASKED, "high": NOT_ASKED, "medium": NOT_ASKED_A_WHILE},
    ),
    "an adult was entrusted": (
        {"reason": ["working_away"]}, "unattended_child", ENTRUSTED,
        {"medium": ENTRUSTED | ENTRUSTED_WORKER, "low": ENTRUSTED | ENTRUSTED_WORKER},
    ),
    "the carer is frail": (
        {"weak_carer": True}, "unattended_child",
        {("weak_carer.home_visit", "committee"): DAY}, {},
    ),
    "the gap is coming": (
        {"planned": True}, "guardian_difficulty",
        {("gap_coming.phone_visit", "committee"): DAY,
         ("ask_gap.reminder", "committee"): 3 * DAY}, {},
    ),
    "the child is infected": (
        {"health": ["confirmed"]}, "unattended_child",
        {("infected.phone_visit", "medical"): DAY}, {},
    ),
    "the child had contact": (
        {"health": ["contact"]}, "unattended_child",
        {("contact.phone_visit", "medical"): DAY}, {},
    ),
    "food is short": (
        {"needs": ["food"]}, "unattended_child",
        {("hunger.supplies", "committee"): 12 * HOUR}, {},
    ),
    "masks are short": (
        {"needs": ["supplies"]}, "unattended_child",
        {("shortage.supplies", "committee"): 2 * DAY}, {},
    ),
    "only papers are missing": (
        {"needs": ["documents"]}, "guardian_difficulty",
        {("papers.phone_visit", "county_civil_affairs"): THREE_WORKING_DAYS}, {},
    ),
    "only lessons are missing": (
        {"needs": ["schooling"]}, "guardian_difficulty",
        {("schooling.phone_visit", "education"): THREE_WORKING_DAYS}, {},
    ),
    "a child is registered in advance": (
        {}, "preregistration",
        {("preregistered.phone_visit", "committee"): 30 * DAY,
         ("greet.reminder", "committee"): 60 * DAY}, {},
    ),
    "the child moved here": (
        {"kind": "moving"}, "unattended_child",
        {("moved_here.phone_visit", "county_civil_affairs"): FIVE_WORKING_DAYS}, {},
    ),
}  # fmt: skip


def given(facts: dict[str, Any], report_type: str = "unattended_child") -> Situation:
    known = {name: value for name, value in {**CALM, **facts}.items() if value is not None}
    return Situation(known, report_type, NOW)


def due(level: str, situation: Situation, now: datetime = NOW) -> dict[tuple[str, str], timedelta]:
    return {(w.rule, w.unit): w.due_at - now for w in wanted(level, situation, "police", now)}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SITUATIONS)
def test_each_level_and_situation_gets_its_plan_at_its_times(level: str, name: str) -> None:
    facts, report_type, always, at_level = SITUATIONS[name]
    expected = LEVELS[level] | at_level.get(level, always)
    assert due(level, given(facts, report_type)) == expected


def test_a_committee_that_cannot_cope_leaves_one_named_worker() -> None:
    planned = due("high", given({"cannot_cope": True}))
    assert [key for key in planned if "named_worker" in key[0]] == [
        ("high.named_worker", "committee")
    ]
    planned = due("medium", given({"cannot_cope": True}))
    assert planned[("cannot_cope.named_worker", "county_civil_affairs")] == DAY


def test_the_bot_asks_nothing_by_itself_while_nobody_knows_about_danger() -> None:
    known = {**CALM, "carer": "nobody"}
    silent = Situation(known, "child_self", NOW, frozenset({"danger"}))
    assert not [rule for rule, _ in due("critical", silent) if "reminder" in rule]


def test_working_days_pass_over_the_week_of_national_day() -> None:
    before = datetime(2026, 9, 30, 15, 30, tzinfo=SHANGHAI)
    planned = due("low", given({"needs": ["schooling"]}), before)
    expected = datetime(2026, 10, 10, 15, 30, tzinfo=SHANGHAI) - before  # that Saturday is worked
    assert planned[("low.next_look", "police")] == expected
    assert planned[("schooling.phone_visit", "education")] == expected


def test_every_line_of_the_plan_is_used_by_one_of_these_situations() -> None:
    used = {rule for facts, kind, *_ in SITUATIONS.values() for level in LEVELS
            for rule, _ in due(level, given(facts, kind))}  # fmt: skip
    used |= {rule for rule, _ in due("low", given({"cannot_cope": True}))}
    table = {
        f"{rule.rule}.{item.kind}" for rule in followup_table().plan for item in rule.followups
    }
    assert used == table


def test_the_first_look_is_due_when_triage_says() -> None:
    for facts in ({"danger": ["injury"]}, ALONE, {"weak_carer": True}, {}):
        situation = given(facts)
        risk = triage(situation, NOW)
        (look,) = (w for w in wanted(risk.level, situation, "committee", NOW)
                   if w.item.kind == "next_look")  # fmt: skip
        assert look.due_at == risk.due_at


def test_the_night_lies_between_ten_and_eight() -> None:
    sending = followup_table().sending
    hours = [h for h in range(24) if sending.is_night(NOW.replace(hour=h, minute=0))]
    assert hours == [*range(8), 22, 23]
    assert sending.is_night(NOW.replace(hour=7, minute=59))
