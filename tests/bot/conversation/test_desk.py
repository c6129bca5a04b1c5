"""The desk keeps each person's order and lets nobody wait for another."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.cases.tables import ConversationRow, InboxRow
from bot.clock import Clock
from bot.conversation.answering import Threads
from bot.conversation.desk import Desk
from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.messages import (
    Incoming,
    NotNowError,
    Reply,
    TryLaterError,
    UndeliverableError,
)
from bot.conversation.outbox import Outbox
from bot.conversation.turn import TurnResult, Turns
from tests.bot.conversation.conftest import KEY, MOMENT, Core


class Phone:
    """A channel's sender that keeps what arrives, and fails as told."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.failures: list[Exception] = []

    async def send(self, address: str, reply: Reply) -> None:
        """Take a reply, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.arrived.append((address, reply.text))


def message(sender: str, number: int, at: datetime = MOMENT, text: str = "") -> Incoming:
    return Incoming("telegram", sender, f"{sender}:{number}", at, text or f"{sender}{number}")


def desk(core: Core, phone: Phone) -> Desk:
    outbox = Outbox(core.database, {"telegram": phone}, Clock(MOMENT))
    return Desk(core.inbox, Threads(core.inbox, core.turns, 4), outbox)


async def test_each_persons_messages_are_answered_in_their_order(core: Core) -> None:
    phone = Phone()
    open_desk = desk(core, phone)
    for number in range(6):
        for sender in "甲乙丙":
            assert await open_desk.receive(message(sender, number))
    await open_desk.idle()
    await open_desk.close()
    for sender in "甲乙丙":
        texts = [text for address, text in phone.arrived if address == sender]
        assert texts == [f"您说：{sender}{number}" for number in range(6)]


async def test_a_slow_person_keeps_nobody_waiting(core: Core) -> None:
    phone = Phone()
    open_desk = desk(core, phone)
    slow = threading.Event()

    def wait_for_the_slow_one() -> None:
        if threading.current_thread().name.startswith("turn") and not slow.is_set():
            slow.set()
            time.sleep(1.0)

    core.talker.before = wait_for_the_slow_one
    await open_desk.receive(message("慢", 1))
    await asyncio.to_thread(slow.wait, 5)
    began = time.monotonic()
    await open_desk.receive(message("快", 1))
    while not any(address == "快" for address, _ in phone.arrived):
        assert time.monotonic() - began < 0.9, "somebody waited for the slow one"
        await asyncio.sleep(0.01)
    await open_desk.idle()
    await open_desk.close()


async def test_what_was_left_at_the_last_stop_is_taken_up(core: Core) -> None:
    core.takes("昨天的话", channel="telegram")
    phone = Phone()
    open_desk = desk(core, phone)
    await open_desk.start()
    await open_desk.idle()
    await open_desk.close()
    assert phone.arrived == [("甲", "您说：昨天的话")]


async def test_a_reply_waits_as_long_as_the_platform_asks(core: Core) -> None:
    phone = Phone()
    phone.failures = [TryLaterError(0.2), TryLaterError(0.2)]
    open_desk = desk(core, phone)
    began = time.monotonic()
    await open_desk.receive(message("甲", 1))
    await open_desk.idle()
    await open_desk.close()
    assert time.monotonic() - began >= 0.4
    assert phone.arrived == [("甲", "您说：甲1")]


async def test_a_person_who_cannot_be_reached_is_shown_to_staff(core: Core) -> None:
    phone = Phone()
    phone.failures = [UndeliverableError()]
    open_desk = desk(core, phone)
    await open_desk.receive(message("甲", 1))
    await open_desk.idle()
    await open_desk.close()
    with core.database.reading() as session:
        conversation = core.inbox.find(session, "telegram", "甲")
        assert conversation is not None
        assert conversation.attention == "unreachable"
    assert core.inbox.waiting() == []


@pytest.mark.parametrize("text", ["一", "二"])
async def test_a_message_taken_in_twice_is_refused(core: Core, text: str) -> None:
    open_desk = desk(core, Phone())
    incoming = Incoming("telegram", "甲", "same", MOMENT, text)
    assert await open_desk.receive(incoming)
    assert not await open_desk.receive(incoming)
    await open_desk.idle()
    await open_desk.close()


async def test_a_turn_that_was_overtaken_begins_anew_at_once(core: Core) -> None:
    phone, done = Phone(), []

    def overtake() -> None:
        if not done:
            done.append(True)
            with core.database.writing() as session:
                session.execute(select(ConversationRow)).scalar_one().language = "en"

    core.talker.before = overtake
    open_desk = desk(core, phone)
    await open_desk.receive(message("甲", 1))
    await open_desk.idle()
    await open_desk.close()
    assert done
    assert phone.arrived == [("甲", "您说：甲1")]
    with core.database.reading() as session:
        assert (
            session.execute(select(InboxRow.tries)).scalar_one() == 0
        )  # nobody thinks that it crashed


class FullDisk(Inbox):
    """An inbox whose database takes nothing."""

    def accept_all(
        self, runs: Sequence[Sequence[Incoming]], urgent: Callable[[str], bool]
    ) -> list[Accepted]:
        """Fail as SQLite does."""
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))


async def test_when_nothing_can_be_stored_people_are_told_once_whom_to_call(core: Core) -> None:
    phone = Phone()
    outbox = Outbox(core.database, {"telegram": phone}, Clock(MOMENT))
    open_desk = Desk(
        FullDisk(core.database, KEY, Clock(MOMENT)), Threads(core.inbox, core.turns, 4), outbox
    )
    for number in range(3):
        with pytest.raises(NotNowError):
            await open_desk.receive(message("甲", number))
    await asyncio.sleep(0.05)
    await open_desk.close()
    assert len(phone.arrived) == 1
    assert "110" in phone.arrived[0][1]


class ClosedTurns(Turns):
    """Turns whose database went away after the message was written down."""

    def handle(self, inbox_id: int) -> TurnResult | None:
        """Fail as PostgreSQL does."""
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))


class ClosedOutbox(Outbox):
    """An outbox of the same database."""

    def address_of(self, conversation_id: int) -> tuple[str, str, str]:
        """Fail as PostgreSQL does."""
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))


async def test_who_waits_when_the_database_goes_away_is_told_once_whom_to_call(core: Core) -> None:
    phone = Phone()
    outbox = ClosedOutbox(core.database, {"telegram": phone}, Clock(MOMENT))
    turns = ClosedTurns(
        core.database, core.inbox, core.turns._understanding, core.talker, Clock(MOMENT)
    )
    open_desk = Desk(core.inbox, Threads(core.inbox, turns, 4), outbox)
    await open_desk.receive(message("甲", 1))
    for _ in range(100):
        if phone.arrived:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2.5)
    await open_desk.close()
    assert len(phone.arrived) == 1
    assert "110" in phone.arrived[0][1]


class UnforeseenTurns(Turns):
    """Turns that break over everything, in a way that is nobody's in particular."""

    def handle(self, inbox_id: int) -> TurnResult | None:
        """Break."""
        raise ZeroDivisionError


async def test_a_turn_that_always_breaks_ends_with_an_apology(core: Core) -> None:
    phone = Phone()
    outbox = Outbox(core.database, {"telegram": phone}, Clock(MOMENT))
    turns = UnforeseenTurns(
        core.database, core.inbox, core.turns._understanding, core.talker, Clock(MOMENT)
    )
    open_desk = Desk(core.inbox, Threads(core.inbox, turns, 4), outbox)
    await open_desk.receive(message("甲", 1))
    await asyncio.wait_for(open_desk.idle(), 60)
    await open_desk.close()
    assert any("您写的已经留下了" in text for _, text in phone.arrived)
    assert core.inbox.waiting() == []


async def test_a_message_that_can_never_be_written_down_is_shown_to_staff(core: Core) -> None:
    phone = Phone()
    open_desk = desk(core, phone)
    await open_desk.set_aside(message("甲", 1))
    await asyncio.sleep(0.05)
    await open_desk.close()
    assert "110" in phone.arrived[0][1]
    with core.database.reading() as session:
        talk = core.inbox.find(session, "telegram", "甲")
        assert talk is not None
        assert talk.attention == "human"


async def test_a_reply_that_breaks_the_sender_is_given_up_and_shown_to_staff(core: Core) -> None:
    phone = Phone()
    phone.failures = [ValueError()] * 5
    core.takes("你好", channel="telegram")
    outbox = Outbox(core.database, {"telegram": phone}, Clock(MOMENT))
    conversation = core.inbox.waiting()[0]
    await asyncio.to_thread(core.turns.handle, core.inbox.next_open(conversation) or 0)
    await asyncio.wait_for(outbox.deliver(conversation), 30)
    assert phone.arrived == []
    with core.database.reading() as session:
        talk = core.inbox.find(session, "telegram", "甲")
        assert talk is not None
        assert talk.attention == "unreachable"


async def test_danger_leaves_first_when_the_platform_is_back(core: Core) -> None:
    phone = Phone()
    phone.failures = [TryLaterError(4, everybody=True)]
    open_desk = desk(core, phone)
    for sender in ("甲", "乙", "急", "丙"):
        conversation = core.takes("话", sender, sender, "telegram")
        await asyncio.to_thread(core.turns.handle, core.inbox.next_open(conversation or 0) or 0)
        if sender == "急":
            with core.database.writing() as session:
                talk = core.inbox.find(session, "telegram", sender)
                assert talk is not None
                talk.attention = "danger"
    with core.database.reading() as session:
        talk = core.inbox.find(session, "telegram", "甲")
        assert talk is not None
    open_desk.deliver(talk.id)  # meets the trouble, the others come while it lasts
    await asyncio.sleep(0.2)
    await open_desk.start()
    await open_desk.idle()
    await open_desk.close()
    assert phone.arrived[0][0] == "急"
    assert sorted(address for address, _ in phone.arrived) == sorted("甲乙急丙")


async def test_a_page_is_told_to_read_with_the_commit_and_nothing_waits_for_it(core: Core) -> None:
    phone = Phone()
    outbox = Outbox(core.database, {"web": phone}, Clock(MOMENT))
    desk = Desk(core.inbox, Threads(core.inbox, core.turns, 2), outbox)
    await desk.start()
    await desk.receive(Incoming("web", "甲", "甲:1", MOMENT, "你好"))
    await desk.idle()
    assert phone.arrived == [("甲", "")]  # the page reads the lines itself
    assert outbox.waiting() == []
    await desk.close()


async def test_a_page_hears_of_what_a_dead_process_had_taken_in(core: Core) -> None:
    core.inbox.accept(Incoming("web", "甲", "甲:1", MOMENT, "你好"))
    phone = Phone()
    desk = Desk(
        core.inbox,
        Threads(core.inbox, core.turns, 2),
        Outbox(core.database, {"web": phone}, Clock(MOMENT)),
    )
    await desk.start()
    await desk.idle()
    assert phone.arrived == [("甲", "")]
    await desk.close()
