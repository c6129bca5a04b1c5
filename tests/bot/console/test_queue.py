from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.cases.staff_tables import SeenRow
from bot.cases.tables import CaseRow, ConversationRow
from bot.cases.worklist import PAGE
from bot.console import accounts
from bot.console.rights import RIGHTS
from tests.support.cases import ALONE, NOW, conversation, filed
from tests.support.console import Desk, Moving

HERE, THERE = "440703", "440704"


def report(session: Session, number: str, adcode: str = HERE, **facts: object) -> CaseRow:
    place = {"text": "梅溪村3号", "county": "蓬江区", "township": "环市街道", "adcode": adcode}
    return filed(session, case_no=number, facts={**ALONE, "location": place, **facts})


def numbers(page: str) -> list[str]:
    return re.findall(r'data-key="(HT-[^"]+)"', page)


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A case here and one elsewhere."""
    with desk.database.writing() as session:
        report(session, "HT-261121-HERE2")
        report(session, "HT-261121-THERE", THERE)
    return desk


def test_a_worker_sees_the_cases_of_their_region_alone(two: Desk) -> None:
    worker = two.signed_in("worker", region=HERE)
    assert numbers(worker.get("/staff/").text) == ["HT-261121-HERE2"]
    county = two.signed_in("county", region="440700")
    assert len(numbers(county.get("/staff/").text)) == 2


@pytest.mark.parametrize("path", ["/staff/", "/staff/queue-list", "/staff/search"])
@pytest.mark.parametrize("role", list(RIGHTS))
def test_whoever_may_not_read_cases_gets_no_queue(desk: Desk, role: str, path: str) -> None:
    client = desk.signed_in(role)
    expected = 200 if "read" in RIGHTS[role] else 403
    assert client.get(path).status_code == expected


def test_a_line_says_what_it_is_about_and_nothing_that_was_written(two: Desk) -> None:
    with two.database.writing() as session:
        row = session.query(CaseRow).filter_by(case_no="HT-261121-HERE2").one()
        row.assigned, row.status = "李主任", "accepted"
        talk = session.get(ConversationRow, row.conversation_id)
        talk.held_by, talk.attention = "李主任", "human"
    page = two.signed_in("worker", region=HERE).get("/staff/").text
    for words in ("高", "孩子没人照看", "蓬江区 环市街道", "5 岁、6 岁", "村（居）委会", "已接手"):
        assert words in page
    assert "李主任 正在对话" in page
    assert "要找工作人员" in page
    assert "梅溪" not in page  # the address is for who opens the case, and then it is audited


def test_time_left_and_overdue_are_said_in_words(desk: Desk) -> None:
    clock = Moving()
    desk = Desk(desk.database, clock)
    with desk.database.writing() as session:
        report(session, "HT-261121-HERE2")
    client = desk.signed_in("worker", region=HERE)
    clock.forward(minutes=20)
    page = client.get("/staff/").text
    assert "还剩 1 小时 40 分" in page and "等了 20 分钟" in page
    clock.forward(minutes=50)
    client.get("/staff/")  # a click now and then
    clock.forward(minutes=55)
    page = client.get("/staff/").text
    assert "已超时 5 分钟" in page and "已超时 1 件" in page


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("?level=high", 2),
        ("?level=low", 0),
        ("?status=new&type=unattended_child&unit=committee", 2),
        ("?status=closed", 0),
        (f"?region={HERE}", 1),
        ("?region=440700", 2),
        ("?mine=1", 0),
        ("?unread=1", 2),
        ("?level=nonsense&region=999999&after=x-y-z&status=", 2),  # what is none counts for nothing
    ],
)
def test_a_filter_stands_in_the_address(two: Desk, address: str, shown: int) -> None:
    client = two.signed_in("county")
    page = client.get(f"/staff/{address}").text
    assert len(numbers(page)) == shown
    assert ("没有符合条件的案件" in page) == (shown == 0)


def test_regions_to_choose_from_lie_within_the_persons_own(two: Desk) -> None:
    def choices(client: object, address: str = "") -> str:
        page = client.get(f"/staff/{address}").text  # type: ignore[attr-defined]
        found = re.search(r'name="region">(.*?)</select>', page, re.S)
        return found.group(1) if found else ""

    city = two.signed_in("county", "city", region="440700")
    assert "蓬江区" in choices(city) and "广州市" not in choices(city)
    assert choices(two.signed_in("worker", region=HERE)) == ""
    country = two.signed_in("county", "country")
    assert "广东省" in choices(country) and "蓬江区" not in choices(country)
    assert "蓬江区" in choices(country, "?region=440700")
    # and what is not offered is not taken either
    assert len(numbers(city.get("/staff/?region=440100").text)) == 2


def test_the_queue_goes_on_over_pages(desk: Desk) -> None:
    with desk.database.writing() as session:
        for number in range(PAGE + 7):
            report(session, f"HT-261121-2{number:04}")
    client = desk.signed_in("worker", region=HERE)
    first = client.get("/staff/").text
    more = re.search(r'href="/staff(/\?after=[^"]+)"', first)
    assert more and len(numbers(first)) == PAGE
    second = client.get(f"/staff{more.group(1)}").text
    assert len(numbers(second)) == 7 and "回到最前面" in second
    assert not set(numbers(first)) & set(numbers(second))


def test_what_was_read_is_not_unread_any_more(two: Desk) -> None:
    client = two.signed_in("worker", "w", region=HERE)
    assert "未读</span>" in client.get("/staff/").text
    with two.database.writing() as session:
        staff = accounts.find(session, "w")
        row = session.query(CaseRow).filter_by(case_no="HT-261121-HERE2").one()
        assert staff is not None
        session.add(SeenRow(staff_id=staff.id, case_id=row.id, at=NOW + timedelta(minutes=1)))
    assert "未读</span>" not in client.get("/staff/").text


def test_who_needs_a_person_without_a_case_is_shown_to_those_who_see_placeless_ones(
    desk: Desk,
) -> None:
    with desk.database.writing() as session:
        number = conversation(session, attention="danger").id
    supervisor = desk.signed_in("supervisor", region=HERE).get("/staff/").text
    assert f"/staff/talks/{number}" in supervisor and f'data-alarms="talk-{number}"' in supervisor
    assert "/staff/talks/" not in desk.signed_in("worker", region=HERE).get("/staff/").text


def test_critical_cases_that_nobody_took_on_are_told_to_the_page(desk: Desk) -> None:
    with desk.database.writing() as session:
        report(session, "HT-261121-HERE2", danger=["fire"])
        report(session, "HT-261121-THERE", THERE, danger=["fire"])
        taken = report(session, "HT-261121-TAKEN", danger=["fire"])
        taken.status = "accepted"
    page = desk.signed_in("worker", region=HERE).get("/staff/queue-list?level=low").text
    assert 'data-alarms="HT-261121-HERE2"' in page


def test_an_empty_queue_says_so(desk: Desk) -> None:
    page = desk.signed_in("worker", region=HERE).get("/staff/").text
    assert "现在没有要办的案件" in page


def test_the_list_that_the_page_fetches_counts_as_no_click(desk: Desk) -> None:
    clock = Moving()
    client = Desk(desk.database, clock).signed_in("worker", region=HERE)
    clock.forward(minutes=50)
    assert client.get("/staff/queue-list").status_code == 200
    clock.forward(minutes=50)
    assert client.get("/staff/queue-list").status_code == 401
