"""The way out of a channel: many replies side by side, one probe at a time while it is in trouble."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.conversation.messages import TryLaterError

_WIDTH = 8
_TICK = 0.002  # a loop's timer may come a little early


class Lane:
    """Lets replies out, the most urgent first wherever some have to wait.

    Trouble that meets everybody (``TryLaterError.everybody``) closes the lane for as long as the
    channel asks; then one reply at a time is tried, the most urgent first, until one gets through.

    Args:
        width: how many may be under way at once.
    """

    def __init__(self, width: int = _WIDTH) -> None:
        self._width = width
        self._under_way = 0
        self._in_trouble = False
        self._closed_until = 0.0
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @asynccontextmanager
    async def place(self, urgency: int) -> AsyncIterator[None]:
        """Wait for a place; the smaller the urgency's number, the sooner."""
        await self._admitted(urgency)
        try:
            yield
        except TryLaterError as error:
            if error.everybody:
                self._in_trouble = True
                loop = asyncio.get_running_loop()
                self._closed_until = loop.time() + error.after
                loop.call_at(self._closed_until + _TICK, self._admit)
            raise
        else:
            self._in_trouble = False
        finally:
            self._under_way -= 1
            self._admit()

    async def _admitted(self, urgency: int) -> None:
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (urgency, next(self._order), ticket))
        self._admit()
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled():  # it had just been let in
                self._under_way -= 1
                self._admit()
            raise

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        width = 1 if self._in_trouble else self._width
        while self._queue and self._under_way < width and loop.time() >= self._closed_until:
            ticket = heapq.heappop(self._queue)[2]
            if not ticket.done():
                self._under_way += 1
                ticket.set_result(None)
