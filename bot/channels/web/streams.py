"""The page's open streams: who listens, and how a reply wakes them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.channels.web.ports import Line, Lines
from bot.conversation.messages import Reply

log = logging.getLogger(__name__)

HEARTBEAT = 15.0  # seconds; the page takes more than twice this without a beat as a lost connection
STREAMS_EACH = 8  # open at once for one session


class _Ear:
    """One open stream, waiting; to be used on the loop that made it."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.ended = False

    def wake(self, end: bool = False) -> None:
        """Let the stream read again, or end it; from any thread."""
        self.ended = self.ended or end
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def rest(self) -> None:
        """Forget earlier calls: the stream reads now."""
        self._woken.clear()

    async def woken_within(self, seconds: float) -> bool:
        """Wait for a call; false when none came in time."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True


class WebSender:
    """The web's ``Sender``: a reply only wakes the page, which reads it from the transcript.

    Args:
        name: what other workers may know of an address (a keyed hash).
        ring: lets other workers know that a person's page has something to read.
    """

    def __init__(
        self,
        name: Callable[[str], str] = str,
        ring: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._name = name
        self._ring = ring
        self._ears: dict[str, list[_Ear]] = {}
        self._closed = False
        self._closing: list[Callable[[], None]] = []

    async def send(self, address: str, reply: Reply) -> None:
        """Wake the streams of ``address``; nobody listening is no error, the page reads later."""
        self.wake(address)
        if self._ring is not None:
            await self._ring(self._name(address))

    def hear(self, person: str) -> None:
        """Wake the streams of the person that another worker names."""
        for address in [each for each in self._ears if self._name(each) == person]:
            self.wake(address)

    def wake(self, address: str) -> None:
        """Let the open streams of one session read their new lines."""
        for ear in list(self._ears.get(address, ())):
            ear.wake()

    def when_closing(self, call: Callable[[], None]) -> None:
        """Have other streams of the house ended together with these."""
        self._closing.append(call)

    def close(self) -> None:
        """End every open stream, now and from now on, so that the server can stop."""
        self._closed = True
        for call in self._closing:
            call()
        for ears in list(self._ears.values()):
            for ear in list(ears):
                ear.wake(end=True)

    @contextmanager
    def _listening(self, address: str) -> Iterator[_Ear]:
        ear = _Ear()
        ear.ended = self._closed
        ears = self._ears.setdefault(address, [])
        ears.append(ear)
        if len(ears) > STREAMS_EACH:
            # the oldest is most likely a phone that lost its network without saying so
            ears[0].wake(end=True)
        try:
            yield ear
        finally:
            ears.remove(ear)
            if not ears:
                self._ears.pop(address, None)

    async def events(
        self, lines: Lines, address: str, after: int, heartbeat: float = HEARTBEAT
    ) -> AsyncIterator[str]:
        """Server-sent events: each line after ``after``, as it comes, until the house closes.

        A ``beat`` follows the first reading and every ``heartbeat`` seconds without a line; each
        beat also reads, so that a wake lost between two processes delays a line, no more.
        """
        with self._listening(address) as ear:
            woken = False
            while True:
                ear.rest()
                try:
                    found = await lines.since(address, after)
                except Exception as error:
                    # its text may hold what a person wrote: the type only; the page reconnects
                    log.error("reading lines failed: %s", type(error).__name__)
                    return
                events = [_line_event(line) for line in found]
                after = found[-1].id if found else after
                if not woken:
                    events.append("event: beat\ndata: \n\n")
                if events:
                    yield "".join(events)  # one answer, one way to the page
                if ear.ended:
                    return
                woken = await ear.woken_within(heartbeat)


def _line_event(line: Line) -> str:
    return f"event: line\nid: {line.id}\ndata: {as_json(line_data(line))}\n\n"


def line_data(line: Line) -> dict[str, Any]:
    """A line as the page gets it; of the message id only the part that the page made."""
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "sender": line.sender,
        "text": line.text,
        "buttons": [{"title": each.title, "payload": each.payload} for each in line.buttons],
        "message": line.message_id.rpartition(":")[2],
    }


def as_json(value: Any) -> str:
    """JSON in pure ASCII: any code point survives the way, a lone surrogate too."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
