"""The README's picture and conversation, made by the program itself: ``make pictures``."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page

from bot.bootstrap import build, quiet_libraries
from bot.channels.terminal import Terminal
from bot.settings import load_settings
from bot.training import ensure_model
from tests.support.browser import PHONE, chromium, person
from tests.support.program import Program

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "docs" / "images"
NOW = "2026-11-21T10:00:00+08:00"
OPENING = "我们小区3号楼有两个孩子五六岁爸妈都被拉去隔离了一天没人管"
SHOWN = ("同意", "没有危险")
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


async def _press(page: Page, title: str) -> None:
    choices = page.get_by_role("group", name="可以选的回答")
    await choices.get_by_role("button", name=title, exact=True).click()
    await page.wait_for_timeout(1500)


def main() -> None:
    """Write the picture; print the conversation as Markdown."""
    quiet_libraries()
    IMAGES.mkdir(parents=True, exist_ok=True)
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
