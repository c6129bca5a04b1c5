"""What staff do with a case: who has it, what was done, how it ends and goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cases import followups, handling, ledger, store
from bot.cases.assessing import reassess
from bot.cases.handling import HandlingError
from bot.cases.outcomes import outcome_table
from bot.cases.staff_tables import TransferRow
from bot.cases.tables import CaseRow, ConversationRow, FollowupRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, conversation, filed, told

HOUR = timedelta(hours=1)
OTHER = "HT-261121-BBBBB"
DISABLED = {**ALONE, "health": ["disabled"]}
"""With a candidate of the ledger."""


def events(row: CaseRow) -> list[str]:
    return [line.event for line in row.history]


def planned(row: CaseRow) -> list[str]:
    return [each.kind for each in followups.open_of(row)]


def of_the_plan(row: CaseRow) -> list[FollowupRow]:
    return [each for each in followups.open_of(row) if not each.rule.startswith(ledger.RULE)]


def test_who_takes_a_case_on_has_it_and_has_looked(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        assert "next_look" in planned(row)
        handling.accept(row, "李主任", LATER)
        assert (row.status, row.assigned, row.updated_at) == ("accepted", "李主任", LATER)
        assert "next_look" not in planned(row)
        assert events(row)[-1] == "accepted"


def test_nobody_takes_a_case_from_a_colleague_by_taking_it_on(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        for name in ("a", "b"):
            with pytest.raises(HandlingError):
                handling.accept(row, name, LATER)


def test_a_case_that_is_given_back_waits_for_everybody_with_its_old_due_time(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        due = row.due_at
        handling.accept(row, "a", NOW)
        handling.give_back(row, "a", LATER)
        session.flush()
        assert (row.status, row.assigned, row.waits_until) == ("new", None, due)
        with pytest.raises(HandlingError):
            handling.give_back(row, "a", LATER)


def test_an_unfinished_report_that_somebody_watches_is_filed_as_a_new_one(
    database: Database,
) -> None:
    with database.writing() as session:
        talk = conversation(session)
        row = store.save(session, talk, told(), NOW)
        handling.accept(row, "a", NOW)
        assert (row.status, row.assigned) == ("draft", "a")
        store.save(session, talk, told(filed=True), LATER)
        assert (row.status, row.assigned) == ("new", "a")
        handling.accept(row, "a", LATER)  # it is still to be taken on
        assert row.status == "accepted"


def test_an_unfinished_report_that_was_put_aside_comes_back_when_more_is_told(
    database: Database,
) -> None:
    with database.writing() as session:
        talk = conversation(session)
        row = store.save(session, talk, told(), NOW)
        handling.close(session, row, "no_need", "电话里问过了", "a", NOW)
        store.save(session, talk, told(), LATER)
        session.flush()
        assert (row.status, row.urgency) == ("closed", None)
        store.save(session, talk, told(facts={**ALONE, "danger": ["injury"]}), LATER)
        session.flush()
        assert (row.status, row.ended_at, row.outcome) == ("draft", None, None)
        assert row.urgency == 0
        assert events(row)[-1] == "resumed"


def test_a_put_aside_report_that_is_filed_after_all_is_a_new_case(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        row = store.save(session, talk, told(), NOW)
        handling.close(session, row, "no_need", "电话里问过了", "a", NOW)
        store.save(session, talk, told(filed=True), LATER)
        assert (row.status, row.submitted_at, row.ended_at) == ("new", LATER, None)
        assert planned(row)


def test_a_visit_settles_what_was_planned_and_the_case_is_under_way(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        before = planned(row).count("home_visit")
        done = handling.record(row, "home_visit", "孩子在邻居家", "a", LATER)
        assert planned(row).count("home_visit") == before - 1
        assert (done.state, done.done_by, done.record) == ("done", "a", {"words": "孩子在邻居家"})
        assert row.status == "in_progress"


def test_what_nobody_planned_can_be_recorded_too(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        done = handling.record(row, "supplies", "送了三份饭", "b", LATER, quantity=3)
        assert (done.quantity, done.done_by, row.assigned) == (3, "b", "a")


def test_whoever_records_a_visit_of_a_case_that_nobody_has_takes_it_on(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.record(row, "home_visit", "去看过了", "a", LATER)
        assert (row.status, row.assigned) == ("in_progress", "a")


@pytest.mark.parametrize(("kind", "quantity"), [("supplies", None), ("home_visit", 2)])
def test_pieces_are_counted_of_supplies_and_of_nothing_else(
    database: Database, kind: str, quantity: int | None
) -> None:
    with database.writing() as session, pytest.raises(HandlingError):
        handling.record(filed(session), kind, "x", "a", NOW, quantity)


def test_one_follow_up_is_meant_when_it_is_named(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.schedule(row, "phone_visit", NOW + 50 * HOUR, "a", NOW)
        session.flush()
        last = [each for each in followups.open_of(row) if each.kind == "phone_visit"][-1]
        handling.record(row, "phone_visit", "打通了", "a", LATER, number=last.id)
        assert last.state == "done"
        assert "phone_visit" in planned(row)
        with pytest.raises(HandlingError):
            handling.call_off(row, last.id, "已经打过", "a", LATER)


def test_nothing_is_planned_for_the_past(database: Database) -> None:
    with database.writing() as session, pytest.raises(HandlingError):
        handling.schedule(filed(session), "home_visit", NOW - HOUR, "a", NOW)


def test_a_unit_that_staff_tell_stays_told_when_the_case_is_assessed_anew(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.refer(row, "education", "孩子没法上课", "a", LATER)
        assert "education" in row.assessment["referrals"]
        store.add_information(row, "孩子发烧了", {"health": ["fever"]}, LATER)
        assert (row.unit, "education" in row.assessment["referrals"]) == ("medical", True)
        for unit in ("education", row.unit):
            with pytest.raises(HandlingError):
                handling.refer(row, unit, "再说一次", "a", LATER)


def test_the_responsible_unit_is_not_told_of_itself(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.refer(row, "medical", "要看病", "a", LATER)
        store.add_information(row, "孩子发烧了", {"health": ["fever"]}, LATER)
        assert row.unit == "medical"
        assert "medical" not in row.assessment["referrals"]


def test_a_closed_case_says_how_it_ended_and_waits_for_nothing(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, facts=DISABLED)
        handling.accept(row, "a", NOW)
        handling.close(session, row, "guardian_back", "妈妈回来了", "a", LATER)
        session.flush()
        assert (row.status, row.outcome, row.ended_at) == ("closed", "guardian_back", LATER)
        assert (row.urgency, row.waits_until, planned(row)) == (None, None, [])
        assert not ledger.standing(row)
        closed = [line for line in row.history if line.event == "closed"]
        assert closed[0].detail == {"outcome": "guardian_back", "words": "妈妈回来了"}
        with pytest.raises(HandlingError):
            handling.close(session, row, "no_need", "x", "a", LATER)


def test_no_case_ends_with_an_outcome_that_nobody_knows(database: Database) -> None:
    with database.writing() as session, pytest.raises(HandlingError):
        handling.close(session, filed(session), "vanished", "x", "a", NOW)


def test_opened_again_a_case_has_its_plan_and_its_place_in_the_ledger_again(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session, facts=DISABLED)
        handling.accept(row, "a", NOW)
        before = {each.id: each.due_at for each in of_the_plan(row)}
        assert len(ledger.standing(row)) == 1
        handling.close(session, row, "guardian_back", "妈妈回来了", "a", LATER)
        again = LATER + 5 * HOUR
        handling.reopen(row, "妈妈又走了", "b", again)
        session.flush()
        assert (row.status, row.assigned) == ("in_progress", "a")
        assert (row.ended_at, row.outcome) == (None, None)
        open_ = {each.id: each.due_at for each in of_the_plan(row)}
        closed_for = timedelta(hours=5)
        assert {n: due - closed_for for n, due in open_.items() if n in before} == before
        assert {each.rule for each in followups.open_of(row)} >= {ledger.LOOK}
        assert [entry.state for entry in ledger.standing(row)] == ["candidate"]
        assert row.waits_until is not None


def test_what_staff_had_called_off_before_stays_called_off(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        session.flush()
        visit = next(each for each in followups.open_of(row) if each.kind == "home_visit")
        handling.call_off(row, visit.id, "奶奶已经到了", "a", NOW)
        handling.close(session, row, "no_need", "x", "a", LATER)
        handling.reopen(row, "再看看", "b", LATER + HOUR)
        assert "home_visit" not in planned(row)


def test_opened_again_without_anybody_it_is_in_the_queue_with_a_new_due_time(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        store.withdraw(row, LATER)
        again = LATER + 30 * HOUR
        handling.reopen(row, "邻居说孩子还是一个人", "b", again)
        session.flush()
        assert (row.status, row.assigned) == ("new", None)
        assert row.due_at > again
        assert row.waits_until == row.due_at
        with pytest.raises(HandlingError):
            handling.reopen(row, "x", "b", again)


def test_a_duplicate_is_worked_on_no_more_and_both_tell_of_it(database: Database) -> None:
    with database.writing() as session:
        row, other = filed(session), filed(session, case_no=OTHER)
        handling.mark_duplicate(session, row, other, "同一家", "a", LATER)
        session.flush()
        assert (row.status, row.duplicate_of, row.urgency) == ("duplicate", other.id, None)
        assert (events(row).count("duplicate"), events(other)[-1]) == (1, "duplicate_found")
        assert planned(row) == []
        third = filed(session, case_no="HT-261121-CCCCC")
        for wrong in (row, third):  # of a duplicate, of itself
            with pytest.raises(HandlingError):
                handling.mark_duplicate(session, third, wrong, "x", "a", LATER)


def test_a_case_that_ends_asks_nobody_to_take_it_over(database: Database) -> None:
    from bot.cases import transfers

    with database.writing() as session:
        row = filed(session)
        transfers.ask(session, row, ("police", None), "x", "a", NOW)
        handling.close(session, row, "referred", "派出所已接手", "a", LATER)
        session.flush()
        assert [each.state for each in session.query(TransferRow)] == ["revoked"]


def test_a_note_is_kept_and_changes_nothing_else(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        before = (row.status, row.level, planned(row))
        handling.write_note(row, "钥匙在门卫", "a", LATER)
        assert (row.status, row.level, planned(row)) == before
        assert row.history[-1].detail == {"words": "钥匙在门卫"}


def test_entries_of_the_ledger_are_settled_by_their_number(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, facts=DISABLED)
        session.flush()
        entry = row.ledger[0]
        handling.settle_ledger(row, entry.id, "confirm", "a", LATER)
        assert entry.state == "confirmed"
        handling.settle_ledger(row, entry.id, "remove", "a", LATER)
        with pytest.raises(HandlingError):
            handling.settle_ledger(row, entry.id, "confirm", "a", LATER)


def test_every_outcome_fits_its_column_and_has_words() -> None:
    for name, outcome in outcome_table().items():
        assert len(name) <= CaseRow.outcome.type.length
        assert outcome.title
        assert outcome.hint


def test_an_assessment_without_referrals_by_staff_is_as_before(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        before = dict(row.assessment)
        reassess(row, NOW)
        assert row.assessment == before
        assert session.get(ConversationRow, row.conversation_id).held_by is None
