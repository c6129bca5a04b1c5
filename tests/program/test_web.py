"""A report in the browser: the whole program behind the page."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.bootstrap import House
from bot.cases.tables import CaseRow
from tests.support.browser import PHONE, OpenPage
from tests.support.program import Program

pytest_plugins = ["tests.support.browser"]
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]
PATIENCE = 20_000


@pytest.fixture
def program(house: House) -> Iterator[Program]:
    with Program(house) as running:
        yield running


async def write(page: Page, text: str) -> None:
    await page.get_by_label("写给护童的话").fill(text)
    await page.keyboard.press("Enter")


async def press(page: Page, title: str) -> None:
    choices = page.get_by_role("group", name="可以选的回答")
    await choices.get_by_role("button", name=title, exact=True).click(timeout=PATIENCE)


async def test_a_guardians_report_on_a_phone(
    house: House, program: Program, open_page: OpenPage
) -> None:
    page = await open_page(program.url, **PHONE)
    log = page.get_by_role("log")
    await write(
        page,
        "我住院了，家里5岁的女儿没人照顾，家在武汉市武昌区中南路街道，电话13800138111，从昨天开始的",
    )
    await press(page, "同意")
    submit = page.get_by_role("button", name="提交", exact=True)
    choices = page.get_by_role("group", name="可以选的回答")
    for _ in range(8):
        unknown = choices.get_by_role("button", name="不清楚", exact=True)
        await expect(submit.or_(unknown)).to_be_visible(timeout=PATIENCE)
        if await submit.count():
            break
        replies = page.locator("[role=log] > *")
        before = await replies.count()
        await unknown.click()
        await expect(replies.nth(before + 1)).to_be_visible(timeout=PATIENCE)
    await page.reload()
    await expect(log.get_by_text("我记下的是")).to_be_visible(timeout=PATIENCE)
    await submit.click()
    await expect(log.get_by_text("报告已提交")).to_be_visible(timeout=PATIENCE)
    text = await log.get_by_text("报告已提交").inner_text()
    with house.database.reading() as session:
        query = select(CaseRow).where(CaseRow.channel == "web").order_by(CaseRow.id.desc())
        case = session.execute(query).scalars().first()
    assert case is not None
    assert case.case_no in text
    assert case.status == "new"
    assert case.facts["facts"]["ages"] == [5]


async def test_two_people_see_only_their_own_words(program: Program, open_page: OpenPage) -> None:
    first = await open_page(program.url)
    second = await open_page(program.url)
    await write(first, "楼下有两个孩子自己在家没人管")
    await expect(first.get_by_role("log").get_by_text("同意吗")).to_be_visible(timeout=PATIENCE)
    await write(second, "你好")
    await expect(second.get_by_role("log").get_by_text("点一下您是谁")).to_be_visible(
        timeout=PATIENCE
    )
    await second.reload()
    await expect(second.get_by_role("log").get_by_text("点一下您是谁")).to_be_visible(
        timeout=PATIENCE
    )
    assert await second.get_by_text("自己在家没人管").count() == 0
