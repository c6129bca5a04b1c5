"""The web chat's page as a document: language, weight, headers, and what it is without scripts."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.web import WebSender, web_routes
from bot.clock import Clock
from bot.texts import Texts
from tests.support.webchat import SECRET, Conversation, source_texts


@pytest.fixture
def asked_languages() -> list[str]:
    return []


@pytest.fixture
async def visitor(asked_languages: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    def texts_of(language: str) -> Texts:
        asked_languages.append(language)
        return source_texts(language)

    sender = WebSender()
    house = Conversation(sender)
    routes = web_routes(SECRET, house, house, sender, Clock(), texts_of=texts_of)
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://hutong.test") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "accept", "language"),
    [
        ("", "", "zh_Hans"),
        ("", "fr", "zh_Hans"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        ("", "zh-TW", "zh_Hant"),
        ("", "zh-Hans-HK", "zh_Hans"),
        ("", "yue", "zh_Hant"),
        ("", "fr, en;q=0.5", "en"),
        ("", "en;q=0.1, zh-HK;q=0.7", "zh_Hant"),
        ("", "en;q=0, zh;q=oops", "zh_Hans"),
        ("en", "zh-CN", "en"),
        ("zh_Hant", "en", "zh_Hant"),
        ("xx", "en", "en"),
        ("'><script>", "", "zh_Hans"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    visitor: httpx.AsyncClient, asked_languages: list[str], query: str, accept: str, language: str
) -> None:
    answer = await visitor.get("/", params={"lang": query}, headers={"Accept-Language": accept})
    assert asked_languages[-1] == language
    assert f'<html lang="{language.replace("_", "-")}">' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/chat/lines", "/chat/static/chat.js", "/chat/static/nothing.js"]
)
async def test_every_answer_is_closed_to_frames_foreign_scripts_and_referrers(
    visitor: httpx.AsyncClient, path: str
) -> None:
    answer = await visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


async def test_the_first_load_is_small_and_all_from_here(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    parts = {name: await visitor.get(f"/chat/static/{name}") for name in ("chat.js", "chat.css")}
    icon = await visitor.get("/chat/static/icon.svg")
    assert len(parts["chat.js"].content) < 12_000
    assert len(parts["chat.css"].content) < 10_000
    whole = len(page.encode()) + len(icon.content) + sum(len(p.content) for p in parts.values())
    assert whole < 60_000
    assert " style=" not in page
    assert " onclick=" not in page
    assert page.count("http") == page.count("https://www.weather.com.cn/")  # the way out, a link
    assert "innerHTML" not in parts["chat.js"].text


async def test_without_scripts_the_hotlines_are_there(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    without = page.partition("<noscript>")[2].partition("</noscript>")[0]
    for number in ("110", "120", "119", "12345"):
        assert number in without
    for number in ("110", "120", "119"):
        assert f'href="tel:{number}"' in page
