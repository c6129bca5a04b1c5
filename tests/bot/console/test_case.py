"""The page of a case, on paper too, and that of a conversation without one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.cases import handling, overrides, related, store
from bot.cases.staff_tables import AuditRow, SeenRow
from bot.cases.tables import CaseRow, ConversationRow, HistoryRow, InboxRow, OutboxRow
from bot.cases.vocabulary import ALLOWED
from bot.console.case_facts import fact_in_words
from bot.console.history_words import told as history_in_words
from bot.console.rights import RIGHTS, ROLES
from bot.console.understood import ENTITIES, INTENTS, entity_in_words, intent_in_words
from bot.texts import texts
from tests.support.cases import ALONE, LATER, NOW, ODD, conversation, filed, line, told
from tests.support.console import Desk, Moving, post

NO, OTHER, FAR = "HT-261121-AAAAA", "HT-261121-BBBBB", "HT-261121-CCCCC"
PAGE = f"/staff/cases/{NO}"
HERE, ELSEWHERE = "440705", "410102"


def case(desk: Desk, **changes: object) -> int:
    with desk.database.writing() as session:
        return int(filed(session, **changes).id)


def worker(desk: Desk, name: str = "li") -> TestClient:
    return desk.signed_in("worker", name, HERE)


def say(desk: Desk, text: str, *, sender: str = "reporter", key: str = "", **values: object) -> int:
    """A line of the case's conversation; its id."""
    with desk.database.writing() as session:
        row = store.find(session, NO)
        talk = session.get(ConversationRow, row.conversation_id)
        if key:
            message = InboxRow(
                conversation_id=talk.id,
                channel=talk.channel,
                message_key=key,
                message={"text": text},
                received_at=NOW,
            )
            session.add(message)
            session.flush()
            values["inbox_id"] = message.id
        values.setdefault("case_id", row.id)
        return int(line(session, talk, text, sender=sender, **values).id)


def rows(desk: Desk, table: type) -> list[object]:
    with desk.database.reading() as session:
        return list(session.query(table))


def test_what_is_read_is_audited_and_marked_as_seen(desk: Desk) -> None:
    clock = Moving()
    desk = Desk(desk.database, clock)
    number = case(desk)
    client = worker(desk)
    clock.forward(minutes=7)
    assert client.get(PAGE).status_code == 200
    clock.forward(minutes=5)
    client.get(PAGE)
    reads = [row for row in rows(desk, AuditRow) if row.action == "case_read"]
    assert [(row.actor, row.case_no) for row in reads] == [("li", NO)] * 2
    seen = rows(desk, SeenRow)
    assert [(row.case_id, row.at) for row in seen] == [(number, NOW + timedelta(minutes=12))]
    with desk.database.reading() as session:
        assert session.get(CaseRow, number).first_look_at == NOW + timedelta(minutes=7)


@pytest.mark.parametrize("role", ROLES)
def test_a_case_is_read_by_who_may_in_their_region_only(desk: Desk, role: str) -> None:
    case(desk)
    here = desk.signed_in(role, "here", HERE).get(PAGE)
    away = desk.signed_in(role, "away", ELSEWHERE)
    there, nowhere = away.get(PAGE), away.get("/staff/cases/HT-261121-ZZZZZ")
    may = "read" in RIGHTS[role]
    assert here.status_code == (200 if may else 403)
    assert there.status_code == nowhere.status_code == (404 if may else 403)
    assert there.text == nowhere.text


def test_each_fact_leads_to_the_message_that_it_came_from(desk: Desk) -> None:
    case(desk, sources={"carer": "k1", "ages": "k2"})
    first, second = say(desk, "没人管", key="k1"), say(desk, "五岁六岁", key="k2")
    page = worker(desk).get(PAGE).text
    for number, label in ((first, "谁在身边"), (second, "年龄")):
        assert re.search(rf'href="#m{number}">原话<span class="unseen">：{label}', page)
        assert f'id="m{number}"' in page


def test_each_message_says_what_was_understood(desk: Desk) -> None:
    case(desk)
    taken = [{"entity": "child_count", "value": 2}, {"entity": "need", "value": "food"}]
    say(desk, "两个孩子没吃的", intent="inform", confidence=0.874, entities=taken)
    page = worker(desk).get(PAGE).text
    assert "理解为：回答问题或说明情况" in page
    assert "把握 87%" in page
    assert "<dt>需要什么</dt><dd>吃的</dd>" in page


def test_lines_by_staff_say_who_wrote_them_and_whether_they_arrived(desk: Desk) -> None:
    case(desk)
    states = {"sent": {"sent_at": NOW}, "waiting": {}, "failed": {"failed": True}}
    for name, state in states.items():
        number = say(desk, f"这是 {name}", sender="staff", author="王主任")
        with desk.database.writing() as session:
            talk = session.query(ConversationRow).one()
            row = OutboxRow(
                conversation_id=talk.id, reply={}, created_at=NOW, transcript_id=number, **state
            )
            session.add(row)
    page = worker(desk).get(PAGE).text
    assert page.count("工作人员 王主任") == 3
    said = re.findall(r'class="delivery[^>]*>([^<。]*)', page)
    assert said == ["已送达", "正在发送", "没有送到"]


def test_what_is_said_after_filing_is_shown_and_marked(desk: Desk) -> None:
    case(desk)
    say(desk, "没人管")
    say(desk, "这一句在后面", case_id=None)
    page = worker(desk).get(PAGE).text
    assert "这一句在后面" in page
    assert page.count("不属于这份报告") == 1


def test_lines_of_another_report_of_the_same_person_are_not_shown(desk: Desk) -> None:
    case(desk)
    say(desk, "没人管")
    with desk.database.writing() as session:
        talk = session.query(ConversationRow).one()
        other = store.save(session, talk, told(case_no=OTHER, filed=True), LATER)
        session.flush()
        line(session, talk, "这是另一份报告", case_id=other.id)
    assert "这是另一份报告" not in worker(desk).get(PAGE).text


def test_a_long_conversation_shows_its_newest_lines_and_leads_to_the_earlier(desk: Desk) -> None:
    case(desk, sources={"carer": "k0"})
    first = say(desk, "第一句话", key="k0")
    with desk.database.writing() as session:
        row = store.find(session, NO)
        talk = session.get(ConversationRow, row.conversation_id)
        for number in range(205):
            line(session, talk, f"第{number}条", case_id=row.id)
    client = worker(desk)
    page = client.get(PAGE).text
    assert page.count('<li class="line') == 200
    assert "第204条" in page
    assert "第一句话" not in page
    earlier = re.search(r'href="/staff/cases/[^"]*(\?before=\d+)#transcript"', page)
    assert earlier
    assert "第一句话" in client.get(PAGE + earlier.group(1)).text
    assert f'href="/staff/cases/{NO}?before={first + 1}#m{first}"' in page


@pytest.mark.parametrize("words", ["[photo]", "[voice]", "[unknown]"])
def test_a_picture_or_a_voice_is_shown_as_such(desk: Desk, words: str) -> None:
    case(desk)
    say(desk, words, intent="wordless")
    page = worker(desk).get(PAGE).text
    assert words not in page
    assert "没有保存内容" in page


def test_what_people_wrote_is_never_markup(desk: Desk) -> None:
    case(desk, narrative=[ODD, "<script>alert(1)</script>"])
    say(desk, ODD + '"><img src=x onerror=alert(1)>')
    answer = worker(desk).get(PAGE)
    assert answer.status_code == 200
    for wrong in ("<script>alert", "<img src=x"):
        assert wrong not in answer.text


def test_what_staff_set_stands_beside_what_was_told(desk: Desk) -> None:
    with desk.database.writing() as session:
        row = filed(session)
        overrides.override_fact(row, "carer", "grandparent", "chen", "奶奶到了", LATER)
        overrides.override_level(row, "low", "chen", "看过了", LATER)
    page = worker(desk).get(PAGE).text
    assert "chen 11月21日 10:20 改定：奶奶到了" in page
    assert "原来是：没有大人" in page
    assert "改定：看过了" in page
    assert "改定为 low" not in page


def test_related_reports_are_shown_that_are_in_sight(desk: Desk) -> None:
    with desk.database.writing() as session:
        row, near = filed(session), filed(session, case_no=OTHER)
        place = {"text": "幸福小区3号楼", "adcode": ELSEWHERE}
        far = filed(session, case_no=FAR, facts={**ALONE, "location": place})
        for each in (row, near, far):
            each.facts = {**each.facts, "facts": {**each.facts["facts"], "phone": "+8613800138000"}}
            related.suggest(session, each, lambda value: value, NOW)
    page = worker(desk).get(PAGE).text
    assert OTHER in page
    assert FAR not in page


def test_an_unfinished_report_has_the_same_page(desk: Desk) -> None:
    with desk.database.writing() as session:
        facts = {"danger": ["injury"], "location": ALONE["location"]}
        store.save(session, conversation(session), told(report_type=None, facts=facts), NOW)
    page = worker(desk).get(PAGE)
    assert page.status_code == 200
    assert "没填完" in page.text
    assert "盯着这份报告" in page.text


@pytest.mark.parametrize("status", ["closed", "withdrawn", "duplicate"])
def test_the_page_of_a_case_that_ended_says_how(desk: Desk, status: str) -> None:
    with desk.database.writing() as session:
        row, other = filed(session), filed(session, case_no=OTHER)
        if status == "closed":
            handling.close(session, row, "guardian_back", "妈妈回来了", "li", LATER)
        elif status == "withdrawn":
            store.withdraw(row, LATER)
        else:
            handling.mark_duplicate(session, row, other, "同一家", "li", LATER)
    said = {"closed": "监护人回来照看了", "withdrawn": "报告人已经撤回", "duplicate": OTHER}
    page = worker(desk).get(PAGE).text
    assert said[status] in page
    assert "还没有人接手" not in page


@pytest.mark.parametrize("language", ["en", "zh_Hant"])
def test_the_page_is_there_in_every_language(desk: Desk, language: str) -> None:
    case(desk)
    say(desk, "没人管", intent="report_unattended_child", confidence=0.9)
    client = worker(desk)
    post(client, "/staff/self", language=language)
    for path in (PAGE, f"{PAGE}/print"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert 'lang="' + ("en" if language == "en" else "zh-Hant") in answer.text


def test_paper_holds_everything_and_the_audit_says_who_printed(desk: Desk) -> None:
    case(desk, narrative=["两个孩子没人管"])
    say(desk, "这一句要印出来")
    with desk.database.writing() as session:
        handling.write_note(store.find(session, NO), "钥匙在门卫", "chen", LATER)
    page = worker(desk).get(f"{PAGE}/print").text
    for words in ("这一句要印出来", "钥匙在门卫", "幸福小区3号楼", "没有大人", "提交了报告"):
        assert words in page
    assert [row.action for row in rows(desk, AuditRow)][-1] == "case_printed"


def talk_of(desk: Desk, attention: str | None = "danger") -> int:
    with desk.database.writing() as session:
        talk = conversation(session, attention=attention)
        line(session, talk, "救命")
        return int(talk.id)


@pytest.mark.parametrize("role", ROLES)
def test_a_conversation_without_a_place_is_read_by_who_sees_placeless_cases(
    desk: Desk, role: str
) -> None:
    number = talk_of(desk)
    answer = desk.signed_in(role, role, HERE).get(f"/staff/talks/{number}")
    expected = {"worker": 404, "auditor": 403}.get(role, 200)
    assert answer.status_code == expected
    assert ("救命" in answer.text) == (expected == 200)
    assert ("talk_read" in [row.action for row in rows(desk, AuditRow)]) == (expected == 200)


def test_a_conversation_with_a_report_is_read_on_its_page_or_not_at_all(desk: Desk) -> None:
    case(desk)
    number = rows(desk, ConversationRow)[0].id
    inside = desk.signed_in("supervisor", "here", HERE)
    outside = desk.signed_in("supervisor", "away", ELSEWHERE)
    assert inside.get(f"/staff/talks/{number}").url.path == PAGE
    assert outside.get(f"/staff/talks/{number}").status_code == 404
    assert outside.get("/staff/talks/999").text == outside.get(f"/staff/talks/{number}").text


def test_a_conversation_that_needs_nobody_any_more_is_settled(desk: Desk) -> None:
    number = talk_of(desk)
    path = f"/staff/talks/{number}/settle"
    assert post(worker(desk), path).status_code == 404
    assert rows(desk, ConversationRow)[0].attention == "danger"
    assert post(desk.signed_in("supervisor", "chen", HERE), path).url.path == "/staff/"
    assert rows(desk, ConversationRow)[0].attention is None
    assert [row.action for row in rows(desk, AuditRow)][-1] == "talk_settled"


def test_every_event_of_the_history_has_words() -> None:
    t = texts("zh_Hans")
    for event in ("accepted", "note", "held", "handed_back", "transfer_expired", "resumed"):
        line_ = history_in_words([HistoryRow(id=1, at=NOW, actor="li", event=event)], t)[0]
        assert line_.text != event


def test_every_intent_entity_and_fact_has_words() -> None:
    t = texts("zh_Hans")
    assert all(intent_in_words(name, t) != name for name in INTENTS)
    for name, values in ALLOWED.items():
        several = name in ("sexes", "reason", "health", "needs", "danger")
        for value in values:
            assert fact_in_words(name, [value] if several else value, t) != value
    for name in ENTITIES:
        assert entity_in_words({"entity": name, "value": "x"}, t)[0] != name
