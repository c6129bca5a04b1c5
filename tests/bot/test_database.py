"""The database and its migrations, on SQLite and on PostgreSQL."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from tenacity import stop_after_delay

import bot.database
from bot.cases import keys, related, store
from bot.cases.keyring import Keyring
from bot.cases.privacy_tables import (
    DeletionRow,
    ErasureRow,
    ReceiptRow,
    ReceiptTryRow,
    TombstoneRow,
)
from bot.cases.staff_tables import (
    AuditHeadRow,
    AuditRow,
    ReviewRow,
    SeenRow,
    StaffRow,
    StaffSessionRow,
    TransferRow,
    WordMarkRow,
)
from bot.cases.tables import (
    Base,
    CaseRow,
    ConversationRow,
    HistoryRow,
    InboxRow,
    OutboxRow,
    PlanRow,
    RelatedRow,
    TranscriptRow,
)
from bot.database import Database, SchemaError
from tests.support.cases import ALONE, NOW, ODD, conversation, filed, line
from tests.support.databases import (
    KINDS,
    MATERIAL,
    alembic_config,
    empty_database,
    find_server,
    migrated_database,
    servers,
)

TABLES = set(Base.metadata.tables)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with empty_database(request.param, tmp_path) as database:
        yield database


@pytest.fixture
def database(empty: Database) -> Database:
    empty.upgrade()
    return empty


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def fill(database: Database) -> None:
    """A row in every table, linked in every way there is."""
    with database.writing() as session:
        disabled = {**ALONE, "health": ["disabled"]}  # a candidate of the ledger, with follow-ups
        row = filed(session, narrative=[ODD], facts=disabled)
        talk = session.get(ConversationRow, row.conversation_id)
        message = InboxRow(
            conversation_id=talk.id,
            channel="web",
            message_key="k",
            message={"text": ODD},
            received_at=NOW,
        )
        session.add(message)
        session.add(OutboxRow(conversation_id=talk.id, reply={"text": "好"}, created_at=NOW))
        session.flush()
        said = line(session, talk, ODD, case_id=row.id, inbox_id=message.id)
        line(session, talk, "改过的", case_id=row.id, revises_id=said.id)
        related.suggest(session, row, lambda value: "0" * 64, NOW)
        pair = {"first_id": row.id, "second_id": row.id}  # there is but one case here
        session.add(
            RelatedRow(**pair, state="linked", strength="weak", why=["place"], suggested_at=NOW)
        )
        session.add(PlanRow(name="0" * 16, words={"version": "0"}))
        fill_staff(session, row, said)
        fill_privacy(session, row)


def fill_staff(session: Session, row: CaseRow, said: TranscriptRow) -> None:
    """A row in every table of the staff side."""
    worker = StaffRow(name="w", role="worker", password_hash="-", code_secret="-", created_at=NOW)
    session.add(worker)
    session.flush()
    session.add_all(
        [
            StaffSessionRow(token_hash="t", staff_id=worker.id, created_at=NOW, seen_at=NOW),
            AuditRow(at=NOW, actor="w", action="read", case_no=row.case_no, seal="s"),
            AuditHeadRow(count=1, seal="s"),
            TransferRow(
                case_id=row.id,
                asked_by="w",
                from_status="new",
                why=ODD,
                asked_at=NOW,
                answer_by=NOW,
            ),
            SeenRow(staff_id=worker.id, case_id=row.id, at=NOW),
            ReviewRow(transcript_id=said.id, state="right", by="w", at=NOW),
            WordMarkRow(mark=1, case_id=row.id),
        ]
    )


def fill_privacy(session: Session, row: CaseRow) -> None:
    """A row in every table of the private side; the keys are there already."""
    session.add_all(
        [
            TombstoneRow(kind="draft", what="history 1", why="retention", deleted_at=NOW),
            ErasureRow(
                conversation_id=row.conversation_id, state="done", asked_at=NOW, gone_by=NOW
            ),
            DeletionRow(case_id=row.id, kind="case", due_at=NOW, told_at=NOW),
            ReceiptRow(case_id=row.id, code="0" * 64),
            ReceiptTryRow(conversation_id=row.conversation_id),
        ]
    )


def rows(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {name: session.query(table).count() for name, table in Base.metadata.tables.items()}


def test_an_empty_database_gets_every_table(empty: Database) -> None:
    assert tables(empty) == set()
    empty.upgrade()
    assert tables(empty) == TABLES


def test_the_migrated_schema_is_the_one_that_the_program_reads_and_writes(
    database: Database,
) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_what_refers_to_a_row_is_found_by_an_index_when_the_row_is_deleted() -> None:
    """Else each row that is deleted makes the database go through all that might refer to it."""
    for table in Base.metadata.sorted_tables:
        held = [[column.name for column in index.columns] for index in table.indexes]
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        held += [[column.name for column in each.columns] for each in unique]
        held.append([column.name for column in table.primary_key.columns])
        for key in table.foreign_keys:
            assert key.parent.name in {names[0] for names in held}, (
                f"{table.name}.{key.parent.name}"
            )


def test_the_newest_migration_is_the_one_that_the_program_needs() -> None:
    migrations = Path(bot.database.__file__).with_name("migrations")
    assert ScriptDirectory(str(migrations)).get_current_head() == bot.database.HEAD


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    fill(database)
    before = rows(database)
    database.upgrade()
    assert rows(database) == before
    with database.reading() as session:
        (row,) = store.listed(session)
        assert row.facts["narrative"] == ODD
        assert [entry.text for entry in row.transcript] == [ODD, "改过的"]


def test_the_schema_goes_down_with_data_in_it_and_up_again(database: Database) -> None:
    fill(database)
    assert all(rows(database).values())
    command.downgrade(alembic_config(database), "base")
    assert tables(database) == set()
    database.upgrade()
    assert {name for name, count in rows(database).items() if count} == {"sealing_key"}
    fill(database)


def test_what_was_written_in_the_clear_is_sealed_on_the_way_up(database: Database) -> None:
    fill(database)
    command.downgrade(alembic_config(database), "0004")
    query = text("select text, buttons from transcript order by id")
    with database.reading() as session:
        assert session.execute(query).first() == (json.dumps(ODD), None)
    database.upgrade()
    with database.reading() as session:
        for table, names in sealed_columns().items():
            for values in session.execute(text(f"select {', '.join(names)} from {table}")):
                assert all(value is None or value.startswith("s1:") for value in values), table
        (row,) = store.listed(session)
        assert row.facts["narrative"] == ODD
        assert [entry.text for entry in row.transcript] == [ODD, "改过的"]


def sealed_columns() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column in keys.sealed_columns():
        found.setdefault(column.table.name, []).append(column.name)
    return found


def test_a_case_from_before_the_follow_ups_survives_the_way_up_and_is_planned_when_it_changes(
    database: Database,
) -> None:
    fill(database)
    command.downgrade(alembic_config(database), "0001")
    assert not tables(database) & {"followup", "ledger"}
    database.upgrade()
    counted = rows(database)
    assert (counted["report_case"], counted["followup"], counted["ledger"]) == (1, 0, 0)
    with database.writing() as session:
        (case,) = store.listed(session)
        assert case.facts["narrative"] == ODD
        store.add_information(case, "门牌是8号", {}, NOW)
    counted = rows(database)
    assert counted["followup"] > 0
    assert counted["ledger"] == 1


def test_a_case_from_before_related_reports_is_found_once_more_is_told(
    database: Database,
) -> None:
    fill(database)
    command.downgrade(alembic_config(database), "0002")
    assert not tables(database) & {"trace", "related_case"}
    database.upgrade()
    with database.writing() as session:
        (old,) = store.listed(session)
        assert related.listed(old) == []
        store.add_information(old, "", {"phone": "+8613800138000"}, NOW)
        related.suggest(session, old, str, NOW)
        again = filed(session, case_no="HT-261121-BBBBB", facts=old.facts["facts"])
        related.suggest(session, again, str, NOW)
        assert [entry["case_no"] for entry in related.listed(old)] == ["HT-261121-BBBBB"]


def test_a_database_of_the_newest_schema_passes_the_check(database: Database) -> None:
    database.check()


def test_an_empty_database_is_told_how_to_become_usable(empty: Database) -> None:
    with pytest.raises(SchemaError, match=r"empty.*hutong db upgrade"):
        empty.check()


def set_revision(database: Database, revision: str) -> None:
    with database.writing() as session:
        session.execute(text("update alembic_version set version_num = :r"), {"r": revision})


def test_a_schema_from_the_future_is_told_apart_and_left_alone(database: Database) -> None:
    set_revision(database, "9999")
    with pytest.raises(SchemaError, match=r"9999.*the program that made it"):
        database.check()
    with pytest.raises(SchemaError, match=r"9999.*the program that made it"):
        database.upgrade()
    assert tables(database) == TABLES


def test_a_failed_writing_session_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        conversation(session)
        raise RuntimeError
    assert rows(database)["conversation"] == 0


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(HistoryRow(case_id=4711, at=NOW, actor="system", event="begun"))


def test_the_same_person_or_message_is_never_there_twice(database: Database) -> None:
    fill(database)
    with pytest.raises(IntegrityError), database.writing() as session:
        conversation(session, "HT-261121-AAAAA")
    with pytest.raises(IntegrityError), database.writing() as session:
        talk = conversation(session, "b")
        session.add(
            InboxRow(
                conversation_id=talk.id,
                channel="web",
                message_key="k",
                message={},
                received_at=NOW,
            )
        )


def test_a_reader_is_not_held_up_by_a_writer_and_sees_only_what_is_committed(
    database: Database,
) -> None:
    with database.writing() as session:
        conversation(session)
        assert rows(database)["conversation"] == 0
    assert rows(database)["conversation"] == 1


def test_many_who_write_at_once_all_get_their_turn(database: Database) -> None:
    start, errors = threading.Barrier(6), []

    def write(who: int) -> None:
        start.wait()
        try:
            for turn in range(3):
                with database.writing() as session:
                    conversation(session, f"{who}-{turn}")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert rows(database)["conversation"] == 18


def test_the_folder_of_a_database_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'hutong.sqlite3'}", Keyring(MATERIAL))
    database.upgrade()
    database.close()
    assert (tmp_path / "a" / "b" / "hutong.sqlite3").exists()


def test_a_missing_postgresql_is_a_skip_unless_it_is_required() -> None:
    nowhere = servers({"HUTONG_TEST_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    with pytest.raises(pytest.skip.Exception):
        find_server(nowhere, required=False)
    with pytest.raises(pytest.fail.Exception, match="HUTONG_REQUIRE_POSTGRES"):
        find_server(nowhere, required=True)


def test_who_waits_to_write_gets_the_turn_soon_and_reads_as_patiently_as_before(
    tmp_path: Path,
) -> None:
    with migrated_database("sqlite", tmp_path) as one:
        other = Database(one.url, Keyring(MATERIAL))
        holds, waited = threading.Event(), []

        def write() -> None:
            holds.wait()
            began = time.monotonic()
            with other.writing() as session:
                session.execute(text("SELECT 1"))
                waited.append(time.monotonic() - began)
                patience = session.execute(text("PRAGMA busy_timeout")).scalar()
                waited.append(patience)

        thread = threading.Thread(target=write)
        thread.start()
        with one.writing() as session:
            session.execute(text("SELECT 1"))
            holds.set()
            time.sleep(0.5)
        thread.join()
        other.close()
        assert 0.4 < waited[0] < 5 and waited[1] == 20_000


def test_who_never_gets_a_turn_to_write_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.database._until_it_is_free, "stop", stop_after_delay(0.2))
    with migrated_database("sqlite", tmp_path) as one:
        other = Database(one.url, Keyring(MATERIAL))
        with one.writing() as session:
            session.execute(text("SELECT 1"))
            with (
                pytest.raises(OperationalError, match="locked"),
                other.writing() as late,
            ):
                late.execute(text("SELECT 1"))
        with other.writing() as session:
            session.execute(text("SELECT 1"))
        other.close()
