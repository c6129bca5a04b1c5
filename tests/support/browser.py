"""Headless Chromium for tests and pictures.

A test module names this file in ``pytest_plugins``, marks its tests with
``pytest.mark.asyncio(loop_scope="session")`` and takes ``open_page``::

    async def test_something(open_page):
        page = await open_page("http://127.0.0.1:8000/", width=390, height=844)
        await page.get_by_role("textbox").fill("你好")

Chromium starts once a session, on the session's event loop. Every page has a profile of its own,
reaches nothing but loopback, and fails its test when a script throws or breaks the page's
content security policy. ``HUTONG_TEST_BROWSER=skip`` skips; without it a missing browser fails.

PYTEST_DONT_REWRITE: test modules import names from here before pytest loads it as a plugin, and
pytest would warn that its asserts cannot be rewritten any more.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    async_playwright,
)

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 8_000  # milliseconds that a page has for what is expected of it
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}

OpenPage = Callable[..., Awaitable[Page]]


class BrowserMissingError(Exception):
    """No Chromium on the path."""


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A running headless Chromium, found on the path.

    Args:
        more: options of its command line.

    Raises:
        BrowserMissingError: neither ``chromium`` nor ``chromium-browser`` nor Chrome is there.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise BrowserMissingError(
            "No Chromium on the path: install chromium, or set HUTONG_TEST_BROWSER=skip."
        )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*OPTIONS, *more])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def person(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser profile of one person: Chinese, in China's time, on loopback only.

    Args:
        options: Playwright's ``new_context`` options, such as ``viewport`` or ``color_scheme``.

    Raises:
        AssertionError: at the end, when a script of a page threw or broke the policy.
    """
    settings: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    context = await browser.new_context(**settings | options)
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            complaints.append(message.text)

    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    await context.route("**/*", _loopback_only)
    try:
        yield context
    finally:
        await context.close()
    assert not complaints, complaints


async def _loopback_only(route: Route) -> None:
    if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
        await route.continue_()
    else:
        await route.abort()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, once a session."""
    if os.environ.get("HUTONG_TEST_BROWSER") == "skip":
        pytest.skip("HUTONG_TEST_BROWSER=skip: no browser tests on this machine")
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens pages: ``await open_page(url, width=390, height=844, **context options)``.

    Each call is a person of their own; ``beside=page`` opens another tab of the same person.
    """
    async with AsyncExitStack() as stack:

        async def open_one(
            url: str,
            width: int = DESKTOP["width"],
            height: int = DESKTOP["height"],
            beside: Page | None = None,
            **options: Any,
        ) -> Page:
            if beside is None:
                viewport = {"width": width, "height": height}
                context = await stack.enter_async_context(
                    person(browser, viewport=viewport, **options)
                )
            else:
                context = beside.context
            page = await context.new_page()
            await page.goto(url)
            return page

        yield open_one
