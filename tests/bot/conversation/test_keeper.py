"""The task that deletes what is old: a transaction for each thing, and nothing that is not due."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.cases import store
from bot.cases.tables import CaseRow, ConversationRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.conversation.keeper import Keeper
from bot.database import Database
from tests.bot.cases.test_retention import KEEPING, MARK, a_case, closed, heard
from tests.bot.conversation.conftest import KEY
from tests.support.cases import NOW, conversation
from tests.support.private import everything_in


def keeper_at(database: Database, days: float) -> Keeper:
    clock = Clock(NOW + timedelta(days=days))
    return Keeper(database, Inbox(database, KEY, clock), KEEPING, clock)


def test_a_case_and_its_talk_are_gone_some_years_later_without_a_trace(database: Database) -> None:
    closed(database, a_case(database), NOW)
    for day in range(0, 760, 10):
        keeper_at(database, day).look()
    assert MARK not in everything_in(database)
    with database.reading() as session:
        assert session.query(CaseRow).count() == session.query(ConversationRow).count() == 0


def test_a_preview_changes_nothing_and_tells_what_would_happen(database: Database) -> None:
    closed(database, a_case(database), NOW)
    before = everything_in(database)
    preview = keeper_at(database, 170).preview()
    assert [(due.case_no, due.kind) for due in preview.announced] == [
        ("HT-261121-AAAAA", "transcript")
    ]
    assert preview.deleted == ()
    assert everything_in(database) == before
    keeper_at(database, 170).look()
    preview = keeper_at(database, 184).preview()
    assert (preview.announced, [due.kind for due in preview.deleted]) == ((), ["transcript"])
    assert [due.kind for due in keeper_at(database, 184).look().deleted] == ["transcript"]


def test_a_second_look_at_the_same_moment_does_nothing(database: Database) -> None:
    closed(database, a_case(database), NOW)
    keeper_at(database, 170).look()
    before = everything_in(database)
    kept = keeper_at(database, 170).look()
    assert (kept.announced, kept.deleted, kept.talks) == ((), (), 0)
    assert everything_in(database) == before


def test_a_talk_without_a_case_is_forgotten_in_two_steps(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session, address=MARK, state={"slots": {"report": {"facts": {}}}})
        heard(session, talk, NOW)
    keeper_at(database, 29).look()
    with database.reading() as session:
        assert session.execute(select(ConversationRow.state)).scalar() is not None
    keeper_at(database, 31).look()
    with database.reading() as session:
        assert session.execute(select(ConversationRow.state)).scalar() is None
    assert MARK in everything_in(database)
    assert keeper_at(database, 181).look().talks == 1
    assert MARK not in everything_in(database)


async def test_the_task_goes_on_until_it_is_stopped(database: Database) -> None:
    closed(database, a_case(database), NOW)
    task = asyncio.create_task(keeper_at(database, 170).run(0.01, 0.01))
    for _ in range(300):
        await asyncio.sleep(0.02)
        with database.reading() as session:
            case = store.find(session, "HT-261121-AAAAA")
            if case.history[-1].event == "deletion_due":
                break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with database.reading() as session:
        history = [row.event for row in store.find(session, "HT-261121-AAAAA").history]
    assert history.count("deletion_due") == 1
