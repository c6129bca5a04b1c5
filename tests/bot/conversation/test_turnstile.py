"""Messages of different people that come at once are written down together."""

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy.exc import DataError, OperationalError

from bot.clock import Clock
from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.messages import Incoming
from bot.conversation.turnstile import Turnstile
from tests.bot.conversation.conftest import KEY, MOMENT, Core

BAD = "写不下"


class Watched(Inbox):
    """An inbox that takes a while, and that one message breaks."""

    def __init__(self, core: Core) -> None:
        super().__init__(core.database, KEY, Clock(MOMENT))
        self.sizes: list[int] = []
        self.away = False

    def accept_all(
        self, runs: Sequence[Sequence[Incoming]], urgent: Callable[[str], bool]
    ) -> list[Accepted]:
        """Write them down, or fail as databases do."""
        self.sizes.append(len(runs))
        time.sleep(0.02)
        if self.away:
            raise OperationalError("INSERT", {}, Exception("gone"))
        if any(each.text == BAD for run in runs for each in run):
            raise DataError("INSERT", {}, Exception("too long"))
        return super().accept_all(runs, urgent)


def message(sender: str, text: str = "在吗") -> Incoming:
    return Incoming("web", sender, f"{sender}-1", MOMENT, text)


async def test_who_writes_while_others_are_written_down_goes_with_the_next(core: Core) -> None:
    inbox = Watched(core)
    turnstile = Turnstile(inbox)
    everybody = [turnstile.let_in([message(str(number))]) for number in range(20)]
    found = [each for (each,) in await asyncio.gather(*everybody)]
    assert len(set(found)) == 20  # a conversation each
    assert sorted(core.inbox.waiting()) == sorted(found)  # type: ignore[type-var] # ids all of them
    assert len(inbox.sizes) <= 3 and sum(inbox.sizes) == 20


async def test_a_message_that_cannot_be_written_down_keeps_no_other_from_it(core: Core) -> None:
    turnstile = Turnstile(Watched(core))
    said = [message("甲"), message("乙", BAD), message("丙"), message("丁")]
    found = await asyncio.gather(
        *(turnstile.let_in([each]) for each in said), return_exceptions=True
    )
    assert [isinstance(each, DataError) for each in found] == [False, True, False, False]
    assert len(core.inbox.waiting()) == 3


async def test_when_the_database_is_away_all_hear_of_it_at_once(core: Core) -> None:
    inbox = Watched(core)
    inbox.away = True
    turnstile = Turnstile(inbox)
    found = await asyncio.gather(
        *(turnstile.let_in([message(str(number))]) for number in range(20)), return_exceptions=True
    )
    assert all(isinstance(each, OperationalError) for each in found)
    assert len(inbox.sizes) <= 3  # it is not asked for each of them
    inbox.away = False
    (found_now,) = await turnstile.let_in([message("甲")])
    assert isinstance(found_now, int)


async def test_who_waits_no_longer_is_written_down_all_the_same(core: Core) -> None:
    turnstile = Turnstile(Watched(core))
    gone = asyncio.create_task(turnstile.let_in([message("甲")]))
    await asyncio.sleep(0.005)
    gone.cancel()
    await turnstile.let_in([message("乙")])
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert len(core.inbox.waiting()) == 2
