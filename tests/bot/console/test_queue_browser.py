"""The queue as a browser shows it: what comes by itself, and what stays where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect

from bot.console import accounts
from tests.support.browser import PHONE, OpenPage
from tests.support.cases import ALONE, NOW, conversation, filed, line
from tests.support.console import PASSWORD, Desk, served
from tests.support.databases import migrated_database

pytest_plugins = ("tests.support.browser",)
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    """A console behind a server, and its address."""
    with migrated_database("sqlite", tmp_path) as database:
        desk = Desk(database)
        with served(desk) as url:
            yield desk, url


def report(desk: Desk, number: str, **facts: object) -> None:
    with desk.database.writing() as session:
        filed(session, case_no=number, facts={**ALONE, **facts})


async def sign_in(page: Page, desk: Desk, name: str = "w") -> None:
    """Sign a county's account in, by the form."""
    desk.account(name, "county")
    with desk.database.reading() as session:
        row = accounts.find(session, name)
        assert row is not None
        code = pyotp.TOTP(row.code_secret).at(NOW)
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(code)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#state")).to_have_text("自动更新中")


async def test_a_new_critical_case_comes_to_the_top_is_announced_and_rings(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    report(desk, "HT-261121-22222")
    page = await open_page(f"{url}/staff/")
    await sign_in(page, desk)
    await page.evaluate(
        """() => { const start = OscillatorNode.prototype.start; window.tones = 0;
        OscillatorNode.prototype.start = function (at) { window.tones += 1; start.call(this, at); } }"""
    )
    bell = page.locator("#bell")
    await bell.click()
    await expect(bell).to_have_attribute("aria-pressed", "true")
    tones = await page.evaluate("window.tones")
    assert tones > 0  # one hears what one switched on
    report(desk, "HT-261121-33333", danger=["fire"])
    await expect(page.locator("#entries > li").first).to_contain_text("HT-261121-33333")
    await expect(page.get_by_role("alert")).to_have_text("新的紧急案件：HT-261121-33333")
    await expect(page).to_have_title("(1) 待办 – 护童")
    assert await page.evaluate("window.tones") > tones


async def test_a_silent_bell_stays_silent_and_the_choice_is_kept(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    page = await open_page(f"{url}/staff/")
    await sign_in(page, desk)
    bell = page.locator("#bell")
    await expect(bell).to_have_text("响铃：关")
    await bell.click()
    await expect(bell).to_have_text("响铃：开")
    await page.reload()
    await expect(bell).to_have_text("响铃：点一下才会响")  # browsers want a click first
    await page.locator("h1").click()
    await expect(bell).to_have_text("响铃：开")
    await bell.click()
    await expect(bell).to_have_text("响铃：关")


async def test_focus_and_scroll_stay_when_the_queue_changes(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    for number in range(30):
        report(desk, f"HT-261121-2{number:04}")
    page = await open_page(f"{url}/staff/", **PHONE)
    await sign_in(page, desk)
    link = page.get_by_role("link", name="HT-261121-20020")
    await link.focus()
    await link.scroll_into_view_if_needed()
    before = await link.bounding_box()
    for number in range(3):
        report(desk, f"HT-261121-3333{number + 2}", danger=["fire"])
    await expect(page.locator("#entries > li").first).to_contain_text("HT-261121-3333")
    await expect(link).to_be_focused()
    after = await link.bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 4


async def test_somebody_in_danger_without_a_case_is_announced(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    page = await open_page(f"{url}/staff/")
    await sign_in(page, desk)
    with desk.database.writing() as session:
        talk = conversation(session, attention="danger")
        line(session, talk, "他要打我")
    await expect(page.get_by_role("alert")).to_contain_text("有人说现在有危险")
    await expect(page.get_by_role("link", name="说现在有危险")).to_be_visible()


async def test_of_several_tabs_each_one_hears(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    first = await open_page(f"{url}/staff/")
    await sign_in(first, desk)
    second = await open_page(f"{url}/staff/", beside=first)
    await expect(second.locator("#entries")).to_be_attached()
    report(desk, "HT-261121-44444")
    for page in (first, second):
        await expect(page.locator("#entries")).to_contain_text("HT-261121-44444")
    await first.close()  # the one that held the connection
    report(desk, "HT-261121-55555")
    await expect(second.locator("#entries")).to_contain_text("HT-261121-55555", timeout=15_000)


async def test_when_the_sign_in_is_over_the_page_says_so(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    page = await open_page(f"{url}/staff/")
    await sign_in(page, desk)
    other = await open_page(f"{url}/staff/self", beside=page)
    await other.get_by_role("button", name="退出").click()
    await expect(other.get_by_role("button", name="登录")).to_be_visible()
    await other.close()
    await page.reload()
    await expect(page.get_by_role("button", name="登录")).to_be_visible()


async def test_the_queue_works_without_scripts(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    report(desk, "HT-261121-22222")
    page = await open_page(f"{url}/staff/", java_script_enabled=False, **PHONE)
    desk.account("w", "county")
    with desk.database.reading() as session:
        row = accounts.find(session, "w")
        assert row is not None
        code = pyotp.TOTP(row.code_secret).at(NOW)
    await page.get_by_label("名字").fill("w")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(code)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#entries > li")).to_have_count(1)
    await page.get_by_text("筛选", exact=True).first.click()
    await page.get_by_label("级别").select_option("low")
    await page.get_by_role("button", name="筛选").click()
    await expect(page.get_by_text("没有符合条件的案件")).to_be_visible()
