"""Prepared statements: the same values, errors and transaction as objects have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.cases.tables import ConversationRow, InboxRow, OutboxRow
from bot.database import Database
from bot.prepared import Form, Prepared, Transaction
from tests.support.cases import NOW, ODD, conversation
from tests.support.databases import KINDS, migrated_database

_ROW = OutboxRow.__table__
PUT = Prepared(insert(_ROW), ("conversation_id", "reply", "created_at"))
GET = Prepared(
    select(OutboxRow.id, OutboxRow.reply, OutboxRow.created_at, OutboxRow.failed)
    .where(OutboxRow.conversation_id == bindparam("talk"))
    .order_by(OutboxRow.id)
)
FAIL = Prepared(update(_ROW).where(_ROW.c.id == bindparam("number")), ("failed",))
TALK = Prepared(select(ConversationRow.id).where(ConversationRow.id == bindparam("number")))


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with migrated_database(request.param, tmp_path) as held:
        yield held


@pytest.fixture
def talk(database: Database) -> int:
    with database.writing() as session:
        return int(conversation(session).id)


def put(session: Transaction, talk: int, words: str = "好") -> int:
    return session.insert(PUT, conversation_id=talk, reply={"text": words}, created_at=NOW)


def count(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(select(func.count(OutboxRow.id))).scalar())


def test_a_value_comes_back_as_it_was_put_in_and_lies_sealed(database: Database, talk: int) -> None:
    with database.writing() as session:
        number = put(session, talk, ODD)
    with database.reading() as session:
        assert session.rows(GET, talk=talk) == [[number, {"text": ODD}, NOW, False]]
        assert session.get(OutboxRow, number).reply == {"text": ODD}
        held = session.execute(text("SELECT reply FROM outbox")).scalar()
    assert held.startswith("s1:") and "好" not in held


def test_what_is_put_in_later_has_the_greater_number(database: Database, talk: int) -> None:
    row = {"conversation_id": talk, "created_at": NOW}
    with database.writing() as session:
        numbers = [put(session, talk) for _ in range(3)]
        session.insert_all(PUT, [{**row, "reply": {"text": words}} for words in "甲乙丙"])
        session.insert_all(PUT, [])
        found = [(number, reply["text"]) for number, reply, *_ in session.rows(GET, talk=talk)]
    assert numbers == sorted(set(numbers))
    assert [words for _, words in found[3:]] == ["甲", "乙", "丙"]


def test_a_change_says_how_many_rows_it_met(database: Database, talk: int) -> None:
    with database.writing() as session:
        number = put(session, talk)
        assert session.change(FAIL, number=number, failed=True) == 1
        assert session.change(FAIL, number=number + 1, failed=True) == 0
        assert session.row(GET, talk=talk)[3] is True
        assert session.value(TALK, number=talk) == talk
        assert session.row(GET, talk=0) is None and session.value(TALK, number=0) is None


def test_objects_and_statements_are_one_transaction(database: Database, talk: int) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        put(session, talk)
        session.add(OutboxRow(conversation_id=talk, reply={}, created_at=NOW))
        session.flush()
        put(session, talk)
        raise RuntimeError
    assert count(database) == 0
    with database.writing() as session:
        put(session, talk)
        session.get(ConversationRow, talk).language = "en"
    assert count(database) == 1
    with database.reading() as session:
        assert session.get(ConversationRow, talk).language == "en"


def test_a_statement_sees_the_objects_before_it(database: Database) -> None:
    with database.writing() as session:
        row = ConversationRow(
            channel="web", person="p", address="a", created_at=NOW, updated_at=NOW
        )
        session.add(row)
        assert session.value(Prepared(select(func.count(ConversationRow.id)))) == 1
        assert session.value(TALK, number=row.id) == row.id


def test_after_a_rollback_a_session_writes_in_a_transaction_again(
    database: Database, talk: int
) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        session.get(ConversationRow, talk).language = "en"
        session.flush()
        session.rollback()
        session.get(ConversationRow, talk).language = "zh_Hant"
        session.flush()
        raise RuntimeError
    with database.reading() as session:
        assert session.get(ConversationRow, talk).language == "zh_Hans"


def test_an_error_is_the_one_of_the_library_and_shows_no_value(
    database: Database, talk: int
) -> None:
    message = Prepared(
        insert(InboxRow.__table__),
        ("conversation_id", "channel", "message_key", "message", "received_at"),
    )
    row = {"conversation_id": talk, "channel": "web", "message_key": "k", "received_at": NOW}
    with pytest.raises(IntegrityError) as caught, database.writing() as session:
        session.insert(message, **row, message={"text": "楼下有孩子"})
        session.insert(message, **row, message={"text": "楼下有孩子"})
    assert "楼下" not in str(caught.value) and "s1:" not in str(caught.value)
    with pytest.raises(KeyError), database.writing() as session:
        session.insert(message, **row)


def test_a_list_of_any_length_cannot_be_prepared(database: Database) -> None:
    several = Prepared(select(OutboxRow.id).where(OutboxRow.id.in_([1, 2])))
    with pytest.raises(ValueError, match="list"):
        Form(several, database.engine.dialect)


@pytest.mark.service
def test_a_lost_connection_is_told_as_such_and_not_used_again(tmp_path: Path) -> None:
    with migrated_database("postgres", tmp_path) as held:
        with pytest.raises(DBAPIError) as caught, held.writing() as session:
            own = session.value(Prepared(text("SELECT pg_backend_pid()")))
            with held.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
            session.value(TALK, number=1)
        assert caught.value.connection_invalidated
        with held.reading() as session:
            assert session.value(TALK, number=1) is None
