"""A case that is handed over: asked, accepted, declined, revoked, or left without an answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.cases import followups, handling, overrides, store, transfers
from bot.cases.datafile import DataFileError, read_table
from bot.cases.handling import HandlingError
from bot.cases.rules import due
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import LEVELS
from bot.clock import Clock
from bot.conversation.watch import Watch
from bot.database import Database
from tests.support.cases import LATER, NOW, filed

POLICE = ("police", None)


def events(row: CaseRow) -> list[str]:
    return [line.event for line in row.history]


def test_a_case_that_is_offered_waits_for_the_answer(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        session.flush()
        assert (row.status, row.assigned) == ("transferred", "a")
        assert row.waits_until == offer.answer_by < due(row.level, NOW)
        assert transfers.open_of(session, row) is offer


def test_who_accepts_has_the_case_and_their_unit_is_responsible(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        transfers.accept(row, offer, "王警官", LATER)
        session.flush()
        assert (row.status, row.assigned, row.unit) == ("accepted", "王警官", "police")
        assert (offer.state, offer.answered_by) == ("accepted", "王警官")
        assert "committee" in row.assessment["referrals"]  # the unit of the rules is told
        assert row.waits_until is None or row.waits_until != offer.answer_by
        store.add_information(row, "孩子发烧了", {"health": ["fever"]}, LATER)
        assert row.unit == "police"


def test_a_colleague_who_accepts_changes_no_unit(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        unit = row.unit
        offer = transfers.ask(session, row, (None, "b"), "我在外地", "a", NOW)
        transfers.accept(row, offer, "b", LATER)
        assert (row.assigned, row.unit, row.status) == ("b", unit, "accepted")


@pytest.mark.parametrize("how", ["decline", "revoke"])
def test_who_declines_or_revokes_leaves_the_case_where_it_was(database: Database, how: str) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.record(row, "home_visit", "去看过了", "a", NOW)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        if how == "decline":
            transfers.decline(row, offer, "不归我们管", "b", LATER)
            assert offer.answer == "不归我们管"
        else:
            transfers.revoke(row, offer, "a", LATER)
        session.flush()
        assert (row.status, row.assigned) == ("in_progress", "a")
        assert transfers.open_of(session, row) is None
        assert all(each.due_at != offer.answer_by for each in followups.open_of(row))
        with pytest.raises(HandlingError):
            transfers.accept(row, offer, "b", LATER)


def test_a_case_that_nobody_answers_for_is_back_in_the_queue_for_everybody(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        number, answer_by = row.id, offer.answer_by
    with database.writing() as session:
        assert transfers.expire(session, answer_by - timedelta(minutes=1)) == 0
    Watch(database, Clock(answer_by)).look()
    with database.writing() as session:
        row = session.get(CaseRow, number)
        assert (row.status, row.assigned, row.waits_until) == ("new", None, row.due_at)
        assert events(row)[-1] == "transfer_expired"
        assert transfers.of_case(session, row)[0].state == "expired"
        assert transfers.expire(session, answer_by) == 0


def test_an_offer_of_a_case_that_its_reporter_took_back_is_over(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        store.withdraw(row, LATER)
        session.flush()
        assert transfers.expire(session, offer.answer_by) == 0
        assert (offer.state, row.status) == ("revoked", "withdrawn")


def test_what_makes_no_sense_is_refused(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        handling.accept(row, "a", NOW)
        for nobody in ((None, None), ("police", "b"), (None, "a"), (row.unit, None), ("x", None)):
            with pytest.raises(HandlingError):
                transfers.ask(session, row, nobody, "x", "a", NOW)
        transfers.ask(session, row, POLICE, "x", "a", NOW)
        for act in (
            lambda: transfers.ask(session, row, POLICE, "x", "a", NOW),
            lambda: handling.accept(row, "b", NOW),
            lambda: handling.assign(row, "b", "c", NOW),
            lambda: handling.give_back(row, "a", NOW),
        ):
            with pytest.raises(HandlingError):
                act()


def test_the_more_urgent_a_case_the_sooner_an_answer_is_due(database: Database) -> None:
    spans = [transfers.answer_by(level, NOW) for level in LEVELS]
    assert spans == sorted(spans)
    for level in LEVELS:
        assert transfers.answer_by(level, NOW) < due(level, NOW)


def test_a_level_that_staff_raise_meanwhile_does_not_stop_the_offer(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        offer = transfers.ask(session, row, POLICE, "要出警", "a", NOW)
        overrides.override_level(row, "critical", "c", "受伤了", LATER)
        assert row.status == "transferred"
        transfers.accept(row, offer, "b", LATER)
        assert (row.level, row.status) == ("critical", "accepted")


def test_a_table_that_forgets_a_level_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "transfers.yml"
    path.write_text(yaml.safe_dump({"answer": {"low": {"within": {"days": 1}, "why": "x"}}}))
    with pytest.raises(DataFileError, match="the levels must be"):
        read_table(path, transfers.TransferTable)
