from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, true
from sqlalchemy.orm import Session

from bot.cases import worklist
from bot.cases.staff_tables import SeenRow, StaffRow
from bot.cases.tables import CaseRow, ConversationRow
from bot.cases.vocabulary import ENDED, LEVELS
from bot.cases.worklist import MOST, PAGE, Cursor, Wish
from bot.database import Database
from tests.support.cases import NOW, conversation
from tests.support.databases import migrated_database

ALL = true()


def case(
    session: Session,
    name: str,
    level: str = "high",
    minutes: float | None = 60,
    status: str = "new",
    talk: ConversationRow | None = None,
    **values: Any,
) -> CaseRow:
    """A case whose next thing is to be done in so many minutes."""
    waits = None if minutes is None else NOW + timedelta(minutes=minutes)
    row = CaseRow(
        **{
            "case_no": name,
            "conversation_id": (talk or conversation(session, name)).id,
            "status": status,
            "channel": "web",
            "language": "zh_Hans",
            "questionnaire": "1",
            "created_at": NOW,
            "submitted_at": NOW,
            "updated_at": NOW,
            "level": level,
            "due_at": waits,
            "facts": {"facts": {}, "unanswered": {}, "sources": {}, "narrative": ""},
            "ended_at": NOW if status in ENDED else None,
            **values,
        }
    )
    session.add(row)
    session.flush()
    # the standing as its listener works it out, or as a follow-up would have it
    row.urgency = None if status in ENDED else LEVELS.index(level)
    row.waits_until = None if status in ENDED else waits
    session.execute(
        CaseRow.__table__.update()
        .where(CaseRow.id == row.id)
        .values(urgency=row.urgency, waits_until=row.waits_until)
    )
    session.expire(row)
    return row


def names(session: Session, ids: tuple[int, ...]) -> list[str]:
    return [session.get(CaseRow, number).case_no for number in ids]


def queue(session: Session, wish: Wish | None = None, now: datetime = NOW) -> list[str]:
    return names(session, worklist.page(session, ALL, wish or Wish(), now).ids)


def person(session: Session, name: str = "w") -> StaffRow:
    row = StaffRow(name=name, role="worker", password_hash="", code_secret="", created_at=NOW)
    session.add(row)
    session.flush()
    return row


def test_what_is_most_urgent_comes_first(database: Database) -> None:
    with database.writing() as session:
        case(session, "low", "low", 5)
        case(session, "low overdue", "low", -500)
        case(session, "high overdue", "high", -1)
        case(session, "high", "high", 10)
        case(session, "high sooner", "high", 9)
        case(session, "critical taken", "critical", 300, "accepted")
        case(session, "critical new", "critical", 20)
        case(session, "critical overdue", "critical", -1, "accepted")
        case(session, "high no time", "high", None, "accepted")
        assert queue(session) == [
            "critical overdue",
            "critical new",
            "high overdue",
            "low overdue",
            "critical taken",
            "high sooner",
            "high",
            "high no time",
            "low",
        ]


def test_ended_cases_stand_in_the_queue_only_when_asked_for(database: Database) -> None:
    with database.writing() as session:
        case(session, "open")
        for name, days in (("older", 2), ("newer", 1)):
            case(session, name, status="closed", ended_at=NOW - timedelta(days=days))
        case(session, "no time", status="closed", ended_at=None)
        assert queue(session) == ["open"]
        assert queue(session, Wish(status="closed")) == ["newer", "older", "no time"]


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        (Wish(level="high"), ["a"]),
        (Wish(status="accepted"), ["b"]),
        (Wish(unit="police"), ["b"]),
        (Wish(report_type="child_self"), ["a"]),
        (Wish(mine="w"), ["b"]),
        (Wish(where=CaseRow.region == "440703"), ["a"]),
        (Wish(level="high", mine="w"), []),
    ],
)
def test_a_filter_shows_what_fits_and_nothing_else(
    database: Database, wish: Wish, shown: list[str]
) -> None:
    with database.writing() as session:
        case(session, "a", report_type="child_self", region="440703")
        case(session, "b", "low", 10, "accepted", unit="police", assigned="w", region="440704")
        assert queue(session, wish) == shown


def test_a_case_is_unread_until_it_is_read_and_again_when_something_is_written(
    database: Database,
) -> None:
    with database.writing() as session:
        me, other = person(session), person(session, "other")
        row = case(session, "a")
        unread = Wish(unread_by=me.id)
        assert queue(session, unread) == ["a"]
        session.add(SeenRow(staff_id=me.id, case_id=row.id, at=NOW))
        session.flush()
        assert queue(session, unread) == []
        assert queue(session, Wish(unread_by=other.id)) == ["a"]
        session.get(ConversationRow, row.conversation_id).updated_at = NOW + timedelta(minutes=1)
        session.flush()
        assert queue(session, unread) == ["a"]


def test_sight_holds_for_every_page_and_count(database: Database) -> None:
    with database.writing() as session:
        me = person(session)
        case(session, "mine", "critical", -1, region="440703", assigned=me.name)
        case(session, "theirs", "critical", -1, region="440704", assigned=me.name)
        here = CaseRow.region == "440703"
        assert names(session, worklist.page(session, here, Wish(), NOW).ids) == ["mine"]
        counts = worklist.count(session, here, me.name, me.id, NOW)
        assert (counts.critical, counts.overdue, counts.mine, counts.unread) == (1, 1, 1, 1)
        assert worklist.alarming(session, here) == ["mine"]


def test_counts_stop_where_nobody_counts_on(database: Database) -> None:
    with database.writing() as session:
        me, talk = person(session), conversation(session)
        for number in range(MOST + 5):
            case(session, f"c{number}", "critical", -1, talk=talk)
        assert worklist.count(session, ALL, me.name, me.id, NOW).critical == MOST
        assert len(worklist.alarming(session, ALL)) == MOST


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LEVELS),
            st.sampled_from([-90, -30, 0, 30, 90, None]),
            st.sampled_from(["new", "draft", "accepted", "closed"]),
        ),
        min_size=PAGE + 1,
        max_size=3 * PAGE,
    ),
    st.sampled_from(["", "closed"]),
)
def test_page_after_page_shows_each_case_once(
    database: Database, made: list[tuple[str, int | None, str]], status: str
) -> None:
    with database.writing() as session:
        for table in (CaseRow, ConversationRow):
            session.query(table).delete()
        talk = conversation(session)
        rows = [
            case(session, f"c{number}", level, minutes, state, talk)
            for number, (level, minutes, state) in enumerate(made)
        ]
        expected = {row.id for row in rows if (row.status == "closed") == (status == "closed")}
        shown: list[int] = []
        after: Cursor | None = None
        while True:
            # time goes on between two pages; the order stays that of the first
            now = NOW + timedelta(minutes=40) if after else NOW
            found = worklist.page(session, ALL, Wish(status=status), now, after)
            shown += found.ids
            if (after := found.after) is None:
                break
            assert len(found.ids) == PAGE
        assert len(shown) == len(set(shown))
        assert set(shown) == expected


def test_a_conversation_without_a_case_is_shown_danger_first(database: Database) -> None:
    with database.writing() as session:
        for name, why, minutes in (
            ("human", "human", -60),
            ("danger", "danger", -1),
            ("gone", "unreachable", -90),
            ("danger before", "danger", -5),
            ("nothing", None, -99),
        ):
            moment = NOW + timedelta(minutes=minutes)
            conversation(session, name, attention=why, updated_at=moment)
        conversation(session, "held", held_by="w", held_at=NOW)
        shown = [row.person for row in worklist.talks(session)]
        assert shown == ["danger before", "danger", "human", "gone", "held"]


def test_a_conversation_with_an_open_case_is_shown_by_its_case_alone(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session, attention="danger")
        row = case(session, "a", talk=talk)
        assert worklist.talks(session) == []
        row.status, row.ended_at = "closed", NOW
        session.flush()
        assert worklist.talks(session) == []
        talk.updated_at = NOW + timedelta(minutes=1)  # and then they write again
        session.flush()
        assert [each.id for each in worklist.talks(session)] == [talk.id]


def test_no_question_of_the_queue_goes_through_a_whole_table(tmp_path: Path) -> None:
    """On SQLite, which knows nothing of how values are spread and must be led to the right index."""
    plans: dict[str, list[str]] = {}

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asking = connection.connection.cursor()
            asking.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans[statement] = [step[3] for step in asking.fetchall()]

    with migrated_database("sqlite", tmp_path) as database:
        event.listen(database.engine, "before_cursor_execute", explain)
        with database.reading() as session:
            for wish in (Wish(), Wish(unread_by=1), Wish(mine="w"), Wish(status="closed")):
                worklist.page(session, ALL, wish, NOW)
            worklist.count(session, ALL, "w", 1, NOW)
            worklist.alarming(session, ALL)
            worklist.talks(session)
    assert len(plans) > 10
    for statement, steps in plans.items():
        for step in steps:
            assert not re.match("SCAN (report_case|conversation|seen)", step), statement
    # the few held chats, not all those that want no attention
    assert any("conversation_held" in step for steps in plans.values() for step in steps)
