"""Every page of the console can be used by everybody: axe, a narrow screen, large text, keys only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pyotp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from bot.cases.staff_tables import StaffRow
from bot.cases.tables import CaseRow, ConversationRow
from bot.console.app import PAGES
from tests.support import made_up
from tests.support.browser import DESKTOP, PHONE, OpenPage, chromium, person
from tests.support.cases import NOW
from tests.support.console import PASSWORD, Desk, served
from tests.support.databases import migrated_database

pytest_plugins = ("tests.support.browser",)
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]

CRITICAL, HELD, FORWARDED, ENDED, UNFINISHED = (
    made_up.STORIES[index].number for index in (0, 1, 4, 5, 6)
)
ADDRESSES = {
    "/sign-in": ["/sign-in"],
    "/self": ["/self"],
    "/": ["/", "/?level=critical&mine=1", "/?status=closed"],
    "/search": ["/search"],
    "/cases/{case_no}": [
        f"/cases/{number}" for number in (CRITICAL, HELD, FORWARDED, ENDED, UNFINISHED)
    ],
    "/cases/{case_no}/print": [f"/cases/{HELD}/print"],
    "/talks/{number}": ["/talks/{talk}"],
    "/overview": ["/overview"],
    "/review": ["/review"],
    "/audit": ["/audit"],
    "/accounts": ["/accounts"],
    "/accounts/{number}": ["/accounts/1"],
}
"""Of each page one address and more, where it looks different."""
NO_PAGES = {"/attachments/{number}"}
"""What is a file and no page."""
_LARGE = "--blink-settings=defaultFontSize=32"
PATIENCE = 30_000  # milliseconds; a sign-in alone costs a good part of a second
SIZES = {"phone": PHONE, "desktop": DESKTOP}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """The console on a made-up morning, behind a server."""
    with migrated_database("sqlite", tmp_path_factory.mktemp("pages")) as database:
        made_up.fill(database)
        made = Desk(database)
        made.account(made_up.COUNTY, "administrator", made_up.REGION)
        with served(made) as url:
            yield made, f"{url}/staff"


async def sign_in(page: Page, desk: Desk, url: str, name: str = made_up.COUNTY) -> None:
    """Sign an account in by the form; its code may be used again."""
    with desk.database.writing() as session:
        row = session.execute(select(StaffRow).where(StaffRow.name == name)).scalars().one()
        row.last_step = 0
        code = pyotp.TOTP(row.code_secret).at(NOW)
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("动态码").fill(code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="待办", level=1)).to_be_visible(timeout=PATIENCE)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["light", "dark"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, desk: tuple[Desk, str]
) -> AsyncIterator[Page]:
    """A page of somebody who is signed in, in light and in dark colours."""
    async with person(browser, color_scheme=request.param, reduced_motion="reduce") as one:
        made = await one.new_page()
        await sign_in(made, *desk)
        yield made


def addresses(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        cases = select(CaseRow.conversation_id)
        query = select(ConversationRow.id).where(ConversationRow.id.notin_(cases))
        talk = session.execute(query).scalars().first()
    return [each.format(talk=talk) for found in ADDRESSES.values() for each in found]


async def test_every_page_is_looked_at() -> None:
    shown = {page.path for page in PAGES if page.method == "GET" and not page.quiet}
    shown -= {path for path in shown if path.endswith((".png", ".svg"))}
    assert shown - NO_PAGES == set(ADDRESSES)


@pytest.mark.parametrize("size", SIZES)
async def test_axe_finds_nothing_serious_on_any_page(
    page: Page, desk: tuple[Desk, str], size: str
) -> None:
    await page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    found = []
    for address in addresses(desk[0]):
        if address == "/sign-in":
            continue  # a page of its own below
        await page.goto(desk[1] + address)
        await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        found += [f"{address} {each}" for each in await serious(page)]
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{address} is {wide} px too wide")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_axe_finds_nothing_serious_before_the_sign_in(
    open_page: OpenPage, desk: tuple[Desk, str], size: str, scheme: str
) -> None:
    page = await open_page(f"{desk[1]}/sign-in", **SIZES[size], color_scheme=scheme)
    assert await serious(page) == []


async def serious(page: Page) -> list[str]:
    """What axe finds serious or critical: the rule and where."""
    results = await Axe().run(page)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in results.response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


async def test_text_twice_as_large_needs_no_scrolling_sideways(
    browser: Browser, desk: tuple[Desk, str]
) -> None:
    """The browser's own text size, which the widths that pages change at follow."""
    found = []
    async with chromium(_LARGE) as large, person(large, viewport=DESKTOP) as one:
        page = await one.new_page()
        await sign_in(page, *desk)
        for address in addresses(desk[0]):
            await page.goto(desk[1] + address)
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{address} is {wide} px too wide")
        size = await page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert size == "32px"
    assert not found, "\n".join(found)


async def test_a_case_is_accepted_and_answered_by_keys_alone(
    open_page: OpenPage, desk: tuple[Desk, str]
) -> None:
    made, url = desk
    page = await open_page(f"{url}/sign-in", **DESKTOP)
    await sign_in(page, made, url)
    await tab_to(page, CRITICAL)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=CRITICAL, level=1)).to_be_visible()
    await tab_to(page, "接手")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已接手，现在由您负责。")).to_be_visible()
    await expect(page.locator("#fill")).to_have_attribute(
        "hidden", ""
    )  # the script runs, which hears Control+Enter
    await tab_to(page, "回复报告人", role="A")
    await page.keyboard.press("Enter")
    await expect(page.locator("#reply")).to_be_focused()
    await page.keyboard.type("您好，我现在去看孩子。")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#lines").get_by_text("您好，我现在去看孩子。")).to_be_visible()
    await expect(page.locator("#reply")).to_be_focused()
    await expect(page.locator("#reply")).to_have_value("")


async def tab_to(page: Page, text: str, role: str = "") -> None:
    """Press Tab until what has the focus shows that text."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        shown, name = await page.evaluate(
            "[document.activeElement.innerText || '', document.activeElement.tagName]"
        )
        if text in shown and name in (role or name):
            return
    raise AssertionError(f"no key leads to {text}")
