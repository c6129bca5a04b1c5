"""Who does what when several workers share one database: a claim is held by one of them at a time.

On PostgreSQL a claim is a session-level advisory lock on a connection of its own: it is given back
by the server itself when the worker dies, so nothing has to expire. SQLite is one process, where
the desk's own bookkeeping is enough.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.database import Database

logger = logging.getLogger(__name__)
_LOOK_EVERY = 1.0  # seconds between two looks at whose work it is


class Work(IntEnum):
    """What can be claimed; the value is the first half of the lock's key."""

    ANSWERING = 0x48540001
    SENDING = 0x48540002
    POLLING = 0x48540003
    REMINDING = 0x48540004
    WATCHING = 0x48540005
    KEEPING = 0x48540006


class Claims(Protocol):
    """Claims on pieces of work by kind and number (a conversation's id, or 0).

    Attributes:
        shared: whether other workers may hold some; where none do, nobody need ask.
    """

    shared: bool

    def take(self, work: Work, number: int = 0) -> bool:
        """Take a claim; true when it is ours, also when it was before."""

    def holds(self, work: Work, number: int = 0) -> bool:
        """Whether a claim is still ours as far as we know; asks nobody."""

    def give_back(self, work: Work, number: int = 0) -> None:
        """Let others have it."""

    def check(self) -> None:
        """Find out whether our claims still stand; those that do not are forgotten."""

    def close(self) -> None:
        """Give everything back."""


class OwnClaims:
    """Claims of the only process there is: all of them."""

    shared = False

    def take(self, work: Work, number: int = 0) -> bool:
        """Always ours."""
        return True

    def holds(self, work: Work, number: int = 0) -> bool:
        """Always ours."""
        return True

    def give_back(self, work: Work, number: int = 0) -> None:
        """Nobody else wants it."""

    def check(self) -> None:
        """Nothing can be lost."""

    def close(self) -> None:
        """Nothing to give back."""


class SharedClaims:
    """Claims among all workers on one PostgreSQL database; safe to use from several threads.

    Args:
        url: the database.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self._engine = create_engine(
            url, future=True, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._held: set[tuple[Work, int]] = set()

    def take(self, work: Work, number: int = 0) -> bool:
        """Take a claim; true when it is ours, also when it was before.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database is away; all claims are lost.
        """
        with self._lock:
            if (work, number) in self._held:
                return True
            got = self._asked("SELECT pg_try_advisory_lock(:work, :number)", work, number)
            if got:
                self._held.add((work, number))
            return got

    def holds(self, work: Work, number: int = 0) -> bool:
        """Whether a claim is still ours as far as we know; asks nobody."""
        return (work, number) in self._held

    def give_back(self, work: Work, number: int = 0) -> None:
        """Let others have it; where the database is away it is free already."""
        with self._lock:
            if (work, number) not in self._held:
                return
            self._held.discard((work, number))
            try:
                self._asked("SELECT pg_advisory_unlock(:work, :number)", work, number)
            except SQLAlchemyError as error:
                logger.warning("a claim was lost with %s", type(error).__name__)

    def check(self) -> None:
        """Find out whether our claims still stand; those that do not are forgotten.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database is away; all claims are lost.
        """
        with self._lock:
            if self._connection is not None:
                self._asked("SELECT :work = :number", 0, 0)

    def close(self) -> None:
        """Give everything back."""
        with self._lock:
            self._drop()

    def _asked(self, question: str, work: int, number: int) -> bool:
        try:
            if self._connection is None:
                self._connection = self._connected()
            # casts, since the driver would send the larger number as a bigint otherwise
            words = question.replace(":work", "CAST(:work AS int)")
            words = words.replace(":number", "CAST(:number AS int)")
            found = self._connection.execute(text(words), {"work": int(work), "number": number})
            return bool(found.scalar())
        except SQLAlchemyError:
            self._drop()
            raise

    def _connected(self) -> Connection:
        connection = self._engine.connect()
        # a machine that lost its power says no goodbye: the server asks after it soon
        for setting, value in (("idle", 5), ("interval", 2), ("count", 3)):
            connection.execute(text(f"SET tcp_keepalives_{setting} = {value}"))
        return connection

    def _drop(self) -> None:
        self._held.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except SQLAlchemyError:
                connection.invalidate()


def claims_on(database: Database) -> Claims:
    """The claims that fit a database."""
    return OwnClaims() if database.is_sqlite else SharedClaims(database.url)


async def while_ours(
    claims: Claims, work: Work, do: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Do what one worker alone may do, whenever that is this one; until cancelled.

    Raises:
        Exception: what ``do`` raised.
    """
    while not claims.shared:
        await do()
    while True:
        await _until_ours(claims, work)
        doing = asyncio.create_task(do())
        try:
            while claims.holds(work) and not doing.done():
                await asyncio.wait({doing}, timeout=_LOOK_EVERY)
            if doing.done():
                doing.result()
        finally:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)


async def _until_ours(claims: Claims, work: Work) -> None:
    while True:
        try:
            if await asyncio.to_thread(claims.take, work):
                return
        except SQLAlchemyError as error:
            logger.warning("%s cannot be claimed (%s)", work.name.lower(), type(error).__name__)
        await asyncio.sleep(_LOOK_EVERY)
