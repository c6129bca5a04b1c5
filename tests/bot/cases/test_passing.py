"""A case grows worse by time alone."""

from datetime import timedelta

from bot.cases import overrides, passing, store
from bot.clock import Clock
from bot.conversation.watch import Watch
from bot.database import Database
from tests.support.cases import ALONE, NOW, filed

EVENING = NOW.replace(hour=20)
TEN = {**ALONE, "child_count": 1, "ages": [10], "since": "2026-11-21T18:00:00+08:00"}
NIGHT_OVER = EVENING.replace(day=22, hour=5)


def test_a_child_alone_since_the_evening_is_urgent_once_the_night_is_over(
    database: Database,
) -> None:
    with database.writing() as session:
        row = filed(session, at=EVENING, facts=TEN)
        assert (row.level, row.due_at) == ("medium", EVENING + timedelta(hours=24))
        identity = row.id
    with database.reading() as session:
        assert passing.may_be_worse(session, EVENING + timedelta(minutes=1)) == []
    assert Watch(database, Clock(NIGHT_OVER - timedelta(minutes=1))).look() == 0
    with database.reading() as session:
        assert passing.may_be_worse(session, NIGHT_OVER - timedelta(minutes=1)) == []
        assert passing.may_be_worse(session, NIGHT_OVER) == [identity]
    assert Watch(database, Clock(NIGHT_OVER)).look() == 1
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert (row.level, row.due_at) == ("high", NIGHT_OVER + timedelta(hours=2))
        line = next(entry for entry in row.history if entry.event == "time_passed")
        assert (line.actor, line.at) == ("system", NIGHT_OVER)
        assert line.detail == {"level_before": "medium", "level": "high"}


def test_nobody_looks_twice_at_what_is_known_to_have_grown_worse(database: Database) -> None:
    with database.writing() as session:
        filed(session, at=EVENING, facts=TEN)
    assert Watch(database, Clock(NIGHT_OVER)).look() == 1
    assert Watch(database, Clock(NIGHT_OVER + timedelta(hours=1))).look() == 0


def test_a_level_that_staff_lowered_is_exceeded_by_a_night_alone(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, at=EVENING, facts=TEN)
        overrides.override_level(row, "low", "王工", "邻居答应去看", EVENING)
    Watch(database, Clock(NIGHT_OVER)).look()
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert row.level == "high"
        assert "override_exceeded" in [entry.event for entry in row.history]


def test_what_is_ended_or_not_filed_is_left_alone(database: Database) -> None:
    with database.writing() as session:
        store.withdraw(filed(session, at=EVENING, facts=TEN), EVENING)
        filed(session, at=EVENING, facts=TEN, filed=False, case_no="HT-261121-BBBBB")
    assert Watch(database, Clock(NIGHT_OVER)).look() == 0


def test_a_case_is_opened_only_when_time_may_have_changed_it(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, at=EVENING, facts=TEN)
        moments = []
        while row.worsens_at is not None:
            moments.append(row.worsens_at)
            passing.look_again(row, row.worsens_at)
        assert moments == sorted(set(moments)) and NIGHT_OVER in moments
        session.flush()
        assert passing.may_be_worse(session, NIGHT_OVER + timedelta(days=900)) == []
