"""Language understanding in processes of its own, so that it has a core beside that of the turns.

Understanding a message is a pure function of its words and its moment that keeps a processor busy
for as long as the rest of a turn does, and Python's lock lets one process use one core. ``Minds``
is asked as an ``Interpreter`` is; a process of it that dies or hangs is replaced, and the message
asked again. Nothing of a message is written down or logged on the way.
"""

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bot.conversation.mind import READY
from bot.training import ROOT

if TYPE_CHECKING:  # it takes a second, which the processes shall have for their own
    from nlu.interpreter import Parse

logger = logging.getLogger(__name__)

PATIENCE = 15.0
"""Seconds that understanding one message may take; the longest takes three of a core."""
_STARTS_WITHIN = 120.0
_ATTEMPTS = 2
"""How often a message is asked before its turn fails: it may be what ends the processes."""


class MindError(Exception):
    """A message was not understood; the text names no words of it."""


class _GoneError(Exception):
    """The process died or hangs; the text says which."""


class _Mind:
    """One process and the pipe to it."""

    def __init__(self, model: Path) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "bot.conversation.mind", str(number), str(model)],
                cwd=ROOT,
                env=_environment(),
                pass_fds=(number,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback may quote what was written
            )
            self._pipe = Connection(ours.detach())
        self._ready = False

    def wait(self) -> None:
        """Wait until it can be asked.

        Raises:
            _GoneError: it ended instead, or takes too long.
        """
        if not self._ready:
            self._ready = self._heard(_STARTS_WITHIN) == READY

    def ask(self, question: bytes, patience: float) -> bytes:
        """Its answer.

        Raises:
            _GoneError: it died over it or before, or takes too long.
        """
        self.wait()
        try:
            self._pipe.send_bytes(question)
        except OSError:
            raise _GoneError("it had died") from None
        return self._heard(patience)

    def _heard(self, patience: float) -> bytes:
        try:
            if self._pipe.poll(patience):
                return self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise _GoneError("it died") from None
        raise _GoneError("it hangs")

    def end(self) -> None:
        """End it, whatever it does."""
        self._pipe.close()
        self.process.kill()
        self.process.wait()


class Minds:
    """Understands messages in processes of its own; several threads may ask at once.

    Args:
        model: the trained model's archive.
        count: how many processes, at least one. They load while the caller goes on.
        patience: seconds that one message may take.
    """

    def __init__(self, model: Path, count: int, patience: float = PATIENCE) -> None:
        self._model = model.resolve()
        self._patience = patience
        self._minds = [_Mind(self._model) for _ in range(count)]
        self._idle: SimpleQueue[int] = SimpleQueue()
        for number in range(count):
            self._idle.put(number)
        self.when_replaced: Callable[[], None] = lambda: None
        """Called for each process that had to be replaced."""

    def __enter__(self) -> "Minds":
        return self

    def __exit__(self, *_: object) -> None:
        for mind in self._minds:
            mind.end()

    @property
    def processes(self) -> list[int]:
        """The ids of the processes."""
        return [mind.process.pid for mind in self._minds]

    def wait(self) -> None:
        """Wait until all are loaded.

        Raises:
            MindError: one cannot load.
        """
        try:
            for mind in self._minds:
                mind.wait()
        except _GoneError:
            raise MindError("language understanding cannot be loaded") from None

    def parse(self, text: str, now: datetime | None = None) -> "Parse":
        """Understand one message.

        Args:
            text: as written; anything, also nothing.
            now: aware time of the message; the clock's when None.

        Raises:
            MindError: it cannot be understood.
        """
        from nlu import clock

        with clock.at(now):
            at = clock.reference_time()
        answer = json.loads(self._asked(json.dumps([text, at.isoformat()]).encode()))
        if "error" in answer:
            logger.error("understanding failed with %s", answer["error"])
            raise MindError(answer["error"])
        return _parse(text, *answer["read"])

    def _asked(self, question: bytes) -> bytes:
        number = self._idle.get()
        try:
            for _ in range(_ATTEMPTS):
                try:
                    return self._minds[number].ask(question, self._patience)
                except _GoneError as gone:
                    logger.error("a process that understands was replaced: %s", gone)
                    self._replace(number)
            raise MindError("no process understands it")
        finally:
            self._idle.put(number)

    def _replace(self, number: int) -> None:
        self.when_replaced()
        self._minds[number].end()
        self._minds[number] = _Mind(self._model)


def _parse(text: str, intent: str, confidence: float, *more: list) -> "Parse":
    from nlu.interpreter import Entity, Parse

    ranking, entities, dangers = more
    return Parse(
        text,
        intent,
        confidence,
        tuple((name, share) for name, share in ranking),
        tuple(Entity(*entity) for entity in entities),
        tuple(dangers),
    )


def _environment() -> dict[str, str]:
    """This process's, without our settings, of which it needs none and some are secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUTONG_")}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
