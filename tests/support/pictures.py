"""The README's pictures and conversation, made by the program itself: ``make pictures``."""

import asyncio
import tempfile
from pathlib import Path

import pyotp
from PIL import Image
from playwright.async_api import Page

from bot.bootstrap import build, quiet_libraries
from bot.channels.terminal import Terminal
from bot.settings import load_settings
from bot.training import ensure_model
from tests.support import made_up
from tests.support.browser import DESKTOP, PHONE, chromium, person
from tests.support.console import PASSWORD, Desk, served
from tests.support.databases import migrated_database
from tests.support.program import Program

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "docs" / "images"
NOW = "2026-11-21T10:00:00+08:00"
OPENING = "我们小区3号楼有两个孩子五六岁爸妈都被拉去隔离了一天没人管"
SHOWN = ("同意", "没有危险")
CONSOLE = {
    "queue": "/staff/",
    "case": f"/staff/cases/{made_up.STORIES[0].number}",
    "overview": "/staff/overview",
}
_COLOURS = 96  # enough for a page without photographs, and a third of the size
SAID = [
    OPENING,
    "同意",
    "没有危险",
    "江门市蓬江区环市街道丹井里",
    "会不会有人知道是我说的",
    "都好好的，就是没吃的了",
    "不对，是三个孩子",
    "提交",
]


async def photograph(url: str) -> None:
    """The web chat on a phone, some turns into a report."""
    async with chromium() as browser, person(browser, viewport=PHONE, device_scale_factor=2) as one:
        page = await one.new_page()
        await page.goto(url)
        await page.get_by_label("写给护童的话").fill(OPENING)
        await page.keyboard.press("Enter")
        for title in SHOWN:
            await _press(page, title)
        await page.get_by_role("group", name="可以选的回答").get_by_role("button").first.wait_for()
        await page.wait_for_timeout(600)  # the page scrolls to the newest message
        await page.screenshot(path=IMAGES / "web-chat.png")


async def photograph_console(url: str, code: str) -> None:
    """The console on a PC: the queue, a case and the overview of a made-up morning."""
    async with chromium() as browser, person(browser, viewport=DESKTOP) as one:
        one.set_default_timeout(60_000)
        page = await one.new_page()
        await page.goto(f"{url}/staff/")
        await page.get_by_label("名字").fill(made_up.SUPERVISOR)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_label("动态码").fill(code)
        await page.get_by_role("button", name="登录").click()
        for name, path in CONSOLE.items():
            await page.goto(url + path)
            await page.wait_for_timeout(800)
            shot = IMAGES / f"console-{name}.png"
            await page.screenshot(path=shot)
            with Image.open(shot) as picture:
                picture.convert("RGB").quantize(_COLOURS).save(shot, optimize=True)


def make_console_pictures() -> None:
    """A made-up morning in a database of its own, photographed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated_database("sqlite", Path(folder)) as database,
    ):
        made_up.fill(database)
        desk = Desk(database)
        row = desk.account(made_up.SUPERVISOR, "supervisor", made_up.REGION)
        code = pyotp.TOTP(row.code_secret).at(desk.clock.now())
        with served(desk) as url:
            asyncio.run(photograph_console(url, code))


async def _press(page: Page, title: str) -> None:
    choices = page.get_by_role("group", name="可以选的回答")
    await choices.get_by_role("button", name=title, exact=True).click()
    await page.wait_for_timeout(1500)


def main() -> None:
    """Write the pictures; print the conversation as Markdown."""
    quiet_libraries()
    IMAGES.mkdir(parents=True, exist_ok=True)
    make_console_pictures()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(_env_file=None, data_dir=Path(folder), now=NOW)
        house = build(settings, ensure_model(ROOT / "data" / "models"))
        with Program(house) as program:
            asyncio.run(photograph(program.url))
        terminal = Terminal(house, "readme")
        for text in SAID:
            replies, _ = terminal.say(text)
            print(f"> **{text}**\n>")
            for reply in replies:
                titles = " ".join(f"`{button.title}`" for button in reply.buttons)
                lines = [*reply.text.splitlines(), *([titles] if titles else [])]
                print("\n".join(f"> {line}<br>" for line in lines) + "\n>")


if __name__ == "__main__":
    main()
