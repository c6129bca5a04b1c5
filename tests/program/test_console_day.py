"""A day at the desk, through the whole program: what a reporter writes, and what staff do with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from bot.bootstrap import House, open_database
from bot.cases.staff_tables import AuditRow
from bot.cases.tables import CaseRow
from bot.console import accounts
from bot.conversation.inbox import Inbox
from bot.settings import secret_key
from tests.support.botapi import BotApi, blocked
from tests.support.browser import OpenPage
from tests.support.console import PASSWORD
from tests.support.program import Program

pytest_plugins = ["tests.support.browser"]
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]
PATIENCE = 30_000
TROUBLE = (
    "江门市新会区会城街道听松街3号有个五岁的小孩一个人在家，发烧了，他妈妈昨天晚上住院了，没有别人"
)
CLICKS_TO_FIRST_REPLY = 3


class Hand:
    """Somebody's hand on the mouse; it counts its clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    async def click(self, what: Locator) -> None:
        """Click once."""
        await what.click(timeout=PATIENCE)
        self.clicks += 1


@pytest.fixture
def house(house: House, tmp_path: Path) -> Iterator[House]:
    """The program on a database of its own, so that the queue shows nobody else's cases."""
    settings = house.settings.copy(update={"data_dir": tmp_path})
    database = open_database(settings)
    inbox = Inbox(database, secret_key(settings), settings.clock)
    yield replace(house, settings=settings, database=database, inbox=inbox)
    database.close()


@pytest.fixture
def program(house: House) -> Iterator[Program]:
    with Program(house) as running:
        yield running


def account(house: House, name: str, role: str) -> str:
    """An account for 新会区; the one-time code of this moment."""
    now = house.settings.clock.now()
    with house.database.writing() as session:
        row = accounts.add(session, accounts.Profile(name, role, "440705"), PASSWORD, now)
        return pyotp.TOTP(row.code_secret).at(now)


async def sign_in(page: Page, house: House, name: str, role: str, hand: Hand) -> None:
    code = account(house, name, role)
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(code)
    await hand.click(page.get_by_role("button", name="登录"))
    await expect(page.get_by_text("自动更新中")).to_be_visible(timeout=PATIENCE)


async def write(page: Page, text: str) -> None:
    await page.get_by_label("写给护童的话").fill(text)
    await page.keyboard.press("Enter")


async def report(page: Page) -> None:
    """A neighbour's report in the web chat, from the first message to the receipt."""
    await write(page, TROUBLE)
    choices = page.get_by_role("group", name="可以选的回答")
    log = page.get_by_role("log")
    for title in ("同意", "没有危险", "不清楚", "不清楚", "不清楚", "不清楚", "不清楚"):
        submit = choices.get_by_role("button", name="提交", exact=True)
        wanted = choices.get_by_role("button", name=title, exact=True)
        either = submit.or_(wanted).or_(choices.get_by_role("button", name="不清楚", exact=True))
        await expect(either.first).to_be_visible(timeout=PATIENCE)
        if await submit.count():
            break
        pressed = wanted if await wanted.count() else choices.get_by_role("button", name="不清楚")
        before = await log.locator("> *").count()
        await pressed.first.click()
        await expect(log.locator("> *").nth(before + 1)).to_be_visible(timeout=PATIENCE)
    await choices.get_by_role("button", name="提交", exact=True).click(timeout=PATIENCE)
    await expect(log.get_by_text("报告已提交")).to_be_visible(timeout=PATIENCE)


async def number_of(page: Page) -> str:
    text = await page.get_by_role("log").inner_text()
    found = re.search(r"HT-\d{6}-\w{5}", text)
    assert found
    return found.group(0)


def case_of(house: House, number: str) -> CaseRow:
    with house.database.reading() as session:
        return session.execute(select(CaseRow).where(CaseRow.case_no == number)).scalars().one()


async def unfold(page: Page, hand: Hand, title: str) -> Locator:
    """Open one of the folded acts; what is in it."""
    fold = page.locator("#acts details").filter(has=page.locator("summary", has_text=title))
    await hand.click(fold.locator("summary").first)
    return fold


async def test_ten_things_that_staff_do_in_a_day(
    house: House, program: Program, open_page: OpenPage
) -> None:
    hand = Hand()
    desk = await open_page(f"{program.url}staff/", accept_downloads=True)
    await sign_in(desk, house, "林溪", "supervisor", hand)
    reporter = await open_page(program.url)
    await report(reporter)
    number = await number_of(reporter)
    await see_it_arrive_and_read(desk, number, hand)
    await reply(desk, reporter, hand)
    assert hand.clicks == CLICKS_TO_FIRST_REPLY
    await hear_meanwhile(desk, reporter)
    await accept(desk, hand)
    await hand_back(desk, reporter, hand)
    await record_a_visit(desk, hand)
    await transfer(desk, house, number, hand)
    await close(desk, hand)
    assert case_of(house, number).outcome == "guardian_back"
    case = await export(desk, hand)
    assert case["case_no"] == number and case["status"] == "closed"
    assert {"reporter", "bot", "staff"} == {line["sender"] for line in case["transcript"]}
    with house.database.reading() as session:
        query = select(AuditRow.action).where(AuditRow.case_no == number).order_by(AuditRow.id)
        done = set(session.execute(query).scalars())
    assert {
        "case_read", "chat_taken", "chat_replied", "chat_handed_back", "case_accept",
        "case_record", "case_transfer", "case_transfer_revoke", "case_close", "case_exported",
    } <= done  # fmt: skip


async def see_it_arrive_and_read(desk: Page, number: str, hand: Hand) -> None:
    """The page was open before anything was written; nobody reloads it."""
    row = desk.locator("#entries > li", has_text=number)
    await expect(row).to_contain_text("紧急", timeout=PATIENCE)
    await expect(row).to_contain_text("新会区")
    await hand.click(row.get_by_role("link"))
    await expect(desk.locator("#lines").get_by_text(TROUBLE)).to_be_visible(timeout=PATIENCE)


async def reply(desk: Page, reporter: Page, hand: Hand) -> None:
    """The first reply takes the chat over; the reporter reads that staff wrote it, not who."""
    await desk.locator("#reply").fill("您好，我是工作人员，现在谁在孩子身边？")
    await hand.click(desk.locator("#send"))
    log = reporter.get_by_role("log")
    await expect(log.get_by_text("现在由工作人员在这里跟您说话")).to_be_visible(timeout=PATIENCE)
    answer = log.locator(".line.staff")
    await expect(answer).to_contain_text("现在谁在孩子身边？", timeout=PATIENCE)
    await expect(answer).to_contain_text("工作人员")
    assert "林溪" not in await log.inner_text()


async def hear_meanwhile(desk: Page, reporter: Page) -> None:
    """What the reporter writes comes by itself, and what is being typed stays."""
    await desk.locator("#reply").type("我马上")
    await write(reporter, "隔壁阿婆刚过去看着了")
    heard = desk.locator("#lines .line.reporter", has_text="隔壁阿婆刚过去看着了")
    await expect(heard).to_be_visible(timeout=PATIENCE)
    await expect(desk.locator("#heard")).to_contain_text("隔壁阿婆刚过去看着了")
    await expect(desk.locator("#reply")).to_have_value("我马上")
    await expect(desk.locator("#lines .line.staff")).to_contain_text("已送达", timeout=PATIENCE)
    log = reporter.get_by_role("log")
    await expect(log.locator(".line").last).to_contain_text("隔壁阿婆")  # the bot is silent


async def accept(desk: Page, hand: Hand) -> None:
    """Accepting loads the page anew; what was typed is still there."""
    await hand.click(desk.get_by_role("button", name="接手", exact=True))
    await expect(desk.get_by_text("已接手，现在由您负责。")).to_be_visible(timeout=PATIENCE)
    await expect(desk.locator("#reply")).to_have_value("我马上")
    await desk.locator("#reply").fill("")


async def hand_back(desk: Page, reporter: Page, hand: Hand) -> None:
    await hand.click(desk.get_by_role("button", name="交还给护童"))
    await expect(desk.get_by_text("现在是护童在自动回复。")).to_be_visible(timeout=PATIENCE)
    log = reporter.get_by_role("log")
    await expect(log.get_by_text("接下来还是我")).to_be_visible(timeout=PATIENCE)


async def record_a_visit(desk: Page, hand: Hand) -> None:
    fold = await unfold(desk, hand, "记录走访、电话、物资")
    await fold.locator("select").first.select_option("home_visit")
    await fold.locator("textarea").first.fill("孩子退烧了，阿婆陪着。")
    await hand.click(fold.get_by_role("button", name="记录"))
    await expect(desk.get_by_text("已记录。")).to_be_visible(timeout=PATIENCE)


async def transfer(desk: Page, house: House, number: str, hand: Hand) -> None:
    """Nobody has answered yet: it is taken back."""
    account(house, "周岚", "county")
    await desk.reload()
    fold = await unfold(desk, hand, "转办")
    await fold.locator("select").select_option("worker:周岚")
    await fold.locator("textarea").fill("要县里协调临时监护。")
    await hand.click(fold.get_by_role("button", name="请对方接办"))
    await expect(desk.get_by_text("已提出转办，等对方答复。")).to_be_visible(timeout=PATIENCE)
    assert case_of(house, number).status == "transferred"
    await hand.click(desk.locator(".first").get_by_role("button", name="撤回转办"))
    await expect(desk.get_by_text("已撤回转办。")).to_be_visible(timeout=PATIENCE)


async def close(desk: Page, hand: Hand) -> None:
    fold = await unfold(desk, hand, "办结")
    await hand.click(fold.get_by_label("监护人回来照看了"))
    await fold.locator("textarea").fill("母亲出院回家了。")
    await hand.click(fold.get_by_role("button", name="办结"))
    await expect(desk.get_by_text("已办结。")).to_be_visible(timeout=PATIENCE)


async def export(desk: Page, hand: Hand) -> dict[str, Any]:
    """The case as a file; what stands in it."""
    async with desk.expect_download(timeout=PATIENCE) as download:
        await hand.click(desk.get_by_role("button", name="导出这个案件（json）"))
    path = await (await download.value).path()
    content = json.loads(path.read_text(encoding="utf-8"))
    return content[0] if isinstance(content, list) else content


async def test_a_reply_reaches_telegram_and_one_that_does_not_is_shown_as_such(
    house: House, open_page: OpenPage
) -> None:
    with (
        BotApi() as api,
        Program(house, telegram_token=api.token, telegram_api_url=api.url) as program,
    ):
        person = api.person()
        person.says(TROUBLE)
        _, consent = await person.replies(2, 30)
        person.presses(consent.button("同意"))
        await person.replies(1, 30)
        hand = Hand()
        desk = await open_page(f"{program.url}staff/")
        await sign_in(desk, house, "陈禾", "supervisor", hand)
        await hand.click(desk.locator("#entries").get_by_role("link").first)
        # the script has begun: it hides what browsers without it need
        await expect(desk.locator("#fill")).to_have_attribute("hidden", "", timeout=PATIENCE)
        await desk.locator("#reply").fill("您好，请问门牌号是多少？")
        await desk.keyboard.press("Control+Enter")
        await expect(desk.locator("#reply")).to_have_value("", timeout=PATIENCE)
        comes, said = await person.replies(2, 30)
        assert comes.text.startswith("现在由工作人员")
        assert said.text == "「工作人员」您好，请问门牌号是多少？"
        await expect(desk.locator(".line.staff")).to_contain_text("已送达", timeout=PATIENCE)
        api.fail("sendMessage", blocked())
        await desk.locator("#reply").fill("您还在吗？")
        await desk.keyboard.press("Control+Enter")
        failed = desk.locator(".line.staff", has_text="您还在吗？")
        await expect(failed).to_contain_text("没有送到", timeout=PATIENCE)
