"""A door in memory for the tests of channels."""

import asyncio
import time
from collections.abc import Sequence

from bot.conversation.messages import Incoming


class DoorShutError(Exception):
    """The message could not be written down."""


class MemoryDoor:
    """Keeps what channels hand in; implements ``bot.conversation.messages.Door``.

    Attributes:
        taken: the new messages, in order.
        given_up: what could never be taken.
        knocks: how often anything was handed in, duplicates and failures too.
    """

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.knocks = 0
        self.given_up: list[Incoming] = []
        self._failures: dict[str, int] = {}
        self._error: Exception = DoorShutError()

    def breaks(self, sender: str, times: int, error: Exception | None = None) -> None:
        """Raise at the next messages of a sender."""
        self._failures[sender] = times
        self._error = error or DoorShutError()

    async def receive(self, incoming: Incoming) -> bool:
        """Write the message down; true when it is new.

        Raises:
            DoorShutError: the test wanted it so.
        """
        self.knocks += 1
        await asyncio.sleep(0)
        if self._failures.get(incoming.sender, 0) > 0:
            self._failures[incoming.sender] -= 1
            raise self._error
        if any(incoming.message_id == message.message_id for message in self.taken):
            return False
        self.taken.append(incoming)
        return True

    async def receive_all(self, run: Sequence[Incoming]) -> None:
        """Write messages down one after the other.

        Raises:
            DoorShutError: the test wanted it so.
        """
        for incoming in run:
            await self.receive(incoming)

    async def set_aside(self, incoming: Incoming) -> None:
        """Keep what was given up."""
        self.given_up.append(incoming)

    async def got(self, count: int, within: float = 5.0) -> list[Incoming]:
        """All messages, once there are that many.

        Raises:
            AssertionError: fewer came in time.
        """
        end = time.monotonic() + within
        while len(self.taken) < count:
            assert time.monotonic() < end, f"{count} messages wanted, came: {self.taken}"
            await asyncio.sleep(0.005)
        return self.taken
