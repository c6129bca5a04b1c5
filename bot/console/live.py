"""Open pages hear at once that something was written: server-sent events at ``/staff/live``.

The stream carries no content, only how far transcript and history have grown; a page that hears
of it asks for what it shows anew, with its own rights. One look at the database serves all open
pages of the process, so that work of other processes is heard, too.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.cases.tables import HistoryRow, TranscriptRow
from bot.channels.web.guard import SecurityHeaders
from bot.console.pages import POLICY, ROOT, Console
from bot.database import Database

log = logging.getLogger(__name__)

RIGHT = "read"
_EVERY = 2.0
_BEAT = 15.0
"""Seconds between two signs of life; each time the sign-in is checked anew."""


@dataclass(frozen=True)
class Grown:
    """The newest line of all transcripts and of all histories, by id."""

    transcript: int
    history: int

    def as_event(self) -> str:
        """The event that pages hear."""
        data = f'{{"transcript":{self.transcript},"history":{self.history}}}'
        return f"event: change\ndata: {data}\n\n"


class Live:
    """Looks for what is new while somebody listens, and wakes the open streams.

    Args:
        every: seconds between two looks.
        beat: seconds between two signs of life on a stream.
    """

    def __init__(self, database: Database, every: float = _EVERY, beat: float = _BEAT) -> None:
        self._database = database
        self._every = every
        self._beat = beat
        self._grown: Grown | None = None
        self._ears: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def close(self) -> None:
        """End every open stream, now and from now on; from any thread."""
        self._closed = True
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    async def events(self, holds: Callable[[], bool]) -> AsyncIterator[str]:
        """The stream of one page.

        Args:
            holds: whether the person may still listen; asked on a thread at every beat.
        """
        with self._listening() as ear:
            told, checked = self._grown, asyncio.get_running_loop().time()
            yield "retry: 3000\nevent: beat\ndata: \n\n"
            while not self._closed:
                await self._woken(ear)
                if asyncio.get_running_loop().time() - checked >= self._beat:
                    if not await run_in_threadpool(holds):
                        return
                    checked = asyncio.get_running_loop().time()
                    yield "event: beat\ndata: \n\n"
                if self._grown and self._grown != told:
                    if told is not None:
                        yield self._grown.as_event()
                    told = self._grown

    async def _woken(self, ear: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(ear.wait(), self._beat)
        except asyncio.TimeoutError:
            return
        ear.clear()

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Event]:
        ear = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ears.add(ear)
        if self._looking is None or self._looking.done():
            self._grown = None
            self._looking = asyncio.create_task(self._look())
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    async def _look(self) -> None:
        while self._ears and not self._closed:
            found: Grown | None
            try:
                found = await run_in_threadpool(self._read)
            except SQLAlchemyError as error:
                log.error("looking for news failed: %s", type(error).__name__)
                found = self._grown
            if found != self._grown:
                self._grown = found
                self._wake()
            await asyncio.sleep(self._every)

    def _read(self) -> Grown:
        with self._database.reading() as session:
            newest = [
                session.execute(select(func.max(row.id))).scalar() or 0
                for row in (TranscriptRow, HistoryRow)
            ]
        return Grown(*newest)

    def _wake(self) -> None:
        for ear in self._ears:
            ear.set()


def live_route(console: Console, live: Live) -> Route:
    """The stream's address, for whoever is signed in and may read cases."""

    def holds(request: Request) -> bool:
        with console.database.reading() as session:
            found = console.sessions.of(session, request, console.clock.now())
        return found is not None and found.staff.may(RIGHT)

    def still_holds(request: Request) -> bool:
        try:
            return holds(request)
        except SQLAlchemyError:  # the stream ends, and the page asks again
            return False

    async def answer(request: Request) -> Response:
        try:
            if not await run_in_threadpool(holds, request):
                return Response(status_code=401)
        except SQLAlchemyError as error:
            log.error("opening a stream failed: %s", type(error).__name__)
            return Response(status_code=503)
        if request.method == "HEAD":
            return Response(headers=_UNBUFFERED, media_type="text/event-stream")
        events = live.events(lambda: still_holds(request))
        return StreamingResponse(events, headers=_UNBUFFERED, media_type="text/event-stream")

    middleware = [Middleware(SecurityHeaders, policy=POLICY)]
    return Route(f"{ROOT}/live", answer, methods=["GET"], middleware=middleware)


_UNBUFFERED = {"X-Accel-Buffering": "no"}  # nginx would hold the events back
