"""Several desks on one PostgreSQL: order per person, each turn once, each reply once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cases.keyring import Keyring
from bot.cases.tables import ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation.answering import Threads
from bot.conversation.bell import SharedBell
from bot.conversation.claims import SharedClaims, Work
from bot.conversation.desk import Desk
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Incoming, Reply
from bot.conversation.outbox import Outbox
from bot.conversation.turn import Turns
from bot.conversation.understanding import Understanding
from bot.database import Database
from tests.bot.conversation.conftest import KEY, MOMENT, EchoTalker, PlainInterpreter
from tests.support.databases import MATERIAL, migrated_database

pytestmark = pytest.mark.service
ROOT = Path(__file__).resolve().parents[3]


class SlowPhone:
    """What arrives, from all workers, in the order in which it arrives."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str]] = []

    async def send(self, address: str, reply: Reply) -> None:
        """Take a reply, as slowly as a platform does."""
        await asyncio.sleep(0.005)
        self.arrived.append((address, reply.text))


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Database]:
    with migrated_database("postgres", tmp_path) as database:
        yield database


@asynccontextmanager
async def worker(
    database: Database, phone: SlowPhone, before: Callable[[], None] | None = None
) -> AsyncIterator[Desk]:
    own = Database(database.url, Keyring(MATERIAL))
    clock = Clock(MOMENT)
    inbox = Inbox(own, KEY, clock)
    talker = EchoTalker(before=before)
    turns = Turns(own, inbox, Understanding(PlainInterpreter(), 0.5), talker, clock)
    claims = SharedClaims(own.url)
    outbox = Outbox(own, {"telegram": phone}, clock, claims)
    desk = Desk(inbox, Threads(inbox, turns, 2), outbox, claims)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.close()
        own.close()


def message(sender: str, number: int) -> Incoming:
    return Incoming("telegram", sender, f"{sender}:{number}", MOMENT, f"{sender}{number}")


async def until(true: Callable[[], bool], within: float = 20.0) -> None:
    end = asyncio.get_running_loop().time() + within
    while not true():
        assert asyncio.get_running_loop().time() < end, "it never became true"
        await asyncio.sleep(0.02)


async def test_three_workers_answer_each_message_once_and_in_order(shared: Database) -> None:
    phone = SlowPhone()
    people = [f"人{number}" for number in range(6)]
    async with worker(shared, phone) as a, worker(shared, phone) as b, worker(shared, phone) as c:
        for number in range(9):
            for sender in people:
                assert await (a, b, c)[number % 3].receive(message(sender, number))
        await until(lambda: len(phone.arrived) >= 9 * len(people))
        await asyncio.sleep(1.5)  # a second copy would come with the next look round
    for sender in people:
        texts = [text for address, text in phone.arrived if address == sender]
        assert texts == [f"您说：{sender}{number}" for number in range(9)]
    with shared.reading() as session:
        lines = session.execute(select(TranscriptRow)).scalars().all()
    assert len(lines) == 2 * 9 * len(people)


async def test_a_dead_workers_people_are_served_by_another(shared: Database) -> None:
    dead = SharedClaims(shared.url)
    inbox = Inbox(shared, KEY, Clock(MOMENT))
    conversation = inbox.accept(message("甲", 1))
    assert conversation is not None
    dead.take(Work.ANSWERING, conversation)
    dead.take(Work.SENDING, conversation)
    phone = SlowPhone()
    async with worker(shared, phone):
        await asyncio.sleep(1.5)
        assert phone.arrived == []
        dead.close()
        await until(lambda: bool(phone.arrived), within=5)
    assert phone.arrived == [("甲", "您说：甲1")]


DIES = """
import asyncio, sys, time
from pathlib import Path
from tests.bot.conversation.test_workers import SlowPhone, worker
from tests.support.databases import MATERIAL
from bot.cases.keyring import Keyring
from bot.database import Database

def hang():
    print("in the turn", flush=True)
    time.sleep(600)

async def main():
    async with worker(Database(sys.argv[1], Keyring(MATERIAL)), SlowPhone(), hang):
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_people_of_a_worker_that_is_killed_in_the_middle_of_a_turn_wait_for_seconds(
    shared: Database,
) -> None:
    inbox = Inbox(shared, KEY, Clock(MOMENT))
    for number in range(3):
        inbox.accept(message("甲", number))
    command = [sys.executable, "-c", DIES, shared.url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    dying = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, env=environment, cwd=ROOT
    )
    phone = SlowPhone()
    try:
        assert dying.stdout and await dying.stdout.readline() == b"in the turn\n"
        async with worker(shared, phone) as other:
            assert await other.receive(message("甲", 3))
            await asyncio.sleep(2.5)
            assert phone.arrived == [], "nobody answers whom another worker answers"
            dying.kill()
            await dying.wait()
            await until(lambda: len(phone.arrived) == 4, within=10)
            await asyncio.sleep(1.5)
    finally:
        if dying.returncode is None:
            dying.kill()
            await dying.wait()
    assert [text for _, text in phone.arrived] == [f"您说：甲{number}" for number in range(4)]
    with shared.reading() as session:
        lines = session.execute(
            select(TranscriptRow.text).where(TranscriptRow.sender == "reporter")
        )
        assert lines.scalars().all() == [f"甲{number}" for number in range(4)]


async def test_a_message_that_always_kills_its_worker_is_answered_with_an_apology(
    shared: Database,
) -> None:
    inbox = Inbox(shared, KEY, Clock(MOMENT))
    inbox.accept(message("甲", 1))
    with shared.writing() as session:
        session.execute(select(InboxRow)).scalar_one().tries = 3  # so many have died of it before
    phone = SlowPhone()
    async with worker(shared, phone):
        await until(lambda: bool(phone.arrived))
    assert "110" in phone.arrived[0][1]
    with shared.reading() as session:
        assert session.execute(select(ConversationRow.attention)).scalar() == "human"
        assert (
            session.execute(select(TranscriptRow.text).order_by(TranscriptRow.id)).scalars().first()
            == "甲1"
        )


async def test_a_reply_that_another_worker_wrote_wakes_the_page(shared: Database) -> None:
    one, other = SharedBell(shared), SharedBell(shared)
    heard: list[str] = []
    listening = asyncio.create_task(one.run(heard.append))
    for _ in range(50):
        await other.ring("somebody")
        await asyncio.sleep(0.1)
        if heard:
            break
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert heard[0] == "somebody"


async def test_replies_are_sent_by_one_worker_at_a_time(shared: Database) -> None:
    phone = SlowPhone()
    async with worker(shared, phone) as a, worker(shared, phone) as b:
        assert await a.receive(message("甲", 1))
        await until(lambda: bool(phone.arrived))
        with shared.writing() as session:
            talk = session.execute(select(ConversationRow)).scalar_one()
            for number in range(20):
                reply = {"text": f"第{number}", "buttons": []}
                session.add(OutboxRow(conversation_id=talk.id, reply=reply, created_at=MOMENT))
            conversation = talk.id
        a.deliver(conversation)
        b.deliver(conversation)
        await until(lambda: len(phone.arrived) >= 21)
        await asyncio.sleep(1.5)
    assert [text for _, text in phone.arrived[1:]] == [f"第{number}" for number in range(20)]
