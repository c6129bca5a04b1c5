"""The Telegram channel against the local Bot API server, for tests."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.channels.telegram import Pace, TelegramChannel
from bot.conversation.messages import Door
from bot.settings import Settings, load_settings
from tests.support.botapi import BotApi

QUICK = Pace(poll=2, answer=0.4, first_wait=0.02, longest_wait=0.05)


def telegram_settings(api: BotApi, **changes: Any) -> Settings:
    """Settings that point the channel at the server."""
    values = {"telegram_token": api.token, "telegram_api_url": api.url, **changes}
    return load_settings(_env_file=None, **values)


@asynccontextmanager
async def running(
    api: BotApi, door: Door, pace: Pace = QUICK, **settings: Any
) -> AsyncIterator[TelegramChannel]:
    """The channel while it runs; a failure of its own is raised at the end."""
    channel = TelegramChannel(telegram_settings(api, **settings), door, pace)
    task = asyncio.create_task(channel.run())
    try:
        yield channel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], object], within: float = 5.0) -> None:
    """Wait for something to become true.

    Raises:
        AssertionError: it did not in time.
    """
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never became true"
        await asyncio.sleep(0.005)
