"""Staff list, record and schedule follow-ups, and keep the ledger, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import open_database
from bot.cases.tables import FollowupRow, LedgerRow
from bot.cli import hutong
from bot.database import Database
from bot.settings import load_settings
from tests.support.cases import ALONE, filed

Run = Callable[..., Result]
CASE = "HT-261121-AAAAA"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUTONG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUTONG_NOW", "2026-11-21T12:30:00+08:00")
    return lambda *words: CliRunner().invoke(hutong, words)


@pytest.fixture
def database(run: Run) -> Database:
    """A case of two and a half hours ago, of a child who is disabled."""
    database = open_database(load_settings(_env_file=None))
    with database.writing() as session:
        filed(session, facts={**ALONE, "needs": ["food"], "health": ["disabled"]})
    return database


def rows(database: Database, table: Any, **by: Any) -> list[Any]:
    with database.reading() as session:
        return session.query(table).filter_by(**by).all()


def test_what_is_open_is_listed_and_what_is_late_is_called_missed(
    run: Run, database: Database
) -> None:
    lines = [line for line in run("followups", "list").output.splitlines() if CASE in line]
    assert len(lines) == len(rows(database, FollowupRow))
    assert "next_look" in lines[0] and "missed" in lines[0]
    assert "home_visit" in lines[1] and "planned" in lines[1]
    due = run("followups", "list", "--due").output
    assert due.count(CASE) == 1
    assert run("followups", "list", "--region", "41").output.count(CASE) == 0


def test_supplies_are_recorded_with_their_number(run: Run, database: Database) -> None:
    (row,) = rows(database, FollowupRow, kind="supplies")
    words = ("--record", "晚饭送到门口", "--quantity", "2", "--by", "王干部")
    assert run("followups", "done", str(row.id), *words).exit_code == 0
    (row,) = rows(database, FollowupRow, kind="supplies")
    assert (row.state, row.done_by, row.quantity) == ("done", "王干部", 2)
    again = run("followups", "done", str(row.id), *words)
    assert again.exit_code == 1
    assert "is done already" in again.output


def test_a_reminder_is_scheduled_with_own_words_or_the_question(
    run: Run, database: Database
) -> None:
    at = ("--at", "2026-11-22T09:00+08:00")
    assert run("followups", "schedule", CASE.lower(), "reminder", *at).exit_code == 0
    own = run("followups", "schedule", CASE, "reminder", *at, "--text", "明天有人来", "--anyway")
    assert own.exit_code == 0
    asked, said = rows(database, FollowupRow, kind="reminder", rule=None)
    assert asked.content == {"says": "carer_now", "words": None, "anyway": False}
    assert said.content == {"says": None, "words": "明天有人来", "anyway": True}
    assert said.due_at.isoformat() == "2026-11-22T09:00:00+08:00"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("schedule", CASE, "home_visit", "--at", "tomorrow"), "'tomorrow' is no time"),
        (("schedule", CASE, "home_visit", "--at", "2026-11-22T09:00"), "needs a UTC offset"),
        (("schedule", CASE, "visit", "--at", "2026-11-22T09:00+08:00"), "There is no kind"),
        (("schedule", "HT-1", "home_visit", "--at", "2026-11-22T09:00+08:00"), "no such case"),
        (("done", "4711", "--record", "x"), "There is no follow-up 4711"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    run: Run, database: Database, words: tuple[str, ...], why: str
) -> None:
    before = len(rows(database, FollowupRow))
    done = run("followups", *words)
    assert done.exit_code == 1
    assert why in done.output
    assert "Traceback" not in done.output
    assert len(rows(database, FollowupRow)) == before


def test_the_ledger_is_listed_and_kept(run: Run, database: Database) -> None:
    assert "in_difficulty" in run("ledger", "list", "--kind", "in_difficulty").output
    assert CASE not in run("ledger", "list", "--kind", "orphan").output
    assert CASE not in run("ledger", "list", "--due").output
    (entry,) = rows(database, LedgerRow)
    assert run("ledger", "set", str(entry.id), "confirm", "--by", "王干部").exit_code == 0
    assert run("ledger", "set", str(entry.id), "refresh", "--record", "看过了").exit_code == 0
    (entry,) = rows(database, LedgerRow)
    assert entry.state == "confirmed"
    assert entry.refreshed_at.isoformat() == "2026-11-21T12:30:00+08:00"
    assert run("ledger", "set", str(entry.id), "remove").exit_code == 0
    assert CASE not in run("ledger", "list").output
    assert "There is no entry 99" in run("ledger", "set", "99", "confirm").output
    assert "There is no kind 'left'" in run("ledger", "list", "--kind", "left").output
