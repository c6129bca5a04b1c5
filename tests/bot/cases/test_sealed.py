"""What people wrote is unreadable in the database, and comes back exactly as it went in."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, Text, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from bot.cases.keyring import Keyring, SealError
from bot.cases.sealed import Moment, Sealed, keyring_of, opened, seal
from bot.cases.tables import Base, ConversationRow
from bot.clock import SHANGHAI
from bot.database import Database
from tests.support.cases import ODD, conversation

HALF = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)
TEXT = st.lists(st.one_of(st.text(), HALF, st.just("\x00"))).map("".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
MOMENT = datetime(2026, 11, 21, tzinfo=timezone.utc)

CLEAR = {
    "conversation.channel": "which platform",
    "conversation.person": "a keyed hash",
    "conversation.language": "a language tag",
    "conversation.attention": "one of a few words",
    "conversation.held_by": "a member of staff",
    "plan.name": "a digest of the questionnaire's words",
    "inbox.channel": "which platform",
    "inbox.message_key": "a keyed hash",
    "transcript.sender": "reporter, bot or staff",
    "transcript.intent": "one of the contract's intents",
    "transcript.author": "a member of staff",
    "transcript.doubt": "one of a few words",
    "report_case.case_no": "drawn at random",
    "report_case.status": "the queue is sorted by it",
    "report_case.report_type": "one of five",
    "report_case.channel": "which platform",
    "report_case.language": "a language tag",
    "report_case.questionnaire": "a version",
    "report_case.level": "the queue is sorted by it",
    "report_case.unit": "the queue is sorted by it",
    "report_case.region": "the county: rights and figures go by it",
    "report_case.assigned": "a member of staff",
    "report_case.outcome": "one of a few words",
    "history.actor": "reporter, system or a member of staff",
    "history.event": "one of a few words",
    "followup.kind": "one of a few words",
    "followup.state": "one of a few words",
    "followup.unit": "a unit",
    "followup.assigned": "a member of staff",
    "followup.rule": "a line of the plan",
    "followup.done_by": "the bot, the system or a member of staff",
    "ledger.kind": "one of a few words",
    "ledger.region": "the county",
    "ledger.state": "one of a few words",
    "trace.mark": "a keyed hash",
    "related_case.state": "one of a few words",
    "related_case.strength": "one of a few words",
    "related_case.decided_by": "a member of staff",
    "staff.name": "a member of staff",
    "staff.role": "one of a few words",
    "staff.region": "a county",
    "staff.unit": "a unit",
    "staff.language": "a language tag",
    "staff.password_hash": "argon2",
    "staff_session.token_hash": "a hash",
    "audit.actor": "a member of staff",
    "audit.action": "one of a few words",
    "audit.case_no": "drawn at random",
    "audit.seal": "a keyed hash",
    "audit_head.seal": "a keyed hash",
    "transfer.asked_by": "a member of staff",
    "transfer.from_unit": "a unit",
    "transfer.from_worker": "a member of staff",
    "transfer.from_status": "a status",
    "transfer.to_unit": "a unit",
    "transfer.to_worker": "a member of staff",
    "transfer.state": "one of a few words",
    "transfer.answered_by": "a member of staff",
    "review.state": "one of a few words",
    "review.intent": "one of the contract's intents",
    "review.by": "a member of staff",
    "sealing_key.state": "one of a few words",
    "sealing_key.wrapped": "wrapped under the key material",
    "tombstone.kind": "one of a few words",
    "tombstone.case_no": "drawn at random",
    "tombstone.level": "a level",
    "tombstone.region": "the county",
    "tombstone.what": "names of tables and figures",
    "tombstone.why": "one of a few words",
    "deletion.kind": "one of a few words",
    "erasure.state": "one of a few words",
    "receipt.code": "a keyed hash",
}
"""Every column that holds words in the clear, and why it may."""


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
        "\ud83d\ude00",  # two halves, not the one character that they would make
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


def with_keys(material: bytes = b"some material") -> Keyring:
    keyring = Keyring(material)
    keyring.take(keyring.first(MOMENT))
    return keyring


@settings(max_examples=300, deadline=None)
@given(written=JSON)
def test_any_json_is_opened_as_it_was_sealed_and_cannot_be_read_meanwhile(written: Any) -> None:
    keyring = with_keys()
    held = seal(keyring, "a.b", written)
    assert re.fullmatch(r"s1:2:[A-Za-z0-9_=-]+", held)
    assert opened(keyring, "a.b", held) == written
    assert seal(keyring, "a.b", written) != held


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_value_that_was_changed_anywhere_is_refused(data: st.DataObject) -> None:
    keyring = with_keys()
    held = seal(keyring, "a.b", {"text": "孩子在家"})
    at = data.draw(st.integers(0, len(held) - 1))
    changed = held[:at] + data.draw(st.characters(min_codepoint=33)) + held[at + 1 :]
    cut = held[: data.draw(st.integers(0, len(held) - 1))]
    for broken in (changed, cut, held + "A"):
        if broken != held:
            with pytest.raises(SealError):
                opened(keyring, "a.b", broken)


def test_a_value_cannot_be_moved_to_another_column(database: Database) -> None:
    with database.writing() as session:
        conversation(session, state={"slots": {}})
        session.execute(text("update conversation set state = address"))
    with (
        database.reading() as session,
        pytest.raises(SealError, match=r"conversation\.state was not sealed here"),
    ):
        session.execute(select(ConversationRow.state)).all()


@pytest.mark.parametrize("plain", ['"张三"', "null", "s2:1:AAAA", "s1:x:AAAA", "s1:99:AAAA", ""])
def test_what_was_not_sealed_by_the_program_is_refused(database: Database, plain: str) -> None:
    with database.writing() as session:
        conversation(session)
        session.execute(text("update conversation set address = :plain"), {"plain": plain})
    with database.reading() as session, pytest.raises(SealError) as refused:
        session.execute(select(ConversationRow.address)).all()
    assert "张三" not in str(refused.value)


def test_nobody_elses_key_opens_a_value() -> None:
    held = seal(with_keys(), "a.b", "张三")
    with pytest.raises(SealError):
        opened(with_keys(), "a.b", held)


def test_short_answers_cannot_be_told_apart_by_their_length() -> None:
    keyring = with_keys()
    lengths = {len(seal(keyring, "a.b", words)) for words in ("", "有", "没有", "不方便说", None)}
    assert len(lengths) == 1


def test_nothing_in_a_sealed_column_is_null_in_the_database(database: Database) -> None:
    with database.writing() as session:
        conversation(session, state=None)
    with database.reading() as session:
        query = select(ConversationRow.person).where(ConversationRow.state.is_(None))
        assert session.execute(query).scalar_one() == "a"


def test_what_people_write_is_not_in_the_database_as_they_wrote_it(database: Database) -> None:
    with database.writing() as session:
        conversation(session, address="张三 +8613800138000")
    with database.reading() as session:
        held = session.execute(text("select address from conversation")).scalar_one()
    assert held.isascii()
    assert "138" not in held and "5f20" not in held


def test_an_error_of_the_database_does_not_tell_what_was_written(database: Database) -> None:
    with pytest.raises(StatementError) as error, database.writing() as session:
        conversation(session, person="张三", address="张三", created_at=datetime(2026, 11, 21))
    assert "张三" not in str(error.value)


def test_every_column_with_words_is_sealed_under_its_own_name_or_has_a_reason_not_to() -> None:
    clear = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                assert column.type.place == str(column)
            elif isinstance(column.type, String | Text):
                clear.add(str(column))
    assert clear == set(CLEAR)


def test_an_engine_without_keys_reads_nothing(database: Database) -> None:
    with pytest.raises(SealError, match="no keys on this engine"):
        keyring_of(object())


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
    assert Sealed("a.b").process_bind_param(None, None) is None
    assert Sealed("a.b").process_result_value(None, None) is None
