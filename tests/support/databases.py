"""Databases for tests: a SQLite file always, a PostgreSQL database where a server answers.

``HUTONG_TEST_DATABASE_URL`` names the server; without it one on 127.0.0.1:5432 is looked for.
With ``HUTONG_REQUIRE_POSTGRES=1`` a missing server is a failure instead of a skip.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

import bot.database
from bot.cases.keyring import Keyring
from bot.database import Database

KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.service))
MATERIAL = b"key material of the tests, long enough"
_LOCAL = tuple(f"postgresql://{user}@127.0.0.1:5432/postgres" for user in ("postgres", "root"))


def servers(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The PostgreSQL servers that may be tried, the one that was named alone if one was."""
    named = environment.get("HUTONG_TEST_DATABASE_URL")
    return (named,) if named else _LOCAL


def find_server(candidates: tuple[str, ...], required: bool) -> URL:
    """The first server that answers.

    Raises:
        pytest.skip.Exception: none does.
        pytest.fail.Exception: none does, and one is required.
    """
    for candidate in candidates:
        if _answers(candidate):
            return make_url(candidate)
    if required:
        pytest.fail("HUTONG_REQUIRE_POSTGRES is set and no PostgreSQL server answers")
    pytest.skip("no PostgreSQL server answers")


@contextmanager
def empty_url(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of its own; it is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hutong.sqlite3'}"
        return
    server = find_server(servers(os.environ), os.environ.get("HUTONG_REQUIRE_POSTGRES") == "1")
    name = f"hutong_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT", future=True)
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.dispose()


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[Database]:
    """A database without any tables."""
    with empty_url(kind, folder) as url:
        database = Database(url, Keyring(MATERIAL))
        try:
            yield database
        finally:
            database.close()


@contextmanager
def migrated_database(kind: str, folder: Path) -> Iterator[Database]:
    """A database with the newest schema and no rows."""
    with empty_database(kind, folder) as database:
        database.upgrade()
        yield database


def alembic_config(database: Database) -> Config:
    """Alembic on this database, for going down as well as up."""
    config = Config()
    config.set_main_option(
        "script_location", str(Path(bot.database.__file__).with_name("migrations"))
    )
    config.attributes["engine"] = database.engine
    return config


@cache
def _answers(url: str) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": 2}, future=True)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()
