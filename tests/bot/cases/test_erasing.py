"""A reporter wants everything deleted: who told it goes, what protects a child stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases import asked, erasing, followups, related, search, store
from bot.cases.export import as_contract
from bot.cases.privacy_tables import ErasureRow, TombstoneRow
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, RelatedRow, TraceRow
from bot.database import Database
from tests.bot.cases.test_retention import heard
from tests.support.cases import ALONE, NOW, conversation, filed, told
from tests.support.private import everything_in

PHONE, NAME, WORDS = "+8613800138000", "王桂花", "楼下两个孩子没人管我是对门"
WHO = {**ALONE, "name": NAME, "phone": PHONE}
DAY = timedelta(days=1)


def hashed(value: str) -> str:
    return f"{hash(value) & 0xFFFFFFFFFFFF:064x}"


def reporter(database: Database, told_now: store.Told, **values: Any) -> int:
    """A person who told a report; the conversation's id."""
    with database.writing() as session:
        talk = conversation(session, "王", address=PHONE, **values)
        row = store.save(session, talk, told_now, NOW)
        heard(session, talk, NOW, row)
        talk.state = {"slots": {"report": {"narrative": [WORDS], "phone": PHONE}}}
        if row.submitted_at:
            related.suggest(session, row, hashed, NOW)
        search.take_in(session, row, hashed)
        return int(talk.id)


def erase(database: Database, talk_id: int) -> erasing.Wish:
    with database.writing() as session:
        return erasing.erase(session, session.get(ConversationRow, talk_id), NOW + DAY, hashed)


def finish(database: Database, talk_id: int, days: int) -> None:
    with database.writing() as session:
        erasing.finish(session, talk_id, NOW + days * DAY, hashed)


def the_case(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return as_contract(session.execute(select(CaseRow)).scalar_one())


def test_an_open_report_stays_without_who_told_it(database: Database) -> None:
    report = told(filed=True, facts=WHO, narrative=[WORDS])
    talk_id = reporter(database, report)
    wish = erase(database, talk_id)
    assert (wish.stay, wish.go, wish.waits) == ((report.case_no,), (), False)
    finish(database, talk_id, 3)
    left = everything_in(database)
    for secret in (PHONE, NAME, WORDS, "对门"):
        assert secret not in left
    case = the_case(database)
    assert case["reporter"] == {
        "role": None, "name": None, "phone": None, "anonymous": True, "organisation": None,
    }  # fmt: skip
    assert case["children"]["ages"] == [5, 6]
    assert case["location"]["text"] == "幸福小区3号楼"
    assert (case["status"], case["risk"]["level"], case["narrative"]) == ("new", "high", "")
    assert case["transcript"] == []
    assert case["history"][-1]["event"] == "reporter_erased"


def test_nothing_leads_from_the_report_back_to_the_person(database: Database) -> None:
    talk_id = reporter(database, told(filed=True, facts=WHO))
    with database.writing() as session:
        other = filed(session, case_no="HT-261121-BBBBB", facts=WHO)
        related.suggest(session, other, hashed, NOW)
        assert hashed(f"trace/phone/{PHONE}") in marks(session)
    erase(database, talk_id)
    with database.reading() as session:
        case = store.find(session, "HT-261121-AAAAA")
        assert case.conversation_id != talk_id
        assert store.of_person(session, talk_id) == []
        talk = session.get(ConversationRow, case.conversation_id)
        assert (talk.address, talk.state) == ("", None)
        mine = session.execute(select(TraceRow.mark).where(TraceRow.case_id == case.id))
        assert not {hashed(f"trace/phone/{PHONE}")} & set(mine.scalars())
        (pair,) = session.execute(select(RelatedRow)).scalars()
        assert "phone" not in pair.why


def marks(session: Any) -> set[str]:
    return set(session.execute(select(TraceRow.mark)).scalars())


def test_a_child_that_is_in_danger_does_not_vanish_with_an_unfinished_report(
    database: Database,
) -> None:
    talk_id = reporter(database, told(facts={**WHO, "danger": ["violence"]}, cancelled=True))
    wish = erase(database, talk_id)
    assert wish.stay == ("HT-261121-AAAAA",)
    case = the_case(database)
    assert (case["status"], case["danger"]) == ("draft", ["violence"])
    with database.reading() as session:
        assert session.execute(select(CaseRow.urgency)).scalar() == 0  # staff see it


def test_who_takes_an_urgent_report_back_cannot_delete_it(database: Database) -> None:
    talk_id = reporter(database, told(filed=True, facts=WHO))
    with database.writing() as session:
        store.withdraw(session.execute(select(CaseRow)).scalar_one(), NOW)
    assert erase(database, talk_id).stay == ("HT-261121-AAAAA",)
    assert the_case(database)["status"] == "withdrawn"


def test_an_unfinished_report_without_urgency_goes_altogether(database: Database) -> None:
    calm = {**WHO, "carer": "grandparent", "planned": False, "since": None}
    talk_id = reporter(database, told(facts=calm, report_type="preregistration"))
    assert erase(database, talk_id).go == ("HT-261121-AAAAA",)
    finish(database, talk_id, 3)
    left = everything_in(database)
    assert PHONE not in left and "幸福小区" not in left
    with database.reading() as session:
        assert session.query(CaseRow).count() == session.query(ConversationRow).count() == 0
        stones = session.execute(select(TombstoneRow).order_by(TombstoneRow.id)).scalars().all()
    assert [(stone.kind, stone.why) for stone in stones] == [
        ("draft", "reporter"), ("conversation", "reporter"), ("conversation", "reporter"),
    ]  # fmt: skip


def test_a_danger_without_a_place_waits_three_days_and_then_the_person_is_forgotten(
    database: Database,
) -> None:
    nowhere = {k: v for k, v in WHO.items() if k != "location"} | {"danger": ["violence"]}
    talk_id = reporter(database, told(facts=nowhere), attention="danger")
    with database.writing() as session:
        talk = session.get(ConversationRow, talk_id)
        assert erasing.look_at(session, talk, NOW).waits
        erasing.put_off(session, talk, NOW)
        erasing.put_off(session, talk, NOW + DAY)
    finish(database, talk_id, 2)
    assert PHONE in everything_in(database)
    finish(database, talk_id, 3)
    assert NAME not in everything_in(database)
    finish(database, talk_id, 5)
    assert PHONE not in everything_in(database)
    assert the_case(database)["danger"] == ["violence"]


def test_a_danger_that_was_only_told_in_words_waits_too(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session, attention="danger")
        assert erasing.look_at(session, talk, NOW).waits


def test_reminders_to_the_person_are_called_off_and_answers_lose_their_words(
    database: Database,
) -> None:
    talk_id = reporter(database, told(filed=True, facts=WHO))
    with database.writing() as session:
        case = session.execute(select(CaseRow)).scalar_one()
        row = followups.schedule(case, "reminder", NOW + DAY, "staff", NOW, says="carer_now")
        session.flush()
        answered = asked.Answered(row.id, "not_yet", WORDS, {})
        asked.take_answer(case, answered, NOW)
    erase(database, talk_id)
    assert WORDS not in everything_in(database)
    with database.reading() as session:
        case = session.execute(select(CaseRow)).scalar_one()
        assert [row for row in followups.open_of(case) if row.kind == "reminder"] == []
        assert followups.open_of(case)  # what staff do for the child stays planned


@pytest.mark.parametrize("sent", [1.5, 0.99])  # also what waited at Telegram, answered after
def test_who_writes_again_before_the_last_word_left_keeps_the_conversation(
    database: Database, sent: float
) -> None:
    talk_id = reporter(database, told(filed=True, facts=WHO))
    erase(database, talk_id)
    with database.writing() as session:
        heard(session, session.get(ConversationRow, talk_id), NOW + 1.5 * DAY)
        late = select(InboxRow).where(InboxRow.done_at == NOW + 1.5 * DAY)
        session.execute(late).scalar_one().received_at = NOW + sent * DAY
    finish(database, talk_id, 3)
    with database.reading() as session:
        assert session.get(ConversationRow, talk_id).address == PHONE
        assert session.get(ErasureRow, talk_id) is None
