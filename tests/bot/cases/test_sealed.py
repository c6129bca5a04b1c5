"""What people wrote and when comes back from the database exactly as it went in."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from bot.cases.sealed import Moment, Sealed
from bot.cases.tables import ConversationRow
from bot.clock import SHANGHAI
from bot.database import Database
from tests.support.cases import ODD, conversation

LONE = st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF)
TEXT = st.lists(st.one_of(st.text(), LONE.map(lambda half: half + "。"), st.just("\x00"))).map(
    "".join
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


def there_and_back(database: Database, value: Any) -> Any:
    with Session(database.engine, future=True) as session:  # rolled back at its end
        row = conversation(session, state=value)
        session.expire(row)
        return row.state


@pytest.mark.parametrize(
    "written",
    [
        ODD,
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff前半",
        "👨‍👩‍👧",
        "\U0010ffff\ufffe\uffff",
        "字" * 100_000,
        {"键\x00\ud83c": [ODD, None, 0.67, True, {}]},
        [],
        0,
        False,
    ],
)
def test_a_sealed_column_gives_back_exactly_what_it_was_given(
    database: Database, written: Any
) -> None:
    assert there_and_back(database, written) == written


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(written=JSON)
def test_no_text_however_odd_is_changed_by_a_sealed_column(
    database: Database, written: Any
) -> None:
    assert there_and_back(database, written) == written


def test_nothing_in_a_sealed_column_is_null_in_the_database(database: Database) -> None:
    with database.writing() as session:
        conversation(session, state=None)
    with database.reading() as session:
        query = select(ConversationRow.person).where(ConversationRow.state.is_(None))
        assert session.execute(query).scalar_one() == "a"


def test_what_people_write_goes_to_the_database_as_plain_ascii(database: Database) -> None:
    with database.writing() as session:
        conversation(session, address="张三\ud83c")
    with database.reading() as session:
        held = session.execute(text("select address from conversation")).scalar_one()
    assert held.isascii()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI),
        datetime(2026, 11, 21, 1, 0, 0, 123456, tzinfo=timezone.utc),
        datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
        datetime(1990, 8, 1, 12, 0, tzinfo=SHANGHAI),  # Shanghai kept summer time then
    ],
)
def test_a_moment_keeps_its_instant_and_comes_back_in_shanghai_time(
    database: Database, moment: datetime
) -> None:
    with database.writing() as session:
        row_id = conversation(session, created_at=moment).id
    with database.reading() as session:
        found = session.get(ConversationRow, row_id).created_at
    assert found == moment
    assert found.tzinfo is SHANGHAI


def test_a_moment_without_an_offset_is_refused(database: Database) -> None:
    with (
        pytest.raises(StatementError, match="a moment needs a UTC offset"),
        database.writing() as session,
    ):
        conversation(session, created_at=datetime(2026, 11, 21, 10, 0))


def test_a_missing_moment_stays_missing() -> None:
    assert Moment().process_bind_param(None, None) is None
    assert Moment().process_result_value(None, None) is None
    assert Sealed().process_bind_param(None, None) is None
