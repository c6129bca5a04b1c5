"""Who leaves first when not everybody can leave at once."""

import asyncio

import pytest

from bot.conversation.lanes import Lane
from bot.conversation.messages import TryLaterError


async def leave(lane: Lane, name: str, urgency: int, left: list[str]) -> None:
    async with lane.place(urgency):
        left.append(name)
        await asyncio.sleep(0)


async def test_after_trouble_the_most_urgent_leaves_first() -> None:
    lane, left = Lane(), []
    with pytest.raises(TryLaterError):
        async with lane.place(1):
            raise TryLaterError(0.1, everybody=True)
    names = [("甲", 1), ("乙", 1), ("急", 0), ("丙", 1)]
    await asyncio.gather(*(leave(lane, name, urgency, left) for name, urgency in names))
    assert left == ["急", "甲", "乙", "丙"]


async def test_nobody_leaves_while_the_channel_asks_everybody_to_wait() -> None:
    lane, left = Lane(), []
    with pytest.raises(TryLaterError):
        async with lane.place(1):
            raise TryLaterError(0.2, everybody=True)
    waiting = asyncio.create_task(leave(lane, "急", 0, left))
    await asyncio.sleep(0.1)
    assert left == []
    await asyncio.wait_for(waiting, 2)
    assert left == ["急"]


async def test_one_persons_wait_keeps_nobody_else() -> None:
    lane, left = Lane(width=1), []
    with pytest.raises(TryLaterError):
        async with lane.place(1):
            raise TryLaterError(60)
    await asyncio.wait_for(leave(lane, "乙", 1, left), 1)
    assert left == ["乙"]


async def test_somebody_who_gives_up_waiting_takes_no_place() -> None:
    lane, left = Lane(width=1), []
    async with lane.place(1):
        impatient = asyncio.create_task(leave(lane, "甲", 0, left))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
    await asyncio.wait_for(leave(lane, "乙", 1, left), 1)
    assert left == ["乙"]
