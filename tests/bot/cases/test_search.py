from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import false, select, true
from sqlalchemy.orm import Session

from bot.cases import related, search
from bot.cases.search import PAGE
from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import CaseRow, ConversationRow, TraceRow, TranscriptRow
from bot.database import Database
from tests.support.cases import ALONE, NOW, ODD, filed, line


def hashed(value: str) -> str:
    """Any hash will do, as long as the plain text cannot be seen in it."""
    return value.encode("utf-8", "replace").hex()


def told(session: Session, number: str, *said: str, **facts: Any) -> CaseRow:
    """A filed case with what its reporter said."""
    row = filed(session, case_no=number, facts={**ALONE, **facts}, narrative=[])
    talk = session.get(ConversationRow, row.conversation_id)
    for text in said:
        line(session, talk, text, case_id=row.id)
    related.suggest(session, row, hashed, NOW)
    search.take_in(session, row, hashed)
    return row


def found(session: Session, query: str, sight: Any = None) -> list[str]:
    ids = search.find(session, true() if sight is None else sight, query, hashed).ids
    return [session.get(CaseRow, number).case_no for number in ids]


ONE, TWO = "HT-261121-7K3QD", "HT-261120-7K3ZZ"


@pytest.mark.parametrize(
    "query",
    [
        ONE, "ht-261121-7k3qd", "HT2611217K3QD", " HT-261121- 7K3QD ", "7K3QD", "3qd", "QD",
        "+8610012345678", "10012345678", "100 1234 5678", "100-1234-5678", "5678",
        "梅溪", "欧阳小雨", "欧阳", "幸福小区", "新会区", "星光小学", "没人照看", "沒人照看",
        "冰箱 没人", "冰箱里，空空的", "PS5", "ps5",
    ],
)  # fmt: skip
def test_a_case_is_found_by(database: Database, query: str) -> None:
    with database.writing() as session:
        told(
            session,
            ONE,
            "两个孩子没人照看",
            "冰箱里空空的",
            "就在梅溪边上，家里只有 PS5",
            phone="+8610012345678",
            name="欧阳小雨",
            organisation="星光小学",
        )
        told(session, TWO, "奶奶在家", location={"text": "平安里", "county": "蓬江区"})
        assert found(session, query) == [ONE]


@pytest.mark.parametrize(
    "query", ["照看没人", "HT-261121-AAAAA", "10099999999", "空调", "’;--", "%%"]
)
def test_what_nobody_said_is_not_found(database: Database, query: str) -> None:
    with database.writing() as session:
        told(session, ONE, "没人照看", "空的")
        assert found(session, query) == []


def test_a_single_character_is_refused_with_the_reason(database: Database) -> None:
    with database.writing() as session:
        told(session, ONE, "没人照看")
        assert search.find(session, true(), "照", hashed).short
        assert search.find(session, true(), "没人 照", hashed).short
        assert not search.find(session, true(), "照看", hashed).short


def test_nothing_out_of_sight_is_found(database: Database) -> None:
    with database.writing() as session:
        told(session, ONE, "没人照看", phone="+8610012345678")
        for query in (ONE, "7K3QD", "10012345678", "5678", "没人照看", "新会区"):
            assert found(session, query, false()) == []


def test_what_the_bot_says_finds_nothing(database: Database) -> None:
    with database.writing() as session:
        row = told(session, ONE)
        talk = session.get(ConversationRow, row.conversation_id)
        line(session, talk, "请打热线", case_id=row.id, sender="bot")
        line(session, talk, "明天上门", case_id=row.id, sender="staff")
        search.take_in(session, row, hashed)
        assert found(session, "热线") == []
        assert found(session, "明天上门") == [ONE]


def test_a_line_is_found_as_soon_as_it_is_heard(database: Database) -> None:
    with database.writing() as session:
        row = told(session, ONE, "没人照看")
        talk = session.get(ConversationRow, row.conversation_id)
        search.heard(session, line(session, talk, "孩子发烧了", case_id=row.id), hashed)
        search.heard(session, line(session, talk, "谢谢你们"), hashed)  # belongs to no case
        assert found(session, "发烧") == [ONE]
        assert found(session, "谢谢") == [ONE]


def test_a_case_from_before_is_taken_in_whole_by_its_next_line(database: Database) -> None:
    with database.writing() as session:
        row = filed(session, case_no=ONE)
        talk = session.get(ConversationRow, row.conversation_id)
        line(session, talk, "阳台上很冷", case_id=row.id)
        assert found(session, "阳台") == []
        search.heard(session, line(session, talk, "还在等", case_id=row.id), hashed)
        assert found(session, "阳台") == [ONE]


def test_no_word_stands_open_in_what_cases_are_found_by(database: Database) -> None:
    with database.writing() as session:
        told(session, ONE, "没人照看", phone="+8610012345678", name="欧阳小雨")
        marks = session.execute(select(WordMarkRow.mark)).scalars().all()
        assert marks and all(0 <= mark < 2**31 for mark in marks)
        traces = " ".join(session.execute(select(TraceRow.mark)).scalars())
        assert "10012345678" not in traces and "欧阳" not in traces


def test_results_go_on_behind_the_last_one(database: Database) -> None:
    with database.writing() as session:
        rows = [told(session, f"HT-261121-2{at:04}", "水管爆了") for at in range(PAGE + 3)]
        first = search.find(session, true(), "水管爆了", hashed)
        assert len(first.ids) == PAGE and first.after == first.ids[-1]
        second = search.find(session, true(), "水管爆了", hashed, first.after)
        assert second.after is None
        assert [*first.ids, *second.ids] == [row.id for row in reversed(rows)]


def test_a_common_pair_does_not_make_a_search_endless(database: Database) -> None:
    with database.writing() as session:
        row = told(session, ONE, "月亮很圆")
        talk = session.get(ConversationRow, row.conversation_id)
        for at in range(230):  # both pairs, and yet not the words
            other = filed(session, case_no=f"HT-261122-2{at:04}", narrative=["月亮亮亮很亮很圆"])
            search.take_in(session, other, hashed)
        assert talk is not None
        first = search.find(session, true(), "月亮很圆", hashed)
        assert first.ids == () and first.after is not None
        assert search.find(session, true(), "月亮很圆", hashed, first.after).ids == (row.id,)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=120))
def test_any_query_is_answered(database: Database, query: str) -> None:
    with database.reading() as session:
        assert search.find(session, true(), query, hashed).ids == ()


def test_odd_text_is_found(database: Database) -> None:
    with database.writing() as session:
        told(session, ONE, ODD)
        assert session.query(TranscriptRow).count() == 1
        assert found(session, "引号") == [ONE]
        assert found(session, ODD.replace(" ", "")) == [ONE]
