from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cases import overview
from bot.cases.overview import Open, Scope
from bot.cases.stats import Period
from bot.cases.tables import CaseRow
from bot.database import Database
from tests.support.cases import NOW, conversation, filed, line
from tests.support.databases import KINDS, migrated_database

DAY = date(2026, 11, 21)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with migrated_database(request.param, tmp_path) as made:
        yield made


def scope(first: date = DAY, last: date = DAY, sight: object = None, **more: bool) -> Scope:
    every = CaseRow.id.is_not(None) if sight is None else sight
    return Scope(every, Period(first, last), **more)


def test_arrivals_are_counted_by_the_day_in_china(database: Database) -> None:
    with database.writing() as session:
        filed(session, NOW.replace(hour=0, minute=0), case_no="A")
        filed(session, NOW.replace(hour=23, minute=59), case_no="B")
        filed(session, NOW + timedelta(days=1), case_no="C").channel = "telegram"
    with database.reading() as session:
        assert overview.arrivals(session, scope(), "channel") == {("2026-11-21", "web"): 2}
        two = overview.arrivals(session, scope(last=DAY + timedelta(days=1)), "level")
    assert two == {("2026-11-21", "high"): 2, ("2026-11-22", "high"): 1}


def test_times_to_the_first_look_are_exact_to_the_minute(database: Database) -> None:
    with database.writing() as session:
        for name, minutes in (("A", 29), ("B", 30), ("C", 200)):
            filed(session, case_no=name).first_look_at = NOW + timedelta(minutes=minutes)
        filed(session, case_no="D")  # nobody looked
    with database.reading() as session:
        before = overview.first_looks(session, scope(), NOW + timedelta(minutes=60))["high"]
        after = overview.first_looks(session, scope(), NOW + timedelta(minutes=300))["high"]
    assert (before.median, before.in_time, before.late, before.count) == (30, 2, 1, 3)
    assert (after.in_time, after.late) == (2, 2)  # D's two hours are over
    assert after.share == 0.5
    assert overview.Spans().median is None
    assert overview.Spans().share is None


def test_times_to_closing_leave_out_what_was_withdrawn(database: Database) -> None:
    with database.writing() as session:
        for name, status in (("A", "closed"), ("B", "withdrawn")):
            row = filed(session, case_no=name)
            row.status, row.ended_at = status, NOW + timedelta(minutes=90)
    with database.reading() as session:
        found = overview.closings(session, scope(), NOW + timedelta(days=9))["high"]
    assert (found.median, found.count, found.in_time, found.late) == (90, 1, 1, 0)


def test_only_what_is_in_sight_is_counted(database: Database) -> None:
    with database.writing() as session:
        filed(session, case_no="A")
        far = filed(session, case_no="B")
        far.region = "410105"
        nowhere = filed(session, case_no="C")
        nowhere.region = None
    seen = scope(sight=CaseRow.region == "410105")
    with database.reading() as session:
        assert overview.by_region(session, scope(), NOW) == {
            "440705": (1, 0),
            "410105": (1, 0),
            None: (1, 0),
        }
        assert overview.by_region(session, seen, NOW + timedelta(days=1)) == {"410105": (1, 1)}
        assert sum(overview.arrivals(session, seen, "level").values()) == 1
        late = overview.open_now(session, seen.sight, NOW + timedelta(days=1))
    assert late == {"high": Open(1, 1)}


def test_the_share_understood_counts_words_and_no_presses(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        talk = conversation(session, "b")
        for doubt, confidence in (
            (None, 0.9), (None, 0.8), ("low", 0.3), ("corrected", 0.9), (None, 1.0), (None, None),
        ):  # fmt: skip
            line(session, talk, "x", confidence=confidence, doubt=doubt, case_id=row.id)
        line(session, talk, "x", confidence=0.2, doubt="fallback")
        line(session, talk, "x", confidence=0.9, sender="bot")
        line(session, talk, "x", confidence=0.9, at=NOW + timedelta(days=1))
    with database.reading() as session:
        everywhere = overview.understood(session, scope(everywhere=True))
        there = overview.understood(session, scope(sight=CaseRow.region == "440705"))
        none = overview.understood(session, scope(date(2026, 1, 1), date(2026, 1, 2)))
    assert (everywhere.lines, everywhere.doubts) == (
        5, Counter({"low": 1, "corrected": 1, "fallback": 1}),
    )  # fmt: skip
    assert (there.lines, there.share) == (4, 0.5)
    assert none.share is None
