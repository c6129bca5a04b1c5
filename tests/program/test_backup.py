"""A backup made while the program runs can be restored, and holds everything."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from bot.cases.keyring import Keyring
from bot.cases.tables import InboxRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Incoming
from bot.database import Database
from tests.bot.conversation.conftest import KEY, MOMENT
from tests.support.databases import MATERIAL, empty_url, migrated_database

pytestmark = pytest.mark.service


def fill(database: Database) -> None:
    inbox = Inbox(database, KEY, Clock(MOMENT))
    for number in range(20):
        inbox.accept(Incoming("web", "甲", str(number), MOMENT, f"第{number}条"))


def kept(database: Database) -> list[str]:
    with database.reading() as session:
        query = select(InboxRow.message).order_by(InboxRow.id)
        return [message["text"] for message in session.execute(query).scalars()]


def test_a_sqlite_backup_made_while_it_is_written_to(tmp_path: Path) -> None:
    with migrated_database("sqlite", tmp_path) as database:
        fill(database)
        with database.writing() as open_turn:  # somebody's turn is not committed yet
            open_turn.execute(select(InboxRow.id))
            copy = tmp_path / "backup.sqlite3"
            source = sqlite3.connect(make_url(database.url).database or "")
            source.execute("VACUUM INTO ?", (str(copy),))
            source.close()
    restored = Database(f"sqlite:///{copy}", Keyring(MATERIAL))
    restored.check()
    assert kept(restored) == [f"第{number}条" for number in range(20)]
    restored.close()


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not here")
def test_a_postgresql_dump_is_restored_into_an_empty_database(tmp_path: Path) -> None:
    dump = tmp_path / "backup.dump"
    with migrated_database("postgres", tmp_path) as database:
        fill(database)
        subprocess.run(
            ["pg_dump", "--format=custom", f"--file={dump}", database.url], check=True, timeout=60
        )
    with empty_url("postgres", tmp_path) as url:
        command = ["pg_restore", "--no-owner", f"--dbname={url}", str(dump)]
        subprocess.run(command, check=True, timeout=60)
        restored = Database(url, Keyring(MATERIAL))
        restored.check()
        assert kept(restored) == [f"第{number}条" for number in range(20)]
        restored.close()
