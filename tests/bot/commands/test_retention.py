"""Deleting what is old from the command line."""

import pytest

from bot.cases import store
from bot.database import Database
from tests.bot.cases.test_retention import a_case, closed
from tests.bot.commands.conftest import Call
from tests.support.cases import NOW


def test_a_dry_run_shows_what_is_coming_and_a_run_tells_staff(
    call: Call, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(database, a_case(database), NOW)
    monkeypatch.setenv("HUTONG_KEEP_TRANSCRIPTS", "10")
    shown = call("retention", "run", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "HT-261121-AAAAA" in shown.output and "transcript" in shown.output
    assert events(database) == ["begun", "submitted", "assessed", "followups_planned", "closed"]
    assert call("retention", "run").exit_code == 0
    assert events(database)[-1] == "deletion_due"


def events(database: Database) -> list[str]:
    with database.reading() as session:
        history = store.find(session, "HT-261121-AAAAA").history
        return [row.event for row in history if not row.event.startswith("followup_c")]
