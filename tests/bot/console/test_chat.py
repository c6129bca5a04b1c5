"""Staff talk with a reporter: who may, what arrives, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.cases.staff_tables import AuditRow, SeenRow
from bot.cases.tables import CaseRow, ConversationRow, HistoryRow, OutboxRow, TranscriptRow
from bot.console.canned import canned_table, offered
from bot.console.rights import RIGHTS
from bot.texts import LANGUAGES
from tests.support.cases import NOW, conversation, filed, line
from tests.support.console import Desk, Moving, post

CASE = "HT-261121-AAAAA"
HERE = f"/staff/cases/{CASE}"
NUMBERS = ("110", "119", "120", "12338", "12345", "12349", "12355")


@pytest.fixture
def talk(desk: Desk) -> int:
    """The conversation of a filed case in 新会区."""
    with desk.database.writing() as session:
        row = filed(session)
        talk = session.get(ConversationRow, row.conversation_id)
        line(session, talk, "两个孩子没人管", case_id=row.id)
        return int(talk.id)


def rows(desk: Desk, table: type) -> list[Any]:
    with desk.database.reading() as session:
        key = table.id if hasattr(table, "id") else table.case_id
        return list(session.execute(select(table).order_by(key)).scalars())


def said(desk: Desk) -> list[tuple[str, str]]:
    return [(row.sender, row.text) for row in rows(desk, TranscriptRow)]


def act(client: TestClient, talk: int, what: str, **fields: str) -> Any:
    return post(client, f"/staff/talks/{talk}/{what}", HERE, **{"case_no": CASE, **fields})


def test_a_reply_takes_the_chat_over_and_goes_out(desk: Desk, talk: int) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    answer = act(client, talk, "reply", text="您好，孩子现在在哪？")
    assert answer.url.path == HERE
    assert "起在和对方说话，护童不出声" in answer.text
    assert "您好，孩子现在在哪？" in answer.text
    assert [sender for sender, _ in said(desk)] == ["reporter", "bot", "staff"]
    line = rows(desk, TranscriptRow)[-1]
    assert (line.author, line.case_id) == ("李主任", rows(desk, CaseRow)[0].id)
    assert rows(desk, OutboxRow)[-1].reply["text"] == "「工作人员」您好，孩子现在在哪？"
    assert desk.delivered == [talk]
    assert [row.event for row in rows(desk, HistoryRow)][-1] == "held"
    actions = [(row.action, row.case_no) for row in rows(desk, AuditRow)]
    assert ("chat_taken", CASE) in actions and ("chat_replied", CASE) in actions
    assert not any("孩子现在在哪" in str(row.detail) for row in rows(desk, AuditRow))


def test_the_words_of_staff_are_found_by_the_search(desk: Desk, talk: int) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    act(client, talk, "reply", text="居委会下午上门看看")
    found = post(client, "/staff/search", "/staff/search", query="下午上门")
    assert CASE in found.text


def test_the_bot_is_quiet_and_comes_back_with_one_click(desk: Desk, talk: int) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    page = act(client, talk, "hold")
    assert "交还给护童" in page.text
    assert rows(desk, ConversationRow)[0].held_by == "李主任"
    page = act(client, talk, "back")
    assert "现在是护童在自动回复" in page.text
    assert rows(desk, ConversationRow)[0].held_by is None
    assert [row.event for row in rows(desk, HistoryRow)][-2:] == ["held", "handed_back"]
    assert "把对话交还护童" in page.text


def test_a_colleague_is_told_who_talks_and_keeps_what_was_typed(desk: Desk, talk: int) -> None:
    act(desk.signed_in("worker", "李主任", "440705"), talk, "hold")
    other = desk.signed_in("worker", "王主任", "440705")
    page = other.get(HERE)
    assert re.search(r"李主任从 .+ 起在和对方说话", page.text)
    assert re.search(r'id="send"\s+disabled', page.text)
    answer = act(other, talk, "reply", text="我来问问")
    assert answer.status_code == 409
    assert "您写的还没有发出去" in answer.text and ">我来问问</textarea>" in answer.text
    assert "我来问问" not in [text for _, text in said(desk)]
    assert act(other, talk, "hold", over="1").status_code == 409
    assert act(other, talk, "back").status_code == 409


@pytest.mark.parametrize("role", ["supervisor", "county", "administrator"])
def test_supervisors_and_above_take_over_from_a_colleague(desk: Desk, talk: int, role: str) -> None:
    act(desk.signed_in("worker", "李主任", "440705"), talk, "hold")
    other = desk.signed_in(role, "王督导", "440700")
    assert act(other, talk, "hold").status_code == 409
    assert "护童不出声" in act(other, talk, "hold", over="1").text
    assert "从李主任那里接过对话" in other.get(HERE).text


def test_a_form_sent_twice_is_one_reply(desk: Desk, talk: int) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    last = str(rows(desk, TranscriptRow)[-1].id)
    for _ in range(2):
        assert act(client, talk, "reply", text="您好", last=last).status_code == 200
    assert [text for sender, text in said(desk) if sender == "staff"] == ["您好"]
    newest = str(rows(desk, TranscriptRow)[-1].id)
    act(client, talk, "reply", text="您好", last=newest)
    assert [text for sender, text in said(desk) if sender == "staff"] == ["您好", "您好"]


@pytest.mark.parametrize(("text", "problem"), [("", "请先写点什么"), ("啊" * 4097, "太长了")])
def test_what_cannot_be_sent_comes_back(desk: Desk, talk: int, text: str, problem: str) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    answer = act(client, talk, "reply", text=text)
    assert answer.status_code == 422
    assert problem in answer.text and text in answer.text
    assert rows(desk, ConversationRow)[0].held_by is None
    assert act(client, talk, "reply", text="啊" * 4096).status_code == 200


def test_nobody_talks_out_of_sight_or_without_the_right(desk: Desk, talk: int) -> None:
    elsewhere = desk.signed_in("worker", "远方", "110101")
    auditor = desk.signed_in("auditor", "审计")
    for what in ("hold", "reply", "back"):
        path = f"/staff/talks/{talk}/{what}"
        assert post(elsewhere, path, text="你好").status_code == 404
        assert post(auditor, path, text="你好").status_code == 403
    assert elsewhere.get(f"/staff/talks/{talk}/news").status_code == 404
    assert auditor.get(f"/staff/talks/{talk}/news").status_code == 403
    assert len(said(desk)) == 1 and rows(desk, OutboxRow) == []


@pytest.mark.parametrize("role", [role for role in RIGHTS if "reply" in RIGHTS[role]])
def test_a_talk_without_a_case_is_for_those_who_see_placeless_ones(desk: Desk, role: str) -> None:
    with desk.database.writing() as session:
        number = int(conversation(session, "somebody", attention="human").id)
    client = desk.signed_in(role, region="440705")
    answer = post(client, f"/staff/talks/{number}/reply", text="您好，要帮忙吗？")
    if role == "worker":
        assert answer.status_code == 404 and said(desk) == []
        return
    assert answer.status_code == 200 and "您好，要帮忙吗？" in answer.text
    assert said(desk)[-1] == ("staff", "您好，要帮忙吗？")
    assert rows(desk, ConversationRow)[0].attention is None


def test_new_lines_and_deliveries_are_told_and_reading_them_is_audited(
    desk: Desk, talk: int
) -> None:
    desk = Desk(desk.database, clock := Moving())
    client = desk.signed_in("worker", "李主任", "440705")
    act(client, talk, "reply", text="您好")
    last = rows(desk, TranscriptRow)[-1].id
    news = f"/staff/talks/{talk}/news?case_no={CASE}&hold=mine"
    assert client.get(f"{news}&after={last}&waiting={last}").status_code == 204
    before = len(rows(desk, AuditRow))
    clock.forward(minutes=1)
    with desk.database.writing() as session:
        row = session.execute(select(CaseRow)).scalars().one()
        row_talk = session.get(ConversationRow, talk)
        line(session, row_talk, "在我家里", case_id=row.id)
        session.execute(
            select(OutboxRow).where(OutboxRow.transcript_id == last)
        ).scalars().one().failed = True
    answer = client.get(f"{news}&after={last}&waiting={last}")
    assert "在我家里" in answer.text and "没有送到" in answer.text
    assert [row.action for row in rows(desk, AuditRow)][before:] == ["case_read"]
    assert rows(desk, SeenRow)[-1].at == NOW + timedelta(minutes=1)
    assert client.get(f"{news}&after={last + 1}").status_code == 204
    assert client.get(f"{news.replace('mine', 'bot')}&after={last + 1}").status_code == 200


def test_who_is_signed_out_is_told_so_and_nothing_is_sent(desk: Desk, talk: int) -> None:
    visitor = desk.visitor()
    assert visitor.get(f"/staff/talks/{talk}/news").status_code == 401
    answer = visitor.post(f"/staff/talks/{talk}/reply", data={"text": "你好", "live": "1"})
    assert answer.url.path == "/staff/sign-in"
    assert len(said(desk)) == 1


def test_that_messages_do_not_arrive_is_said_with_what_to_do(desk: Desk, talk: int) -> None:
    with desk.database.writing() as session:
        session.get(ConversationRow, talk).attention = "unreachable"
    page = desk.signed_in("worker", "李主任", "440705").get(HERE)
    assert "请打电话或上门联系" in page.text


def test_a_canned_reply_fills_the_box_without_scripts_too(desk: Desk, talk: int) -> None:
    client = desk.signed_in("worker", "李主任", "440705")
    answer = act(client, talk, "reply", text="您好", fill="1", canned="where")
    assert answer.status_code == 200
    assert ">您好\n孩子现在具体在哪里？" in answer.text
    assert len(said(desk)) == 1


def test_canned_replies_are_in_the_reporters_language_under_titles_of_staffs() -> None:
    situations = offered("en", "zh_Hans", child=True)
    assert situations[0][0] == "打招呼"
    assert situations[0][1][0].title == "我在看"
    assert situations[0][1][0].text.startswith("Hello, my work is helping children")


@pytest.mark.parametrize("language", LANGUAGES)
def test_canned_replies_name_national_numbers_and_no_other_figures(language: str) -> None:
    for group in canned_table().groups:
        for reply in group.replies:
            for wording in filter(None, (reply.says, reply.child)):
                text = wording.of(language)
                assert set(re.findall(r"\d+", text)) <= set(NUMBERS), text
                assert not re.search("一定|保证|马上就到|小时内|guarantee|promise", text), text
