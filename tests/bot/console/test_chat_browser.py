"""The reply box in a browser: nothing typed is lost, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, Route, expect

from bot.cases import store
from bot.cases.tables import ConversationRow
from bot.conversation import holding
from tests.support.browser import OpenPage
from tests.support.cases import NOW, filed, line
from tests.support.console import PASSWORD, Desk, served
from tests.support.databases import migrated_database

pytest_plugins = ("tests.support.browser",)
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]
CASE = "HT-261121-AAAAA"
PATIENCE = 30_000


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    """A console with one case, behind a server."""
    with migrated_database("sqlite", tmp_path) as database:
        with database.writing() as session:
            row = filed(session)
            talk = session.get(ConversationRow, row.conversation_id)
            line(session, talk, "两个孩子没人管", case_id=row.id)
        desk = Desk(database)
        with served(desk) as url:
            yield desk, url


async def case_page(open_page: OpenPage, desk: Desk, url: str, name: str = "李主任") -> Page:
    """The case, read by a worker of the place."""
    row = desk.account(name, "worker", "440705")
    page = await open_page(f"{url}/staff/sign-in")
    page.set_default_timeout(PATIENCE)
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(pyotp.TOTP(row.code_secret).at(NOW))
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#state")).to_be_visible(timeout=PATIENCE)
    await page.goto(f"{url}/staff/cases/{CASE}")
    await expect(page.locator("#fill")).to_have_attribute("hidden", "", timeout=PATIENCE)
    return page


async def test_a_canned_reply_fills_the_box_and_another_takes_its_place(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    page = await case_page(open_page, *open_desk)
    box, canned = page.locator("#reply"), page.get_by_label("常用回复")
    await canned.select_option("where")
    await expect(box).to_have_value(
        "孩子现在具体在哪里？请写到街道或村、小区和楼号，门口有什么标志也可以说。"
    )
    await canned.select_option("brave")
    await expect(box).to_have_value("谢谢您说出来，这对孩子很要紧。")
    await box.fill("您好。")
    await canned.select_option("brave")
    await canned.select_option("hello")
    assert (await box.input_value()).startswith("您好。\n谢谢您说出来")


async def test_what_was_not_sent_stays_in_the_box_and_goes_out_later(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    page = await case_page(open_page, *open_desk)
    box = page.locator("#reply")

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/reply", cut)
    await box.fill("您好，孩子在哪？")
    await page.locator("#send").click()
    await expect(page.locator("#chat-problem")).to_contain_text("没有发出去", timeout=PATIENCE)
    await expect(box).to_have_value("您好，孩子在哪？")
    await page.reload()
    await expect(box).to_have_value("您好，孩子在哪？")
    await page.unroute("**/reply")
    await page.locator("#send").click()
    sent = page.locator("#lines .line.staff")
    await expect(sent).to_contain_text("您好，孩子在哪？", timeout=PATIENCE)
    await expect(box).to_have_value("")
    await expect(page.locator("#chat-problem")).to_be_hidden()
    await expect(page.locator("#hold")).to_contain_text("护童不出声")


async def test_who_is_typing_when_a_colleague_takes_over_is_told_and_loses_nothing(
    open_desk: tuple[Desk, str], open_page: OpenPage
) -> None:
    desk, url = open_desk
    page = await case_page(open_page, desk, url)
    await page.locator("#reply").fill("我正要写")
    with desk.database.writing() as session:
        case = store.find(session, CASE)
        assert case is not None
        talk = holding.held(session, case.conversation_id)
        holding.take(session, talk, case, "王督导", NOW)
    hold = page.locator("#hold")
    await expect(hold).to_contain_text("王督导从", timeout=PATIENCE)
    await expect(page.locator("#send")).to_be_disabled()
    await expect(page.locator("#reply")).to_have_value("我正要写")
    with desk.database.writing() as session:
        talk = holding.held(session, case.conversation_id)
        holding.give_back(session, talk, store.find(session, CASE), "王督导", NOW)
    await expect(page.locator("#send")).to_be_enabled(timeout=PATIENCE)
