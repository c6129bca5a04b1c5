"""Turns in processes of their own, so that every core answers people.

A turn is a transaction that begins with what the database holds and ends with a commit, so any
process can do it: the serving one takes messages in, lets replies out and asks a clerk for the
turn between. Python's lock would let threads of one process use one core. When more people wait
than there are clerks, one answers several with one commit where the database has one writer at a
time. A clerk that dies or hangs is replaced; of its turns all is written or nothing, and the desk
asks for them again, for each by itself.
"""

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from itertools import count
from pathlib import Path
from typing import Any

from bot.conversation.answering import AS_USUAL, Asked, TurnFailedError
from bot.meters import Meters
from bot.settings import Settings
from bot.training import ROOT

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that one turn may take, several as many times as long: understanding the longest message takes one, a database that is
busy up to twenty."""
_STARTS_WITHIN = 120.0
READY = b"ready\n"
"""What a clerk says once, when it can be asked."""
_LONGEST_ANSWER = 1 << 20
_AT_ONCE = 4
"""How many people a clerk answers with one commit, where a database has one writer at a time."""
_Waiting = tuple[Asked, "asyncio.Future[bool]"]


class ClerkError(Exception):
    """A clerk cannot start."""


class _GoneError(Exception):
    """The clerk died or hangs; the text says which."""


class _Clerk:
    """One process and the line to it."""

    def __init__(self, settings: str, model: Path) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "bot.conversation.clerk", str(number), str(model)],
                env=_environment(),
                pass_fds=(number,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._tell(settings.encode() + b"\n")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def _tell(self, said: bytes) -> None:
        try:
            self._line.sendall(said)
        except OSError:
            logger.debug("a clerk is gone before it was told anything")  # who asks it will notice

    def begin(self) -> None:
        """Let it open the database."""
        self._tell(b"\n")

    def wait(self) -> None:
        """Wait until it can be asked.

        Raises:
            ClerkError: it ended instead, or takes too long.
        """
        self._line.settimeout(_STARTS_WITHIN)
        try:
            ready = self._line.recv(len(READY)) == READY
        except OSError:
            ready = False
        if not ready:
            raise ClerkError("a clerk cannot start")
        self._line.settimeout(None)

    async def ask(self, number: int, question: bytes, patience: float) -> dict[str, Any]:
        """Its answer to the question of that number.

        Raises:
            _GoneError: it died over it or before, or takes too long.
        """
        try:
            if self._streams is None:
                line = asyncio.open_connection(sock=self._line, limit=_LONGEST_ANSWER)
                self._streams = await line
            reader, writer = self._streams
            writer.write(question)
            return await asyncio.wait_for(_answer_to(number, reader), patience)
        except asyncio.TimeoutError:
            raise _GoneError("it hangs") from None
        except OSError:
            raise _GoneError("it died") from None

    def leave(self) -> None:
        """Ask it nothing more: it ends after its turn."""
        try:
            self._line.shutdown(socket.SHUT_WR)
        except OSError:
            logger.debug("a clerk is gone already")

    def hang_up(self) -> None:
        """Listen to it no longer; in the event loop."""
        if self._streams is not None:
            self._streams[1].close()

    def end(self) -> None:
        """End it, whatever it does."""
        self._line.close()
        self.process.kill()
        self.process.wait()


class Clerks:
    """Answers people in processes of their own (``bot.conversation.answering.Answering``).

    Args:
        settings: of the program.
        model: the trained model's archive.
        many: how many processes, at least one. They load while the caller goes on, and wait for
            ``begin`` before they open the database.
        patience: seconds that one turn may take.
    """

    def __init__(
        self, settings: Settings, model: Path, many: int, patience: float = PATIENCE
    ) -> None:
        self._settings = settings.json()
        self._model = model.resolve()
        self.patience = patience
        self._clerks = [_Clerk(self._settings, self._model) for _ in range(many)]
        self._idle = deque(self._clerks)
        self._waiting: deque[_Waiting] = deque()
        self._asking: set[asyncio.Task[None]] = set()
        self._at_once = _AT_ONCE if settings.database.startswith("sqlite") else 1
        self._numbers = count()
        self._closing = False
        self.meters = Meters()
        """Where what the clerks count is added up."""

    def __enter__(self) -> "Clerks":
        return self

    def __exit__(self, *_: object) -> None:
        for clerk in self._clerks:
            clerk.end()

    @property
    def processes(self) -> list[int]:
        """The ids of the processes."""
        return [clerk.process.pid for clerk in self._clerks]

    def begin(self) -> None:
        """Let all open the database, which has the newest schema, and wait until they are ready.

        Raises:
            ClerkError: one cannot start.
        """
        for clerk in self._clerks:
            clerk.begin()
        for clerk in self._clerks:
            clerk.wait()

    async def turn(self, conversation: int, found: bool, fails: bool) -> bool:
        """Let a clerk answer as soon as one is free, perhaps together with others who wait."""
        end: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(((conversation, found, fails), end))
        self._hand_out()
        return await end

    def _hand_out(self) -> None:
        """Give those who wait to the clerks that are free."""
        self._waiting = deque(each for each in self._waiting if not each[1].done())
        while self._waiting and self._idle and not self._closing:
            asking = asyncio.create_task(self._ask(self._idle.popleft(), self._next_ones()))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    def _next_ones(self) -> list[_Waiting]:
        """Who waits longest, with those behind who may share a commit; not those whose turn failed before."""
        share = min(self._at_once, -(-len(self._waiting) // len(self._clerks)))
        several = [self._waiting.popleft()]
        usual = several[0][0][1:] == AS_USUAL
        while usual and len(several) < share and self._waiting[0][0][1:] == AS_USUAL:
            several.append(self._waiting.popleft())
        return several

    async def _ask(self, clerk: _Clerk, several: list[_Waiting]) -> None:
        number = next(self._numbers)
        question = json.dumps([number, [asked for asked, _ in several]]).encode() + b"\n"
        ends: list[dict[str, Any]]
        try:
            answer = await clerk.ask(number, question, self.patience * len(several))
            self.meters.add(answer["counted"])
            ends = answer["ends"]
        except Exception as error:
            # whatever it was: those who wait are told, and a clerk is there again
            why = str(error) if isinstance(error, _GoneError) else type(error).__name__
            ends = [{"failed": "ClerkGone", "died": True}] * len(several)
            clerk = self._another(clerk, why)
        self._idle.append(clerk)
        for (_, waits), end in zip(several, ends, strict=True):
            if waits.done():
                continue  # who asked waits no longer
            if "failed" in end:
                kind, away, died = end["failed"], end.get("away", False), end.get("died", False)
                waits.set_exception(TurnFailedError(kind, away=away, died=died))
            else:
                waits.set_result(end["more"])
        self._hand_out()

    async def close(self) -> None:
        """Let every turn that is running end; begin none."""
        self._closing = True
        for _, end in self._waiting:
            end.cancel()
        for clerk in self._clerks:
            clerk.leave()
        for clerk in self._clerks:
            try:
                await asyncio.to_thread(clerk.process.wait, self.patience)
            except subprocess.TimeoutExpired:
                logger.error("a clerk did not end")
            clerk.hang_up()

    def _another(self, clerk: _Clerk, why: str) -> _Clerk:
        """One in the place of a clerk that is gone; the same where none can be started: it is gone at the next question, too."""
        if self._closing:
            return clerk
        logger.error("a clerk was replaced: %s", why)
        try:
            return self._replaced(clerk)
        except OSError as error:
            logger.error("no clerk can be started: %s", type(error).__name__)
            return clerk

    def _replaced(self, clerk: _Clerk) -> _Clerk:
        """Another in its place, which is asked as soon as it can be."""
        self.meters.clerks_replaced.inc()
        clerk.hang_up()
        clerk.end()
        other = _Clerk(self._settings, self._model)
        self._clerks[self._clerks.index(clerk)] = other
        other.begin()
        return other


async def _answer_to(number: int, reader: asyncio.StreamReader) -> dict[str, Any]:
    """The answer of that number; those before it nobody waited for.

    Raises:
        _GoneError: nothing more will come.
    """
    while said := await reader.readline():
        if said == READY:
            continue
        answer: dict[str, Any] = json.loads(said)
        if answer["of"] == number:
            return answer
    raise _GoneError("it died")


def _environment() -> dict[str, str]:
    """This process's, without our settings, which travel by themselves; some are secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUTONG_")}
    path = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return kept | one | {"PYTHONPATH": path}
