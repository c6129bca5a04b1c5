"""A case's follow-ups, from planned to done, in the database."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cases import followups, store
from bot.cases.followup_plan import followup_table
from bot.cases.followups import FollowupError
from bot.cases.tables import CaseRow, FollowupRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, conversation, filed, told

CASE = "HT-261121-AAAAA"
HIGH = {
    "high.next_look": NOW + timedelta(hours=2),
    "high.named_worker": NOW + timedelta(hours=8),
    "high.phone_visit": NOW + timedelta(days=2),
    "alone_now.home_visit": NOW + timedelta(hours=4),
    "ask_alone.reminder": NOW + timedelta(hours=6),
}


def open_rules(case: CaseRow) -> dict[str | None, datetime]:
    return {row.rule: row.due_at for row in followups.open_of(case)}


def one(case: CaseRow, rule: str, state: str = "planned") -> FollowupRow:
    (row,) = (r for r in case.followups if r.rule == rule and r.state == state)
    return row


def events(case: CaseRow) -> list[str]:
    return [entry.event for entry in case.history]


def test_a_filed_case_has_its_plan_in_the_database(database: Database) -> None:
    with database.writing() as session:
        filed(session)
    with database.reading() as session:
        case = store.find(session, CASE)
        assert case is not None
        assert open_rules(case) == HIGH
        assert [row.kind for row in followups.open_of(case)] == [
            "next_look", "home_visit", "reminder", "named_worker", "phone_visit",
        ]  # fmt: skip
        assert one(case, "ask_alone.reminder").content == {"says": "carer_now"}
        assert one(case, "high.next_look").unit == case.unit == "committee"
        assert case.history[-1].event == "followups_planned"
        assert case.history[-1].actor == "system"
        assert {"kind": "home_visit", "rule": "alone_now.home_visit",
                "due_at": (NOW + timedelta(hours=4)).isoformat()} in case.history[-1].detail["planned"]  # fmt: skip


def test_a_draft_has_no_follow_ups(database: Database) -> None:
    with database.writing() as session:
        case = store.save(session, conversation(session), told(), NOW)
        assert case.followups == []


def test_planning_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        before = events(case)
        followups.plan(case, LATER)
        followups.plan(case, LATER + timedelta(days=3))
        assert open_rules(case) == HIGH
        assert len(case.followups) == len(HIGH)
        assert events(case) == before


def test_a_new_level_plans_anew_what_is_open_and_leaves_what_is_done(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        followups.done(one(case, "high.next_look"), "王干部", LATER, "打过电话")
        one(case, "high.named_worker").assigned = "李儿童主任"
        by_hand = followups.schedule(case, "home_visit", NOW + timedelta(days=9), "staff", NOW)
        store.add_information(case, "小的流血了", {"danger": ["injury"]}, LATER)
        assert case.level == "critical"
        assert open_rules(case) == {
            "critical.next_look": LATER + timedelta(minutes=30),
            "critical.named_worker": LATER + timedelta(hours=2),
            "critical.phone_visit": LATER + timedelta(days=1),
            "alone_now.home_visit": HIGH["alone_now.home_visit"],
            None: by_hand.due_at,
        }
        assert one(case, "high.next_look", "done").record == {"words": "打过电话"}
        assert one(case, "high.phone_visit", "cancelled").done_by == "system"
        assert one(case, "critical.named_worker").assigned == "李儿童主任"
        assert one(case, "critical.next_look").unit == "police"
        detail = case.history[-1].detail
        assert sorted(detail["cancelled"]) == [
            "ask_alone.reminder", "high.named_worker", "high.phone_visit",
        ]  # fmt: skip


def test_a_level_that_comes_back_is_planned_again(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        store.add_information(case, "奶奶来了", {"carer": "grandparent"}, LATER)
        assert case.level == "low"
        assert "alone_now.home_visit" not in open_rules(case)
        assert "entrusted.home_visit" in open_rules(case)
        again = LATER + timedelta(hours=1)
        store.add_information(case, "奶奶走了", {"carer": "nobody"}, again)
        assert case.level == "high"
        assert open_rules(case)["alone_now.home_visit"] == again + timedelta(hours=4)
        assert "entrusted.home_visit" not in open_rules(case)


def test_what_a_person_called_off_is_not_planned_again(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        followups.cancel(one(case, "alone_now.home_visit"), "王干部", LATER, "邻居在")
        store.add_information(case, "门牌是8号", {}, LATER)
        assert "alone_now.home_visit" not in open_rules(case)
        assert one(case, "alone_now.home_visit", "cancelled").record == {"words": "邻居在"}


def test_a_named_worker_who_is_there_is_not_named_again(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        followups.done(one(case, "high.named_worker"), "王干部", LATER, "李儿童主任负责")
        store.add_information(case, "小的流血了", {"danger": ["injury"]}, LATER)
        assert not any(row.kind == "named_worker" for row in followups.open_of(case))


def test_done_keeps_who_when_what_and_how_much(database: Database) -> None:
    with database.writing() as session:
        case = filed(session, facts={**ALONE, "needs": ["food"]})
        row = one(case, "hunger.supplies")
        followups.done(row, "王干部", LATER, "晚饭送到门口", 2)
    with database.reading() as session:
        case = store.find(session, CASE)
        assert case is not None
        row = one(case, "hunger.supplies", "done")
        assert (row.done_by, row.done_at, row.quantity) == ("王干部", LATER, 2)
        assert row.record == {"words": "晚饭送到门口"}
        assert (case.history[-1].actor, case.history[-1].event) == ("王干部", "followup_done")


def test_nothing_is_done_or_called_off_twice(database: Database) -> None:
    with database.writing() as session:
        row = one(filed(session), "high.next_look")
        followups.done(row, "王干部", LATER)
        with pytest.raises(FollowupError, match="is done already"):
            followups.done(row, "别人", LATER)
        with pytest.raises(FollowupError, match="is done already"):
            followups.cancel(row, "别人", LATER)
        assert row.done_by == "王干部"


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("visit", {}, "There is no kind 'visit'"),
        ("reminder", {}, "needs one of the table's texts or own words"),
        ("reminder", {"says": "carer_now", "words": "您好"}, "needs one of the table's texts or"),
        ("reminder", {"says": "carer"}, "There is no reminder 'carer'"),
        ("home_visit", {"words": "您好"}, "Only a reminder"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_and_leaves_nothing(
    database: Database, kind: str, more: dict[str, Any], why: str
) -> None:
    with database.writing() as session:
        case = filed(session)
        with pytest.raises(FollowupError, match=why):
            followups.schedule(case, kind, LATER, "staff", NOW, **more)
        assert open_rules(case) == HIGH


def test_supplies_alone_are_counted(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        with pytest.raises(FollowupError, match="A quantity is for supplies"):
            followups.done(one(case, "high.next_look"), "王干部", LATER, None, 3)
        assert one(case, "high.next_look").state == "planned"


def test_a_withdrawn_case_has_nothing_open_and_takes_nothing_new(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        followups.done(one(case, "high.next_look"), "王干部", LATER)
        store.withdraw(case, LATER)
        assert followups.open_of(case) == []
        assert one(case, "high.next_look", "done").done_by == "王干部"
        assert one(case, "ask_alone.reminder", "cancelled").done_by == "reporter"
        assert events(case).count("followup_cancelled") == len(HIGH) - 1
        with pytest.raises(FollowupError, match="is not open"):
            followups.schedule(case, "home_visit", LATER, "staff", LATER)
        followups.plan(case, LATER)
        assert followups.open_of(case) == []


def test_what_is_due_is_found_by_time_and_region_the_earliest_first(database: Database) -> None:
    with database.writing() as session:
        filed(session)
        filed(session, case_no="HT-261121-BBBBB", at=LATER,
              facts={**ALONE, "location": {"text": "郑州", "adcode": "410105"}})  # fmt: skip
        filed(session, case_no="HT-261121-CCCCC", facts={**ALONE, "location": {"text": "某村"}})
    moment = NOW + timedelta(hours=2, minutes=20)
    with database.reading() as session:
        found = [(row.case.case_no[-1], row.kind) for row in followups.due_before(session, moment)]
        assert found == [("A", "next_look"), ("C", "next_look"), ("B", "next_look")]
        here = list(followups.due_before(session, moment, "4407"))
        assert [row.case.case_no[-1] for row in here] == ["A"]
        assert len(list(followups.due_before(session, region="41"))) == len(HIGH)
        assert not list(followups.due_before(session, region="4%"))


def test_a_follow_up_is_missed_once_its_time_has_passed_and_nobody_did_it(
    database: Database,
) -> None:
    with database.writing() as session:
        row = one(filed(session), "high.next_look")
        assert not followups.is_missed(row, row.due_at)
        assert followups.is_missed(row, row.due_at + timedelta(seconds=1))
        followups.done(row, "王干部", row.due_at + timedelta(hours=1))
        assert not followups.is_missed(row, row.due_at + timedelta(days=1))


def test_what_is_brought_forward_is_never_put_off(database: Database) -> None:
    (look, reminder) = followup_table().answers["not_yet"].followups
    with database.writing() as session:
        case = filed(session)
        followups.bring_forward(case, look, "answer:x", "system", LATER)
        assert open_rules(case)["high.next_look"] == HIGH["high.next_look"]
        followups.done(one(case, "high.next_look"), "王干部", LATER)
        followups.bring_forward(case, look, "answer:x", "system", LATER)
        assert open_rules(case)["answer:x"] == LATER + timedelta(hours=2)
        one(case, "ask_alone.reminder").due_at = NOW + timedelta(days=9)
        followups.bring_forward(case, reminder, "answer:y", "system", LATER)
        assert open_rules(case)["ask_alone.reminder"] == LATER + timedelta(days=1)
        assert case.history[-1].event == "followup_moved"
