"""The web chat in a real browser: what a person sees, presses and hears."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import PHONE, OpenPage
from tests.support.webchat import ASKED, THANKED, ChatServer

pytest_plugins = ["tests.support.browser"]
pytestmark = [pytest.mark.service, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=8_000)


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer(heartbeat=0.5) as server:
        yield server


async def write(page: Page, text: str) -> None:
    await page.get_by_label("写给护童的话").fill(text)
    await page.keyboard.press("Enter")


async def test_one_talks_by_keyboard_alone(chat: ChatServer, open_page: OpenPage) -> None:
    page = await open_page(chat.url)
    log = page.get_by_role("log")
    await expect(page.get_by_text("您好，我是护童")).to_be_visible()
    box = page.get_by_role("textbox", name="写给护童的话")
    await expect(box).to_be_enabled()  # by the script; what is disabled takes no focus
    await box.focus()
    await page.keyboard.type("楼上有两个孩子")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("没人管")
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("")
    await expect(log.get_by_text("楼上有两个孩子\n没人管")).to_be_visible()
    await expect(log.get_by_text(ASKED.text)).to_be_visible()
    choices = page.get_by_role("group", name="可以选的回答").get_by_role("button")
    await expect(choices).to_have_text(["有", "没有", "不清楚"])
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await expect(choices.nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(log.get_by_text(THANKED.text)).to_be_visible()
    await expect(box).to_be_focused()
    await expect(choices).to_have_count(0)
    assert [each.kind for each in chat.conversation.received] == ["text", "press"]
    assert chat.conversation.received[1].text == "/carer no"


async def test_an_enter_of_the_input_method_sends_nothing(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    box = page.get_by_role("textbox")
    await box.fill("haizi")
    script = "(box, init) => box.dispatchEvent(new KeyboardEvent('keydown', init))"
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        init = {"key": "Enter", "bubbles": True, "cancelable": True} | composing
        await box.evaluate(script, init)
    await expect(box).to_have_value("haizi")
    assert chat.conversation.received == []


async def test_an_example_fills_the_box_and_is_not_sent(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    box = page.get_by_role("textbox")
    await expect(box).to_be_enabled()  # the script listens
    await page.get_by_role("button", name="我明天要住院").click()
    await expect(box).to_have_value("我明天要住院，家里孩子没人带")
    await expect(box).to_be_focused()
    assert chat.conversation.received == []
    await page.get_by_role("button", name="发送").click()
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    await expect(page.get_by_text("不知道怎么开口")).to_be_hidden()


async def test_a_message_stands_there_at_once_and_only_once(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    typing, texts = page.get_by_text("护童正在输入"), page.locator("#log .text")
    with chat.conversation.holding():
        await write(page, "第一句孩子")
        await write(page, "第二句")
        await expect(typing).to_be_visible()
        await expect(texts).to_have_text(["第一句孩子", "第二句"])
    await expect(texts).to_have_text(["第一句孩子", "第二句", ASKED.text, "您写的是：第二句"])
    await expect(typing).to_be_hidden()
    await expect(page.locator("#log .who time")).to_have_count(4)


async def test_a_reload_shows_the_conversation_again_and_the_buttons_still_work(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "有个孩子")
    await expect(page.get_by_role("button", name="没有")).to_be_visible()
    await page.reload()
    await expect(page.locator("#log .text")).to_have_text(["有个孩子", ASKED.text])
    await expect(page.get_by_text("您好，我是护童")).to_be_hidden()
    await page.get_by_role("button", name="没有").click()
    await expect(page.get_by_text(THANKED.text)).to_be_visible()
    await page.reload()
    shown = ["有个孩子", ASKED.text, "没有", THANKED.text]
    await expect(page.locator("#log .text")).to_have_text(shown)
    await expect(page.get_by_role("group")).to_have_count(0)


async def test_while_the_server_is_away_the_page_says_so_and_sends_later(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "在吗")
    await expect(page.get_by_text("您写的是：在吗")).to_be_visible()
    chat.stop()
    state = page.get_by_text("正在重新连接")
    await expect(state).to_be_visible()
    await write(page, "断网时写的")
    await write(page, "又一句")
    await expect(page.get_by_text("连上后自动发送")).to_have_count(2)
    chat.start()
    await expect(page.get_by_text("您写的是：又一句")).to_be_visible()
    await expect(state).to_be_hidden()
    await expect(page.get_by_text("连上后自动发送")).to_have_count(0)
    texts = [each.text for each in chat.conversation.received]
    assert texts == ["在吗", "断网时写的", "又一句"]


async def test_what_was_not_sent_yet_survives_a_reload(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await expect(page.locator("#log")).to_have_attribute("aria-busy", "false")
    chat.conversation.broken = True
    await write(page, "孩子发烧了")
    await expect(page.get_by_text("正在重新连接")).to_be_visible()
    await page.reload()
    chat.conversation.broken = False
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    await expect(page.locator("#log .text")).to_have_text(["孩子发烧了", ASKED.text])
    assert len(chat.conversation.received) == 1


async def test_another_tab_of_the_same_person_follows_and_a_stranger_sees_nothing(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "孩子一个人")
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    other_tab = await open_page(chat.url, beside=page)
    stranger = await open_page(chat.url)
    await page.get_by_role("button", name="不清楚").click()
    await expect(other_tab.get_by_text(THANKED.text)).to_be_visible()
    await expect(other_tab.get_by_role("group")).to_have_count(0)
    await expect(stranger.get_by_text("您好，我是护童")).to_be_visible()
    await expect(stranger.locator("#log .text")).to_have_count(0)


async def test_markup_is_shown_as_it_was_written(chat: ChatServer, open_page: OpenPage) -> None:
    page = await open_page(chat.url)
    nasty = "<img src=x onerror=\"document.title='坏了'\"><b>粗</b>&amp;"
    await write(page, nasty)
    await expect(page.locator("#log .text")).to_have_text([nasty, "您写的是：" + nasty])
    assert await page.locator("#log img, #log b").count() == 0
    await page.reload()
    await expect(page.locator("#log .text").first).to_have_text(nasty)
    assert await page.title() == "护童"


async def test_too_long_a_message_stays_in_the_box_with_a_reason(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "好" * 4097)
    await expect(page.get_by_role("alert")).to_contain_text("4096")
    assert len(await page.get_by_role("textbox").input_value()) == 4097
    # beyond the byte limit the server is the one who says no; nothing written is lost
    await write(page, "😀" * 4096)
    await expect(page.get_by_role("alert")).to_contain_text("4096")
    await expect(page.get_by_role("textbox")).to_have_value("😀" * 4096)
    assert chat.conversation.received == []


@pytest.mark.parametrize("way", ["press", "escape"])
async def test_leaving_in_a_hurry_clears_every_tab(
    chat: ChatServer, open_page: OpenPage, way: str
) -> None:
    page = await open_page(chat.url)
    other_tab = await open_page(chat.url, beside=page)
    await write(page, "孩子被打")
    await expect(other_tab.get_by_text("孩子被打")).to_be_visible()
    if way == "press":
        await page.get_by_role("button", name="快速离开").click()
    else:
        for _ in range(3):
            await page.keyboard.press("Escape")
    for each in (page, other_tab):
        await each.wait_for_url("**/weather")
        await expect(each.get_by_text("孩子被打")).to_have_count(0)
    await page.go_back()
    assert page.url == "about:blank"


async def test_clearing_the_device_ends_the_session_and_asks_first(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "孩子饿着")
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    page.once("dialog", lambda dialog: dialog.dismiss())
    await page.get_by_role("button", name="清空").click()
    await expect(page.get_by_text("孩子饿着")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="清空").click()
    await expect(page.get_by_text("您好，我是护童")).to_be_visible()
    await expect(page.locator("#log .text")).to_have_count(0)
    await write(page, "换了个人")
    await expect(page.get_by_text("您写的是：换了个人")).to_be_visible()
    assert len({each.sender for each in chat.conversation.received}) == 2


async def test_when_the_cookie_is_gone_the_old_conversation_leaves_the_screen(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page(chat.url)
    await write(page, "孩子饿着")
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    await page.context.clear_cookies()
    await write(page, "还在吗")
    await expect(page.locator("#log .text")).to_have_text(["还在吗", "您写的是：还在吗"])
    assert len({each.sender for each in chat.conversation.received}) == 2


async def test_without_cookies_the_page_says_what_is_wrong(
    chat: ChatServer, open_page: OpenPage
) -> None:
    page = await open_page("about:blank")

    async def without_cookie(route, request) -> None:  # type: ignore[no-untyped-def]
        await route.fulfill(status=200, json={})

    await page.route("**/chat/session*", without_cookie)
    await page.goto(chat.url)
    await expect(page.get_by_role("alert")).to_contain_text("Cookie")


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
@pytest.mark.parametrize("width", [320, PHONE["width"]])
async def test_on_a_phone_everything_is_in_reach(
    chat: ChatServer, open_page: OpenPage, width: int, language: str
) -> None:
    page = await open_page(f"{chat.url}?lang={language}", width=width, height=640, has_touch=True)
    await write(page, "孩子在https://example.org/" + "a" * 300)
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    assert await page.evaluate(SIDEWAYS) == 0
    for name in ("发送", "快速离开", "没有"):
        button = page.get_by_role("button", name=name, exact=True)
        await expect(button).to_be_in_viewport(ratio=1)
        size = await button.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 40, name
    for number in ("110", "120", "119"):
        link = page.get_by_role("link", name=number)
        await expect(link).to_be_in_viewport(ratio=1)
        assert await link.get_attribute("href") == f"tel:{number}"


async def test_with_large_type_nothing_is_cut_off(chat: ChatServer, open_page: OpenPage) -> None:
    # a window of 640 × 400 at 200 % has 320 × 200 of the page's own pixels (WCAG 1.4.10)
    page = await open_page(chat.url, width=320, height=256)
    await write(page, "有个孩子")
    await expect(page.get_by_text(ASKED.text)).to_be_visible()
    assert await page.evaluate(SIDEWAYS) == 0
    for name in ("不清楚", "发送"):
        button = page.get_by_role("button", name=name)
        await button.scroll_into_view_if_needed()
        await expect(button).to_be_in_viewport(ratio=0.95)


# the contrast of every visible text with what lies under it (WCAG 1.4.3)
CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const under = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const poor = [];
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
    if (!own || !node.checkVisibility() || node.closest("noscript")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(under(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.textContent.trim()} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_is_readable_and_every_control_has_a_name(
    chat: ChatServer, open_page: OpenPage, scheme: str
) -> None:
    page = await open_page(chat.url, color_scheme=scheme, reduced_motion="reduce")
    await expect(page.get_by_text("您好，我是护童")).to_be_visible()
    assert await page.evaluate(CONTRAST) == []
    await write(page, "有个孩子")
    await expect(page.get_by_role("button", name="没有")).to_be_visible()
    chat.stop()
    await expect(page.get_by_text("正在重新连接")).to_be_visible()
    assert await page.evaluate(CONTRAST) == []
    for control in await page.get_by_role("button").or_(page.get_by_role("link")).all():
        assert (await control.inner_text()).strip()
    for role in ("banner", "main", "contentinfo", "log", "navigation", "textbox"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_text("护童")
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    animated = "document.getAnimations().filter((each) => each.playState === 'running').length"
    assert await page.evaluate(animated) == 0
    chat.start()
