"""How one worker lets all others know that somebody's page has something new to read.

On PostgreSQL this is LISTEN and NOTIFY; what is passed on is the keyed hash of an address. One
process needs no bell. A call that is lost delays a line until the page's next beat, no more.
"""

import asyncio
import logging
import select
import threading
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.database import Database

logger = logging.getLogger(__name__)
_CHANNEL = "hutong_lines"
_AGAIN_AFTER = 2.0


class Bell(Protocol):
    """Rings in every worker."""

    async def ring(self, person: str) -> None:
        """Let all workers know; never fails."""

    async def run(self, hear: Callable[[str], None]) -> None:
        """Pass on every call until cancelled."""


class NoBell:
    """The bell of the only process there is."""

    async def ring(self, person: str) -> None:
        """Nobody else is there."""

    async def run(self, hear: Callable[[str], None]) -> None:
        """Nothing ever rings."""
        await asyncio.Event().wait()


class SharedBell:
    """The bell of all workers on one PostgreSQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ring(self, person: str) -> None:
        """Let all workers know."""
        try:
            await asyncio.to_thread(self._notify, person)
        except SQLAlchemyError as error:
            logger.warning("the bell did not ring: %s", type(error).__name__)

    async def run(self, hear: Callable[[str], None]) -> None:
        """Pass on every call until cancelled."""
        loop, stopping = asyncio.get_running_loop(), threading.Event()

        def pass_on(person: str) -> None:
            loop.call_soon_threadsafe(hear, person)

        try:
            await asyncio.to_thread(self._listen_for_ever, pass_on, stopping)
        finally:
            stopping.set()

    def _notify(self, person: str) -> None:
        with self._database.engine.begin() as connection:
            connection.execute(
                text("SELECT pg_notify(:channel, :person)"),
                {"channel": _CHANNEL, "person": person},
            )

    def _listen_for_ever(self, hear: Callable[[str], None], stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self._listen(hear, stopping)
            except (SQLAlchemyError, OSError) as error:
                logger.warning("the bell is silent: %s", type(error).__name__)
                stopping.wait(_AGAIN_AFTER)

    def _listen(self, hear: Callable[[str], None], stopping: threading.Event) -> None:
        engine = create_engine(
            self._database.url, future=True, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(f"LISTEN {_CHANNEL}"))
            driver: Any = connection.connection.dbapi_connection
            while not stopping.is_set():
                if select.select([driver], [], [], 0.5)[0]:
                    try:
                        driver.poll()
                    except Exception as error:  # psycopg2's own: the connection is gone
                        raise OSError(type(error).__name__) from None
                while driver.notifies:
                    hear(driver.notifies.pop(0).payload)


def bell_on(database: Database) -> Bell:
    """The bell that fits a database."""
    return NoBell() if database.is_sqlite else SharedBell(database)
