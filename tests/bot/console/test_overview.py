from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from bot.cases import retention
from bot.cases.tables import CaseRow
from tests.bot.cases.test_retention import KEEPING, a_case, closed
from tests.support.cases import NOW, filed
from tests.support.console import Desk


def cases(desk: Desk) -> None:
    """Three near (one of them at the terminal), one far, one nowhere."""
    with desk.database.writing() as session:
        for name, region in (
            ("A", "440705"), ("B", "440705"), ("C", "440703"), ("D", "410105"), ("E", None),
        ):  # fmt: skip
            row = filed(session, NOW - timedelta(hours=3), case_no=name)
            row.region = region
            row.channel = "terminal" if name == "C" else "web"
            if name == "A":
                row.first_look_at = NOW - timedelta(hours=2, minutes=30)


def tile(page: str, label: str) -> str:
    found = re.search(rf"<dt>{label}</dt><dd>(.*?)</dd>", page, re.S)
    assert found, label
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found[1])).strip()


def test_the_overview_says_what_arrived_and_what_is_late(desk: Desk) -> None:
    cases(desk)
    page = html.unescape(desk.signed_in("county").get("/staff/overview").text)
    assert tile(page, "这段时间收到").startswith("5 ")
    assert tile(page, "现在超时没处理") == "5 共 5 件待办"
    assert tile(page, "多久有人看（中位数）") == "30 分钟 按时 20 %"
    assert "广东省" in page
    assert "河南省" in page
    assert "没有说明地区" in page
    assert "最多的一天是 11月21日，5 件" in page


def test_one_click_shows_what_is_inside_a_region(desk: Desk) -> None:
    cases(desk)
    client = desk.signed_in("county")
    page = client.get("/staff/overview?region=440000").text
    assert "新会区" in page  # one city only: its counties at once
    assert "蓬江区" in page
    assert "河南" not in page
    assert tile(page, "这段时间收到").startswith("3 ")
    assert tile(client.get("/staff/overview?region=410105").text, "这段时间收到").startswith("1 ")


def test_the_overview_ends_at_the_persons_region(desk: Desk) -> None:
    cases(desk)
    client = desk.signed_in("supervisor", region="440705")
    page = client.get("/staff/overview").text
    assert tile(page, "这段时间收到").startswith("3 ")  # two and the one that says no place
    for address in ("region=410000", "region=440700", "region=nonsense"):
        there = client.get(f"/staff/overview?{address}").text
        assert "河南" not in there
        assert tile(there, "这段时间收到").startswith("3 ")
    assert "河南" not in client.get("/staff/overview/level.svg?region=410000").text
    county = desk.signed_in("county", region="440700").get("/staff/overview?region=440703").text
    assert tile(county, "这段时间收到").startswith("1 ")


def test_an_auditor_sees_figures_of_their_region_though_no_case(desk: Desk) -> None:
    cases(desk)
    page = desk.signed_in("auditor", "a").get("/staff/overview").text
    assert tile(page, "这段时间收到").startswith("5 ")
    page = desk.signed_in("auditor", "b", region="410000").get("/staff/overview").text
    assert tile(page, "这段时间收到").startswith("1 ")


def test_days_are_chosen_and_wrong_ones_are_told(desk: Desk) -> None:
    cases(desk)
    client = desk.signed_in("county")
    for days in ("days=7", "days=90", "from=2026-11-21&to=2026-11-21", "days=nonsense", "from=x"):
        answer = client.get(f"/staff/overview?{days}")
        assert tile(answer.text, "这段时间收到").startswith("5 "), days
    before = client.get("/staff/overview?from=2026-11-01&to=2026-11-20").text
    assert tile(before, "这段时间收到").startswith("0 ")
    assert "没有收到报告" in before
    assert client.get("/staff/overview?from=2026-11-20&to=2026-11-01").status_code == 400
    assert client.get("/staff/overview?from=2020-11-20&to=2026-11-01").status_code == 400


@pytest.mark.parametrize("kind", ["channel", "level"])
def test_a_chart_is_a_picture_with_its_words_in_it(desk: Desk, kind: str) -> None:
    cases(desk)
    answer = desk.signed_in("county").get(f"/staff/overview/{kind}.svg?days=7")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ("终端" if kind == "channel" else "高") in html.unescape(answer.text)
    assert "11月21日" in html.unescape(answer.text)


def test_the_numbers_of_a_chart_stand_below_it(desk: Desk) -> None:
    cases(desk)
    page = desk.signed_in("county").get("/staff/overview").text
    row = re.search(r'<tr><th scope="row">11月21日</th>(.*?)</tr>', page)
    assert row
    assert re.findall(r"\d+", re.sub("<[^>]+>", " ", row[1])) == ["4", "1", "5"]


def test_there_is_no_other_chart(desk: Desk) -> None:
    assert desk.signed_in("county").get("/staff/overview/name.svg").status_code == 404


def test_the_overview_is_for_supervisors_and_above(desk: Desk) -> None:
    for path in ("/staff/overview", "/staff/overview/level.svg"):
        assert desk.signed_in("worker", f"w{path}").get(path).status_code == 403
        for role in ("supervisor", "county", "administrator", "auditor"):
            assert desk.signed_in(role, f"{role}{path}").get(path).status_code == 200


def test_what_is_going_to_be_deleted_is_shown_before_to_who_sees_the_case(desk: Desk) -> None:
    here, there = "HT-261121-AAAAA", "HT-261121-BBBBB"
    for number, region in ((here, "440705"), (there, "410105")):
        case_id = a_case(desk.database, NOW - timedelta(days=170), case_no=number)
        closed(desk.database, case_id, NOW - timedelta(days=170))
        with desk.database.writing() as session:
            session.get(CaseRow, case_id).region = region
    client = desk.signed_in("supervisor", "near", "440705")
    assert "将要删除" not in client.get("/staff/overview").text
    with desk.database.writing() as session:
        assert len(retention.announce(session, NOW, KEEPING)) == 2
    page = client.get("/staff/overview").text.partition('id="leaving"')[2]
    assert here in page and there not in page
    assert "<td>对话</td><td>12月5日</td>" in page
    auditor = desk.signed_in("auditor").get("/staff/overview").text
    assert here not in auditor and "将要删除" not in auditor
