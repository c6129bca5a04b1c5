from __future__ import annotations

import re

from bot.cases import related, search
from bot.cases.search import PAGE
from bot.cases.staff_tables import AuditRow
from bot.cases.tables import ConversationRow
from tests.support.cases import ALONE, NOW, filed, line
from tests.support.console import Desk, post

HERE = "440703"


def report(desk: Desk, number: str, *said: str, adcode: str = HERE, **facts: object) -> None:
    """A filed case that can be found."""
    place = {"text": "梅溪村3号", "county": "蓬江区", "adcode": adcode}
    with desk.database.writing() as session:
        row = filed(session, case_no=number, facts={**ALONE, "location": place, **facts})
        talk = session.get(ConversationRow, row.conversation_id)
        for text in said:
            line(session, talk, text, case_id=row.id)
        related.suggest(session, row, desk.hashed, NOW)
        search.take_in(session, row, desk.hashed)


def numbers(page: str) -> list[str]:
    return re.findall(r'data-key="(HT-[^"]+)"', page)


def test_one_box_finds_by_number_phone_and_words(desk: Desk) -> None:
    report(desk, "HT-261121-7K3QD", "门口有条黄狗", phone="+8610012345678")
    report(desk, "HT-261121-7K3ZZ", "奶奶在家")
    client = desk.signed_in("worker", region=HERE)
    for query, by in (
        ("ht-261121-7k3qd", "按编号找到"),
        ("3QD", "按文字找到"),
        ("100 1234 5678", "按电话找到"),
        ("黄狗", "按文字找到"),
    ):
        page = post(client, "/staff/search", query=query).text
        assert numbers(page) == ["HT-261121-7K3QD"], query
        assert by in page


def test_nothing_out_of_sight_is_found(desk: Desk) -> None:
    report(desk, "HT-261121-7K3QD", "门口有条黄狗", adcode="440704")
    client = desk.signed_in("worker", region=HERE)
    for query in ("HT-261121-7K3QD", "7K3QD", "黄狗"):
        page = post(client, "/staff/search", query=query).text
        assert numbers(page) == [] and "在您的范围内没有找到" in page


def test_results_go_on_over_pages(desk: Desk) -> None:
    for number in range(PAGE + 2):
        report(desk, f"HT-261121-2{number:04}", "门口有条黄狗")
    client = desk.signed_in("worker", region=HERE)
    first = post(client, "/staff/search", query="黄狗").text
    after = re.search(r'name="after" value="(\d+)"', first)
    assert after and len(numbers(first)) == PAGE and "20 件以上" in first
    second = post(client, "/staff/search", query="黄狗", after=after.group(1), page="2").text
    assert len(numbers(second)) == 2 and "第 2 页" in second


def test_a_single_character_is_answered_with_what_to_do(desk: Desk) -> None:
    client = desk.signed_in("worker", region=HERE)
    assert "至少要写两个字" in post(client, "/staff/search", query="狗").text
    assert "至少要写两个字" in post(client, "/staff/search", query="  ").text


def test_what_is_typed_stays_in_the_box_and_is_shown_as_text(desk: Desk) -> None:
    client = desk.signed_in("worker", region=HERE)
    page = post(client, "/staff/search", query='"><script>x</script>', after="x", page="-1").text
    assert "&#34;&gt;&lt;script&gt;" in page and "<script>x" not in page


def test_a_search_is_audited_without_its_words(desk: Desk) -> None:
    report(desk, "HT-261121-7K3QD", "门口有条黄狗")
    post(desk.signed_in("worker", "w", region=HERE), "/staff/search", query="黄狗")
    with desk.database.reading() as session:
        row = session.query(AuditRow).filter_by(action="searched").one()
        assert (row.actor, row.detail) == ("w", {"by": "words", "found": 1})
