"""Nobody can send so much that others wait."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.clock import Clock
from bot.conversation.answering import Threads
from bot.conversation.desk import Desk
from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.limits import (
    DANGER,
    PERSON,
    Allowance,
    Limits,
    Room,
    seconds_until_room,
    tells_of_danger,
)
from bot.conversation.messages import Incoming, TooManyError
from bot.conversation.outbox import Outbox
from bot.conversation.turnstile import Turnstile
from bot.texts import texts
from bot.walks.asking import put
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import KEY, MOMENT, Core
from tests.bot.conversation.test_desk import Phone, message
from tests.support.databases import migrated_database
from tests.support.telegram import until

URGENT = "快来，孩子从楼上掉下来了，在流血"


class Watch:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


def test_as_many_as_allowed_and_again_after_a_minute() -> None:
    watch = Watch()
    limits = Limits(Allowance(3, 100), watch)
    assert [limits.allows("甲") for _ in range(5)] == [True, True, True, False, False]
    assert limits.allows("乙")
    watch.seconds = 61
    assert limits.allows("甲")


def test_the_hour_has_its_own_limit() -> None:
    watch = Watch()
    limits = Limits(Allowance(3, 5), watch)
    taken = 0
    for minute in range(10):
        watch.seconds = 61.0 * minute
        taken += sum(limits.allows("甲") for _ in range(3))
    assert taken == 5


def test_people_who_left_are_forgotten() -> None:
    watch = Watch()
    limits = Limits(Allowance(3, 5), watch)
    for number in range(1_000):
        limits.allows(str(number))
    watch.seconds = 3_700
    limits.allows("甲")
    assert len(limits._buckets) == 1


def test_there_is_room_again_when_the_oldest_that_counts_is_old_enough() -> None:
    allowance = Allowance(2, 3)
    sent = [MOMENT - timedelta(seconds=ago) for ago in (5, 20, 3_000, 3_500)]
    assert seconds_until_room(sent[1:], allowance, MOMENT) == 100
    assert seconds_until_room(sent[:2], allowance, MOMENT) == 40
    assert seconds_until_room(sent[:1], allowance, MOMENT) == 0
    assert seconds_until_room([], allowance, MOMENT) == 0


def test_danger_finds_room_when_there_is_no_other_left() -> None:
    room = Room([MOMENT] * PERSON.a_minute, lambda text: text == URGENT)
    full = MOMENT + timedelta(minutes=1)
    assert room.full_until(MOMENT, "一") == full
    assert room.full_until(MOMENT, URGENT) is None
    assert room.full(MOMENT) == {PERSON: 60}
    for _ in range(DANGER.a_minute - PERSON.a_minute - 1):
        assert room.full_until(MOMENT, URGENT) is None
    assert room.full_until(MOMENT, URGENT) == full
    assert room.full_until(full, "二") is None


def test_the_buttons_of_the_danger_question_are_known() -> None:
    report = Draft()
    report.begin("unattended_child")
    _, buttons = put(report, texts("zh_Hans"), "danger")
    answers = [payload for _, payload in buttons if payload.startswith("a:")]
    assert len(answers) > 1
    assert all(tells_of_danger(payload) for payload in answers)


def inbox(core: Core) -> Inbox:
    """The same inbox with a clock that goes."""
    return Inbox(core.database, KEY, Clock())


def flooded(core: Core, phone: Phone) -> Desk:
    outbox = Outbox(core.database, {"telegram": phone}, Clock(MOMENT))
    return Desk(inbox(core), Threads(core.inbox, core.turns, 4), outbox)


async def flood(desk: Desk, sender: str, count: int, first: int = 0) -> int:
    taken = 0
    for number in range(first, first + count):
        with contextlib.suppress(TooManyError):
            taken += await desk.receive(message(sender, number))
    return taken


async def test_a_flood_is_cut_and_told_once_with_whom_to_call(core: Core) -> None:
    phone = Phone()
    desk = flooded(core, phone)
    assert await flood(desk, "甲", PERSON.a_minute + 20) == PERSON.a_minute
    await desk.receive(message("乙", 1))
    await desk.idle()
    await desk.close()
    told = [text for address, text in phone.arrived if address == "甲" and "太快" in text]
    assert len(told) == 1
    assert "110" in told[0]
    assert ("乙", "您说：乙1") in phone.arrived


async def test_workers_on_one_database_count_together(core: Core) -> None:
    one, other = flooded(core, Phone()), flooded(core, Phone())
    taken = await flood(one, "甲", 20) + await flood(other, "甲", 20, first=20)
    assert taken == PERSON.a_minute
    for desk in (one, other):
        await desk.idle()
        await desk.close()


@pytest.mark.parametrize("told", [URGENT, "a:danger:1"], ids=["in words", "by its button"])
async def test_danger_is_answered_beyond_the_limit(core: Core, told: str) -> None:
    phone = Phone()
    desk = flooded(core, phone)
    await flood(desk, "甲", PERSON.a_minute)
    assert await desk.receive(message("甲", 999, text=told))
    with pytest.raises(TooManyError):
        await desk.receive(message("甲", 1000))
    await desk.idle()
    await desk.close()
    assert ("甲", "您说：" + told) in phone.arrived


async def test_danger_has_its_limit_too(core: Core) -> None:
    turnstile = Turnstile(inbox(core))
    taken = 0
    for number in range(DANGER.a_minute + 5):
        (found,) = await turnstile.let_in([message("甲", number, text=URGENT)])
        taken += isinstance(found, int)
    assert taken == DANGER.a_minute


async def test_what_the_platform_repeats_is_not_the_persons_flood(core: Core) -> None:
    phone = Phone()
    desk = flooded(core, phone)
    assert await desk.receive(message("甲", 1))
    assert [await desk.receive(message("甲", 1)) for _ in range(50)] == [False] * 50
    await desk.idle()
    await desk.close()
    assert phone.arrived == [("甲", "您说：甲1")]


async def test_a_repeated_message_leaves_room_for_the_next_one(core: Core) -> None:
    desk = flooded(core, Phone())
    for _ in range(PERSON.a_minute + 1):
        await desk.receive(message("甲", 1))
    assert await desk.receive(message("甲", 2))
    await desk.idle()
    await desk.close()


class SlowInbox(Inbox):
    """An inbox that remembers how many of one person it was given at once."""

    def __init__(self, core: Core) -> None:
        super().__init__(core.database, KEY, Clock())
        self.most = 0
        self.asked = 0

    def accept_all(
        self, runs: Sequence[Sequence[Incoming]], urgent: Callable[[str], bool]
    ) -> list[Accepted]:
        """Take a while."""
        self.asked += 1
        senders = Counter(run[0].sender for run in runs)
        self.most = max(self.most, *senders.values())
        time.sleep(0.002)
        return super().accept_all(runs, urgent)


async def test_a_flood_waits_in_a_queue_of_its_own_and_asks_the_database_no_more(
    core: Core,
) -> None:
    slow = SlowInbox(core)
    turnstile = Turnstile(slow)
    flood = [turnstile.let_in([message("甲", number)]) for number in range(500)]
    found = [each for (each,) in await asyncio.gather(*flood)]
    assert sum(isinstance(each, TooManyError) for each in found) == 500 - PERSON.a_minute
    assert slow.most == 1
    assert slow.asked == PERSON.a_minute + 1


async def test_what_came_together_is_written_down_together_with_danger_among_it(
    core: Core,
) -> None:
    slow, phone = SlowInbox(core), Phone()
    desk = Desk(
        slow,
        Threads(core.inbox, core.turns, 4),
        Outbox(core.database, {"telegram": phone}, Clock(MOMENT)),
    )
    run = [message("甲", number) for number in range(100)]
    run[70] = message("甲", 70, text=URGENT)
    await desk.receive_all(run)
    await desk.receive_all(run[60:80])  # it came again: danger is known, the rest too much
    await desk.idle()
    await desk.close()
    assert slow.asked == 2
    answered = [text for _, text in phone.arrived if "太快" not in text]
    first = [f"您说：甲{number}" for number in range(PERSON.a_minute)]
    assert answered == [*first, "您说：" + URGENT]
    assert len(phone.arrived) == len(answered) + 1


def test_a_flood_asks_the_database_as_often_as_a_message(tmp_path: Path) -> None:
    asked: list[str] = []

    def follow(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_trace_callback(asked.append)

    with migrated_database("sqlite", tmp_path) as database:
        event.listen(database.engine, "checkout", follow)
        open_inbox = Inbox(database, KEY, Clock())
        counts = []
        for sender, many in (("甲", 1), ("乙", 2), ("丙", 100)):
            asked.clear()
            run = [message(sender, number) for number in range(many)]
            found = open_inbox.accept_all([run], lambda _: False)[0].each
            assert sum(isinstance(each, int) for each in found) == min(many, PERSON.a_minute)
            counts.append(sum(words.startswith("SELECT") for words in asked))
    assert 0 < counts[2] <= counts[1] <= counts[0]


async def test_what_was_written_while_we_were_away_is_no_flood(core: Core) -> None:
    turnstile, now = Turnstile(inbox(core)), Clock().now()
    away = [now - timedelta(minutes=90 - number) for number in range(80)]
    run = [message("甲", number, at) for number, at in enumerate(away)]
    found = await turnstile.let_in(run[:50]) + await turnstile.let_in(run[50:])
    assert all(isinstance(each, int) for each in found)
    (found_now,) = await turnstile.let_in([message("甲", 99, now)])
    assert isinstance(found_now, int)


async def test_a_flood_that_waited_is_a_flood(core: Core) -> None:
    turnstile, then = Turnstile(inbox(core)), Clock().now() - timedelta(minutes=20)
    run = [message("甲", number, then) for number in range(100)]
    found = await turnstile.let_in(run)
    assert sum(isinstance(each, int) for each in found) == PERSON.a_minute
    assert all(each.after == 0 for each in found if isinstance(each, TooManyError))
    (found_now,) = await turnstile.let_in([message("甲", 100, Clock().now())])
    assert isinstance(found_now, int)


async def test_who_sent_very_much_steps_back_while_others_are_answered(core: Core) -> None:
    phone = Phone()
    desk = flooded(core, phone)
    begun = threading.Event()

    def answer_the_other_slowly() -> None:
        if not begun.is_set():
            begun.set()
            time.sleep(1.0)

    core.talker.before = answer_the_other_slowly
    await desk.receive(message("乙", 1))
    await asyncio.to_thread(begun.wait, 5)
    await desk.receive_all([message("甲", number) for number in range(PERSON.a_minute)])
    await until(lambda: ("乙", "您说：乙1") in phone.arrived, 30)
    meanwhile = [address for address, _ in phone.arrived].count("甲")
    await desk.idle()
    await desk.close()
    assert meanwhile <= 15
    assert [address for address, _ in phone.arrived].count("甲") == PERSON.a_minute
