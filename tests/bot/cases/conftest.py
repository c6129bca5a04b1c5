"""The database that the tests of the case layer write to: SQLite, and PostgreSQL where it is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from bot.cases.privacy_tables import KeyRow
from bot.cases.tables import Base
from bot.database import Database
from tests.support.databases import KINDS, migrated_database


@pytest.fixture(scope="session")
def database_of_kind(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Database]]:
    """Makes a database of each kind the first time that it is asked for."""
    with ExitStack() as stack:

        @cache
        def make(kind: str) -> Database:
            folder = tmp_path_factory.mktemp(kind)
            return stack.enter_context(migrated_database(kind, folder))

        yield make


@pytest.fixture(params=KINDS)
def database(
    request: pytest.FixtureRequest, database_of_kind: Callable[[str], Database]
) -> Iterator[Database]:
    """A database with the newest schema and no rows."""
    database = database_of_kind(request.param)
    yield database
    with database.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table is not KeyRow.__table__:  # without its keys no value could be written
                session.execute(table.delete())
