"""Nobody can send so much that others wait."""

import contextlib

import pytest

from bot.clock import Clock
from bot.conversation.desk import Desk
from bot.conversation.limits import PERSON, Allowance, Limits
from bot.conversation.messages import TooManyError
from bot.conversation.outbox import Outbox
from tests.bot.conversation.conftest import MOMENT, Core
from tests.bot.conversation.test_desk import Phone, message


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


def flooded(core: Core, phone: Phone) -> Desk:
    return Desk(core.inbox, core.turns, Outbox(core.database, {"web": phone}, Clock(MOMENT)), 4)


async def flood(desk: Desk, sender: str, count: int) -> int:
    taken = 0
    for number in range(count):
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


async def test_danger_is_answered_beyond_the_limit(core: Core) -> None:
    phone = Phone()
    desk = flooded(core, phone)
    await flood(desk, "甲", PERSON.a_minute)
    urgent = "快来，孩子从楼上掉下来了，在流血"
    assert await desk.receive(message("甲", 999, text=urgent))
    with pytest.raises(TooManyError):
        await desk.receive(message("甲", 1000))
    await desk.idle()
    await desk.close()
    assert ("甲", "您说：" + urgent) in phone.arrived


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
