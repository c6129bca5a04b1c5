"""Reminders: sent once, at a good hour, never into an open report."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.cases import followups, store
from bot.cases.tables import ConversationRow, FollowupRow, OutboxRow, TranscriptRow
from bot.clock import SHANGHAI, Clock
from bot.conversation.reminders import Reminders
from bot.database import Database
from tests.bot.cases.conftest import database, database_of_kind  # noqa: F401 - the fixtures
from tests.bot.conversation.conftest import Core
from tests.support.cases import ALONE, NOW, conversation, filed, told

DUE = NOW + timedelta(hours=6)  # 16:00: the plan's own reminder of a child who is alone
CASE = "HT-261121-AAAAA"


def at(database: Database, moment: datetime) -> list[int]:  # noqa: F811 - a fixture by its name
    return Reminders(database, Clock(moment)).queue_due()


def rows(database: Database, table: type) -> list[Any]:  # noqa: F811
    with database.reading() as session:
        return list(session.execute(select(table).order_by(table.id)).scalars())


def queued(database: Database) -> list[str]:  # noqa: F811
    return [row.reply["text"] for row in rows(database, OutboxRow)]


def reminders(database: Database) -> list[str]:  # noqa: F811
    return [row.state for row in rows(database, FollowupRow) if row.kind == "reminder"]


@pytest.fixture
def case(database: Database) -> str:  # noqa: F811
    with database.writing() as session:
        filed(session)
    return CASE


def schedule(
    database: Database,  # noqa: F811
    due: datetime,
    case_no: str = CASE,
    **more: Any,
) -> None:
    with database.writing() as session:
        row = store.find(session, case_no)
        assert row is not None
        content = more if "words" in more or "says" in more else {"says": "keep_in_touch", **more}
        followups.schedule(row, "reminder", due, "staff", NOW, **content)


def test_a_due_reminder_is_queued_written_down_and_asked(database: Database, case: str) -> None:  # noqa: F811
    assert at(database, DUE - timedelta(seconds=1)) == []
    (talk,) = at(database, DUE)
    (reply,) = rows(database, OutboxRow)
    assert reply.conversation_id == talk
    assert reply.reply["text"] == "您好，我是护童。孩子现在有人照顾了吗？"
    assert [b["title"] for b in reply.reply["buttons"]] == ["有人了", "还没有", "情况变了"]
    assert all(len(b["payload"].encode()) <= 64 for b in reply.reply["buttons"])
    (line,) = rows(database, TranscriptRow)
    assert (line.sender, line.text) == ("bot", reply.reply["text"])
    (row,) = (r for r in rows(database, FollowupRow) if r.kind == "reminder")
    assert (row.state, row.done_by, row.done_at) == ("done", "bot", DUE)
    assert line.case_id == row.case_id
    with database.reading() as session:
        state = session.get(ConversationRow, talk).state
        history = store.find(session, case).history
        assert (history[-1].actor, history[-1].event) == ("bot", "followup_done")
    asked = {"id": row.id, "case_no": case, "at": DUE.isoformat(), "child": False}
    assert state["slots"]["followup_asked"] == asked
    assert state["offered"] == reply.reply["buttons"]


def test_a_reminder_is_queued_once_however_often_one_looks(database: Database, case: str) -> None:  # noqa: F811
    for days in range(3):
        at(database, DUE + timedelta(days=days))
    assert len(queued(database)) == 1


def test_two_programs_that_look_at_once_send_one_reminder(database: Database, case: str) -> None:  # noqa: F811
    start, errors = threading.Barrier(4), []

    def look() -> None:
        start.wait()
        try:
            at(database, DUE)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(queued(database)) == 1


@contextmanager
def power_cut(database: Database) -> Iterator[None]:  # noqa: F811
    """The connection breaks just before a commit."""

    def cut(*_: object) -> None:
        raise ConnectionError

    event.listen(database.engine, "commit", cut)
    try:
        yield
    finally:
        event.remove(database.engine, "commit", cut)


def test_after_a_crash_before_the_commit_the_reminder_goes_out_once(
    database: Database,  # noqa: F811
    case: str,
) -> None:
    with power_cut(database), pytest.raises(ConnectionError):
        at(database, DUE)
    assert queued(database) == []
    assert reminders(database) == ["planned"]
    assert rows(database, ConversationRow)[0].state is None
    at(database, DUE)
    at(database, DUE)
    assert len(queued(database)) == 1


def leave_open(database: Database, loop: str | None, **more: Any) -> None:  # noqa: F811
    with database.writing() as session:
        talk = session.execute(select(ConversationRow)).scalars().one()
        talk.state = {"slots": {"language": "en"}, "loop": loop, "began": 7}
        for name, value in more.items():
            setattr(talk, name, value)


def test_an_open_report_is_not_interrupted(database: Database, case: str) -> None:  # noqa: F811
    leave_open(database, "report_form")
    assert at(database, DUE) == []
    assert reminders(database) == ["planned"]
    leave_open(database, None)
    assert len(at(database, DUE + timedelta(minutes=1))) == 1
    state = rows(database, ConversationRow)[0].state
    assert (state["began"], state["slots"]["language"]) == (7, "en")


def test_whoever_cannot_be_reached_is_left_to_staff(database: Database, case: str) -> None:  # noqa: F811
    leave_open(database, None, attention="unreachable")
    assert at(database, DUE) == []
    assert reminders(database) == ["planned"]


@pytest.mark.parametrize(("hour", "minute", "sent"), [(21, 59, 1), (22, 0, 0), (3, 0, 0), (7, 59, 0), (8, 0, 1)])  # fmt: skip
def test_nobody_is_woken(
    database: Database,  # noqa: F811
    case: str,
    hour: int,
    minute: int,
    sent: int,
) -> None:
    night = datetime(2026, 11, 25, hour, minute, tzinfo=SHANGHAI)
    assert len(at(database, night)) == sent


def test_a_critical_case_is_asked_about_at_night(database: Database) -> None:  # noqa: F811
    with database.writing() as session:
        filed(session, facts={**ALONE, "ages": [2]})
    assert len(at(database, datetime(2026, 11, 22, 3, 0, tzinfo=SHANGHAI))) == 1


def test_one_a_day_unless_staff_wants_more(database: Database, case: str) -> None:  # noqa: F811
    schedule(database, DUE)
    schedule(database, DUE + timedelta(minutes=1), words="明天上午有人来。", anyway=True)
    at(database, DUE + timedelta(minutes=2))
    assert queued(database) == [
        "您好，我是护童。孩子现在有人照顾了吗？",
        "明天上午有人来。",
    ]
    at(database, DUE + timedelta(hours=5))
    assert len(queued(database)) == 2
    at(database, datetime(2026, 11, 22, 8, 0, tzinfo=SHANGHAI))
    assert "孩子最近好吗" in queued(database)[2]


def test_two_people_are_reminded_on_the_same_day(database: Database, case: str) -> None:  # noqa: F811
    with database.writing() as session:
        filed(session, case_no="HT-261121-BBBBB")
    assert len(at(database, DUE)) == 2


def test_two_cases_of_one_person_are_asked_about_on_two_days(database: Database) -> None:  # noqa: F811
    with database.writing() as session:
        talk = conversation(session)
        for number in (CASE, "HT-261121-BBBBB"):
            store.save(session, talk, told(case_no=number, filed=True), NOW)
    at(database, DUE)
    assert len(queued(database)) == 1
    at(database, DUE + timedelta(days=1))
    assert len(queued(database)) == 2
    asked = rows(database, ConversationRow)[0].state["slots"]["followup_asked"]
    assert asked["case_no"] == "HT-261121-BBBBB"


def test_a_child_is_asked_in_a_childs_words_and_everybody_in_their_language(
    database: Database,  # noqa: F811
) -> None:
    with database.writing() as session:
        filed(session, report_type="child_self")
        other = filed(session, case_no="HT-261121-BBBBB")
        session.get(ConversationRow, other.conversation_id).language = "en"
    at(database, DUE)
    child, adult = queued(database)
    assert child == "我是护童。你现在好吗？有人陪着你吗？"
    assert adult == "Hello, this is Hutong. Is somebody looking after the child now?"
    assert rows(database, OutboxRow)[0].reply["buttons"][0]["title"] == "有人陪我"
    state = rows(database, ConversationRow)[0].state
    assert state["slots"]["followup_asked"]["child"] is True


def test_a_case_that_ended_meanwhile_is_not_asked_about(database: Database, case: str) -> None:  # noqa: F811
    with database.writing() as session:
        store.find(session, case).status = "closed"
    assert at(database, DUE) == []
    assert reminders(database) == ["cancelled"]


def test_where_danger_was_told_only_staff_may_have_the_bot_write(
    database: Database,  # noqa: F811
    case: str,
) -> None:
    with database.writing() as session:
        row = store.find(session, case)
        followups.schedule(row, "reminder", DUE, "system", NOW, says="carer_now", rule="answer:x")
        store.add_information(row, "他打孩子", {"danger": ["abuse"]}, NOW)
    assert at(database, DUE) == []
    assert reminders(database) == ["cancelled", "cancelled"]
    schedule(database, DUE, words="明天有人来。")
    assert len(at(database, DUE)) == 1


def test_a_turn_under_way_does_not_lose_the_question(core: Core) -> None:
    with core.database.writing() as session:
        talk = session.get(ConversationRow, core.takes("在吗"))
        store.save(session, talk, told(filed=True), NOW)
        talk_id = talk.id
    core.talker.before = lambda: at(core.database, DUE) and None
    inbox_id = core.inbox.next_open(talk_id)
    assert core.turns.handle(inbox_id) is None  # the state is another one by now
    core.talker.before = None
    core.turns.handle(inbox_id)
    assert core.inbox.next_open(talk_id) is None
    state = rows(core.database, ConversationRow)[0].state
    assert state["slots"]["followup_asked"]["case_no"] == CASE


async def test_the_background_task_sends_and_survives_a_database_that_is_gone(
    database: Database,  # noqa: F811
    case: str,
) -> None:
    sent: list[int] = []
    looking = Reminders(database, Clock(DUE))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE followup RENAME TO followup_away")
    task = asyncio.create_task(looking.run(sent.append, 0.01))
    await asyncio.sleep(0.3)
    assert sent == [] and not task.done()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE followup_away RENAME TO followup")
    for _ in range(500):
        if sent:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(sent) == 1
