"""The database: engine, sessions, keys, and its schema's version."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import column, create_engine, event, inspect, select, table
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import QueuePool
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from bot.cases import keys, privacy_tables, staff_tables, standing  # noqa: F401 - for the tables
from bot.cases.keyring import HeldKey, Keyring
from bot.prepared import Form, Prepared, Transaction

KEYS_EVERY = 2.0
"""Seconds after which a writing session looks whether the key that seals has changed."""
HEAD = "0008"
"""The newest migration: the schema that this program needs."""
_MIGRATIONS = Path(__file__).with_name("migrations")
_SQLITE_POOL: dict[str, Any] = {
    "poolclass": QueuePool,  # opening a file anew for each session takes a twentieth of a turn
    "max_overflow": -1,
    "connect_args": {"check_same_thread": False},
}
_VERSION = table("alembic_version", column("version_num"))
_BUSY_SECONDS = 20
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_PATIENT = f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}"


class _Writing(Transaction):
    """A session that writes: it keeps the standing of the cases whose objects it changes."""


event.listen(_Writing, "before_flush", standing.before_flush)


class SchemaError(Exception):
    """The database's schema does not fit this program; the message says how to mend it."""


class Database:
    """One database by URL; SQLite and PostgreSQL.

    A reading session sees one state; a writing session is one transaction, committed at its end
    and rolled back on any error.

    Args:
        keyring: what this database's values are sealed with; one keyring for each database.
    """

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.url = url
        self.keyring = keyring
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # hide_parameters: no error and no log shows what somebody wrote
        pool = _SQLITE_POOL if self.is_sqlite else {"pool_pre_ping": True}
        self.engine: Engine = create_engine(url, future=True, hide_parameters=True, **pool)
        self.engine.dialect.keyring = keyring  # where the column types find it
        keyring.read_from(self._keys)
        self._keys_read = 0.0
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._for_writing = self.engine.execution_options(writes=True)
        self._forms: dict[Prepared, Form] = {}

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A session that only reads."""
        session = Transaction(self.engine, self._forms, _begin if self.is_sqlite else None)
        try:
            yield session
        finally:
            session.leave()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A session that is one transaction."""
        if time.monotonic() - self._keys_read > KEYS_EVERY:
            self._keys_read = time.monotonic()
            self.keyring.take(self._keys())
        session = _Writing(
            self._for_writing, self._forms, _begin_writing if self.is_sqlite else None
        )
        try:
            yield session
            session.finish()
        finally:
            session.leave()

    def upgrade(self) -> None:
        """Bring the schema to the newest version, and what was written in the clear under seal.

        Raises:
            SchemaError: a newer program made it.
        """
        current = self._revision()
        if current == HEAD:
            return
        from alembic import command  # a fifth of a second, and seldom needed
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["engine"] = self.engine
        known = ScriptDirectory.from_config(config).walk_revisions()
        if current and current not in {revision.revision for revision in known}:
            raise _does_not_fit(current)
        command.upgrade(config, "head")

    def check(self) -> None:
        """Make sure that schema and key are the ones this program was made and started for.

        Keys that are wrapped under the key material before are wrapped under today's.

        Raises:
            SchemaError: the schema is older or newer.
            bot.cases.keyring.WrongKeyError: the key material does not open this database.
        """
        current = self._revision()
        if current != HEAD:
            raise _does_not_fit(current)
        if renewed := self.keyring.take(self._keys()):
            with self._for_writing.begin() as connection:
                keys.rewrap(connection, renewed)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _keys(self) -> list[HeldKey]:
        with self.engine.connect() as connection:
            return keys.held(connection)

    def _revision(self) -> str | None:
        if not inspect(self.engine).has_table(_VERSION.name):
            return None
        with self.engine.connect() as connection:
            found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
            return found


def _does_not_fit(current: str | None) -> SchemaError:
    return SchemaError(
        f"The database's schema is {current or 'empty'}, this program needs {HEAD}: "
        "run `hutong db upgrade`, or use the program that made it."
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten, not only let go
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(_PATIENT)
    cursor.close()


def _begin(cursor: Any) -> None:
    cursor.execute("BEGIN")


def _begin_writing(cursor: Any) -> None:
    """Wait for one's turn to write, looking every millisecond or so.

    SQLite itself sleeps for up to a tenth of a second between two looks, while others write for a
    few milliseconds: with several processes that is where the slowest answers came from.
    """
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        cursor.execute(_BEGIN_WRITING)
    except OperationalError as error:
        if not _is_busy(error):
            raise
        _until_it_is_free(cursor.execute, _BEGIN_WRITING)
    finally:
        cursor.execute(_PATIENT)


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and "locked" in str(error)


_until_it_is_free = Retrying(
    retry=retry_if_exception(_is_busy),
    wait=wait_random(0, 0.002),
    stop=stop_after_delay(_BUSY_SECONDS),
    reraise=True,
)


def _begin_sqlite(connection: Any) -> None:
    if not connection.connection.dbapi_connection.in_transaction:  # a prepared statement began it
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql(_BEGIN_WRITING if writes else "BEGIN")
