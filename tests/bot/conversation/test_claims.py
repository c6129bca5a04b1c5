"""Among several workers each piece of work is one worker's, and free once that one is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.conversation.claims import OwnClaims, SharedClaims, Work, claims_on
from bot.database import Database
from tests.support.databases import empty_database

pytestmark = pytest.mark.service


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Database]:
    with empty_database("postgres", tmp_path) as database:
        yield database


def workers(database: Database, count: int = 2) -> list[SharedClaims]:
    return [SharedClaims(database.url) for _ in range(count)]


def test_a_claim_is_held_by_one_worker_and_passed_on(shared: Database) -> None:
    one, other = workers(shared)
    assert one.take(Work.ANSWERING, 7)
    assert one.take(Work.ANSWERING, 7)
    assert not other.take(Work.ANSWERING, 7)
    assert other.take(Work.ANSWERING, 8)
    assert other.take(Work.SENDING, 7)
    one.give_back(Work.ANSWERING, 7)
    assert other.take(Work.ANSWERING, 7)
    assert not one.holds(Work.ANSWERING, 7)
    one.close()
    other.close()


def test_what_a_vanished_worker_held_is_free(shared: Database) -> None:
    one, other = workers(shared)
    one.take(Work.POLLING)
    one.close()
    assert other.take(Work.POLLING)
    other.close()


def test_a_worker_that_lost_its_connection_knows_that_it_holds_nothing(shared: Database) -> None:
    one, other = workers(shared)
    one.take(Work.POLLING)
    with shared.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_locks "
                "JOIN pg_database ON pg_database.oid = pg_locks.database "
                "WHERE locktype = 'advisory' AND datname = current_database()"
            )
        )
    assert other.take(Work.POLLING)
    with pytest.raises(Exception, match=r"closed|terminating"):
        one.check()
    assert not one.holds(Work.POLLING)
    assert not one.take(Work.POLLING)
    one.close()
    other.close()


def test_the_number_of_any_conversation_can_be_claimed(shared: Database) -> None:
    (one,) = workers(shared, 1)
    assert one.take(Work.SENDING, 2**31 - 1)
    one.check()
    assert one.holds(Work.SENDING, 2**31 - 1)
    one.close()


def test_a_sqlite_file_has_one_worker_only(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as database:
        claims = claims_on(database)
        assert isinstance(claims, OwnClaims)
        assert claims.take(Work.ANSWERING, 1)
