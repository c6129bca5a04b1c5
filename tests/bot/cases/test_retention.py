"""What has been kept for long enough goes, all of it, and not before staff were told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import forgetting, ledger, retention, store
from bot.cases.keeping import Keeping
from bot.cases.privacy_tables import TombstoneRow
from bot.cases.tables import (
    Base,
    CaseRow,
    ConversationRow,
    InboxRow,
    OutboxRow,
)
from bot.database import Database
from tests.bot.test_database import fill, rows
from tests.support.cases import NOW, conversation, filed, line, told
from tests.support.private import everything_in

KEEPING = Keeping(drafts=30, closed=730, transcripts=180, messages=30, audit=1095, warning=14)
MARK = "丹井里三号"

OUTLIVES = {
    "sealing_key": "the keys of everything else",
    "tombstone": "dates and figures, no content",
    "staff": "accounts",
    "staff_session": "sign-ins",
    "audit": "who read or did what, never what a reporter wrote",
    "audit_head": "figures",
    "plan": "what everybody is asked, nothing that anybody answered",
}
"""What stays when a case and its conversation are gone, and why it may."""


def days(count: int) -> timedelta:
    return timedelta(days=count)


def a_case(database: Database, at: datetime = NOW, **changes: object) -> int:
    """A filed case with a message, a reply, a line, and a state that still holds the report."""
    with database.writing() as session:
        row = filed(session, at, narrative=[MARK], **changes)
        talk = session.get(ConversationRow, row.conversation_id)
        talk.address = MARK
        talk.state = {"slots": {"report": {"case_no": row.case_no, "narrative": [MARK]}}}
        talk.updated_at = at
        heard(session, talk, at, row)
        return int(row.id)


def heard(
    session: Session, talk: ConversationRow, at: datetime, case: CaseRow | None = None
) -> None:
    """A message that was answered."""
    message = InboxRow(
        conversation_id=talk.id,
        channel="web",
        message_key=f"{talk.id}-{at}",
        message={"text": MARK},
        received_at=at,
        done_at=at,
    )
    reply = OutboxRow(
        conversation_id=talk.id, reply={"text": MARK, "buttons": []}, created_at=at, sent_at=at
    )
    session.add_all([message, reply])
    session.flush()
    line(session, talk, MARK, case_id=case.id if case else None, inbox_id=message.id, at=at)


def closed(database: Database, case_id: int, at: datetime) -> None:
    with database.writing() as session:
        store.close(session.get(CaseRow, case_id), "王工", "好了", at)


def look(database: Database, now: datetime) -> tuple[list[str], list[str]]:
    """What is announced and what is deleted at a moment."""
    with database.writing() as session:
        announced = [due.kind for due in retention.announce(session, now, KEEPING)]
    deleted = []
    with database.reading() as session:
        ripe = retention.ripe(session, now, KEEPING)
    for due in ripe:
        with database.writing() as session:
            if retention.carry_out(session, due, now, KEEPING):
                deleted.append(due.kind)
    return announced, deleted


def events(database: Database, case_id: int) -> list[str]:
    with database.reading() as session:
        return [row.event for row in session.get(CaseRow, case_id).history]


def test_nothing_of_a_case_and_its_talk_is_left_in_any_table(database: Database) -> None:
    fill(database)
    before = rows(database)
    assert all(before.values())
    with database.writing() as session:
        case = session.execute(select(CaseRow)).scalar_one()
        forgetting.forget_case(session, case, "case", "retention", NOW)
    with database.writing() as session:
        talk = session.execute(select(ConversationRow)).scalar_one()
        forgetting.forget_talk(session, talk, "retention", NOW)
    assert {name for name, count in rows(database).items() if count} == set(OUTLIVES)


def test_no_table_names_a_case_without_being_emptied_with_it() -> None:
    """A column that holds a case's number or id without a foreign key has a reason here."""
    named = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            by_name = column.name in ("case_no", "duplicate_of") or column.name.endswith(
                ("case_id", "conversation_id", "transcript_id", "inbox_id")
            )
            if by_name and not column.foreign_keys:
                named.add(str(column))
    assert named == {
        "report_case.case_no",  # the case itself
        "report_case.duplicate_of",  # set to null, see below
        "outbox.transcript_id",  # goes with the conversation's replies
        "audit.case_no",  # who read what outlives the case
        "tombstone.case_no",  # what is left
    }


def test_a_case_that_was_a_duplicate_of_a_deleted_one_does_not_point_nowhere(
    database: Database,
) -> None:
    first, second = a_case(database), a_case(database, case_no="HT-261121-BBBBB")
    with database.writing() as session:
        session.get(CaseRow, second).duplicate_of = first
    with database.writing() as session:
        forgetting.forget_case(session, session.get(CaseRow, first), "case", "retention", NOW)
    with database.reading() as session:
        assert session.get(CaseRow, second).duplicate_of is None


def test_a_closed_case_is_announced_and_then_goes_with_every_copy_of_its_words(
    database: Database,
) -> None:
    case_id = a_case(database)
    closed(database, case_id, NOW)
    end = NOW + days(730)
    assert look(database, NOW + days(165)) == ([], [])
    assert look(database, NOW + days(166)) == (["transcript"], [])
    assert look(database, NOW + days(180)) == ([], ["transcript"])
    with database.reading() as session:
        case = session.get(CaseRow, case_id)
        assert case.facts["narrative"] == MARK
        assert case.transcript == []
        assert session.get(ConversationRow, case.conversation_id).state is None
    assert look(database, end - days(14)) == (["case"], [])
    assert events(database, case_id)[-1] == "deletion_due"
    assert look(database, end - timedelta(minutes=1)) == ([], [])
    assert look(database, end) == ([], ["case"])
    with database.writing() as session:
        (number,) = retention.idle_talks(session, end)
        talk = session.get(ConversationRow, number)
        forgetting.forget_talk(session, talk, "retention", end)
    assert MARK not in everything_in(database)
    with database.reading() as session:
        stones = session.execute(select(TombstoneRow).order_by(TombstoneRow.id)).scalars().all()
    assert [stone.kind for stone in stones] == ["transcript", "case", "conversation"]
    assert (stones[1].case_no, stones[1].level, stones[1].region, stones[1].why) == (
        "HT-261121-AAAAA", "high", "440705", "retention",
    )  # fmt: skip
    assert stones[1].submitted_at == stones[1].ended_at == NOW
    assert "history" in stones[1].what and "report_case 1" in stones[1].what


def test_the_first_look_after_years_announces_and_deletes_nothing_yet(database: Database) -> None:
    case_id = a_case(database)
    closed(database, case_id, NOW)
    late = NOW + days(2000)
    assert look(database, late) == (["case", "transcript"], [])
    assert look(database, late + days(13)) == ([], [])
    announced, deleted = look(database, late + days(14))
    assert sorted(deleted) == ["case"] or sorted(deleted) == ["case", "transcript"]
    assert announced == []
    assert rows(database)["report_case"] == 0


def test_new_contact_postpones_and_staff_read_so(database: Database) -> None:
    case_id = a_case(database)
    closed(database, case_id, NOW)
    assert look(database, NOW + days(170)) == (["transcript"], [])
    with database.writing() as session:
        case = session.get(CaseRow, case_id)
        heard(session, session.get(ConversationRow, case.conversation_id), NOW + days(179), case)
    assert look(database, NOW + days(185)) == ([], [])
    assert events(database, case_id)[-2:] == ["deletion_due", "deletion_postponed"]
    with database.reading() as session:
        assert retention.due_soon(session, NOW) == []
    assert look(database, NOW + days(179 + 166)) == (["transcript"], [])


def test_staff_see_what_goes_soon_the_next_first(database: Database) -> None:
    first, second = a_case(database), a_case(database, case_no="HT-261121-BBBBB")
    closed(database, second, NOW)
    closed(database, first, NOW + days(3))
    look(database, NOW + days(166))
    look(database, NOW + days(170))
    with database.reading() as session:
        soon = retention.due_soon(session, NOW + days(170))
    assert [(due.case_no, due.kind) for due in soon] == [
        ("HT-261121-BBBBB", "transcript"),
        ("HT-261121-AAAAA", "transcript"),
    ]
    assert soon[0].due_at == NOW + days(180)
    assert soon[1].due_at == NOW + days(184)  # two weeks from the announcement


def test_a_report_that_was_never_finished_goes_after_a_month(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        row = store.save(session, talk, told(narrative=[MARK]), NOW)
        heard(session, talk, NOW, row)
    assert look(database, NOW + days(16)) == (["draft"], [])
    assert look(database, NOW + days(30)) == ([], ["draft"])
    assert MARK not in everything_in(database)


def test_an_open_case_is_never_deleted(database: Database) -> None:
    a_case(database)
    assert look(database, NOW + days(5000)) == ([], [])


def test_a_closed_case_whose_child_stands_in_the_ledger_is_kept(database: Database) -> None:
    case_id = a_case(database)
    with database.writing() as session:
        case = session.get(CaseRow, case_id)
        case.report_type = "preregistration"
        ledger.enter(case, NOW)
        for entry in case.ledger:
            ledger.confirm(entry, "王工", NOW)
        assert case.ledger
    closed(database, case_id, NOW)
    assert look(database, NOW + days(5000)) == ([], [])


def test_a_case_of_somebody_who_talks_with_staff_now_is_left_alone(database: Database) -> None:
    case_id = a_case(database)
    closed(database, case_id, NOW)
    with database.writing() as session:
        case = session.get(CaseRow, case_id)
        session.get(ConversationRow, case.conversation_id).held_by = "王工"
    assert look(database, NOW + days(5000)) == ([], [])


def test_deleting_one_case_leaves_the_other_one_of_the_same_person(database: Database) -> None:
    first = a_case(database)
    with database.writing() as session:
        talk = session.get(ConversationRow, session.get(CaseRow, first).conversation_id)
        later = store.save(
            session, talk, told(case_no="HT-261121-BBBBB", filed=True), NOW + days(700)
        )
        heard(session, talk, NOW + days(700), later)
        talk.state = {"slots": {"report": {"case_no": later.case_no}}}
        forgetting.forget_case(
            session, session.get(CaseRow, first), "case", "retention", NOW + days(730)
        )
    with database.reading() as session:
        (row,) = store.listed(session)
        assert (row.case_no, len(row.transcript)) == ("HT-261121-BBBBB", 1)
        talk = session.get(ConversationRow, row.conversation_id)
        assert talk.state["slots"]["report"]["case_no"] == row.case_no
        assert session.query(InboxRow).count() == session.query(OutboxRow).count() == 1


def test_answered_messages_and_sent_replies_go_before_the_transcript(database: Database) -> None:
    case_id = a_case(database)
    with database.writing() as session:
        assert forgetting.forget_delivered(session, NOW) == 0
        assert forgetting.forget_delivered(session, NOW + days(1)) == 2
    with database.reading() as session:
        (said,) = session.get(CaseRow, case_id).transcript
        assert (said.text, said.inbox_id) == (MARK, None)


def test_what_nobody_answered_or_sent_yet_is_not_deleted(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        waiting = InboxRow(
            conversation_id=talk.id, channel="web", message_key="k", message={}, received_at=NOW
        )
        session.add_all([waiting, OutboxRow(conversation_id=talk.id, reply={}, created_at=NOW)])
        session.flush()
        assert forgetting.forget_delivered(session, NOW + days(400)) == 0


def test_a_talk_without_a_case_is_idle_once_nobody_wrote_for_long(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        heard(session, talk, NOW + days(10))
        talk.updated_at = NOW
    with database.reading() as session:
        assert retention.idle_talks(session, NOW + days(10)) == []
        assert len(retention.idle_talks(session, NOW + days(11))) == 1


@pytest.mark.parametrize("kind", ["case", "draft"])
def test_a_stone_holds_no_word_of_what_was_told(database: Database, kind: str) -> None:
    case_id = a_case(database)
    with database.writing() as session:
        case = session.get(CaseRow, case_id)
        talk = session.get(ConversationRow, case.conversation_id)
        forgetting.forget_case(session, case, kind, "reporter", NOW)
        forgetting.forget_talk(session, talk, "reporter", NOW)
    assert MARK not in everything_in(database)
    assert rows(database)["tombstone"] == 2
