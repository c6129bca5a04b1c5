"""What people are told when it cannot be written down: whom to call meanwhile."""

import asyncio
import time
from collections.abc import Callable

from bot.conversation.messages import Reply
from bot.conversation.outbox import Outbox
from bot.texts import N_, texts

CLOSED = N_("现在存不下您的消息，恢复后会接着回答：急事请直接打 110、120 或 12345。")
SET_ASIDE = N_("您刚发的那一条我读不了，请换个写法再发一次：急事请直接打 110、120 或 12345。")
TOO_MANY = N_("您发得太快，后面这些没有记下，过一分钟再写：急事请直接打 110、120 或 12345。")
_EVERY = {CLOSED: 600.0, SET_ASIDE: 60.0, TOO_MANY: 60.0}
"""Seconds between two notices of a kind to the same person."""


class Notices:
    """Sends single sentences beside the outbox, seldom to the same person.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, outbox: Outbox, now: Callable[[], float] = time.monotonic) -> None:
        self._outbox = outbox
        self._now = now
        self._told: dict[tuple[str, str, str], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def say_closed(self, channel: str, address: str, language: str) -> None:
        """The database takes nothing at present."""
        self._say(CLOSED, channel, address, language)

    def say_set_aside(self, channel: str, address: str, language: str) -> None:
        """One message can never be written down."""
        self._say(SET_ASIDE, channel, address, language)

    def say_too_many(self, channel: str, address: str, language: str) -> None:
        """What is beyond the limit was not written down."""
        self._say(TOO_MANY, channel, address, language)

    async def close(self) -> None:
        """Drop what has not left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _say(self, source: str, channel: str, address: str, language: str) -> None:
        now = self._now()
        self._told = {who: at for who, at in self._told.items() if now - at < _EVERY[who[0]]}
        if (source, channel, address) in self._told:
            return
        self._told[source, channel, address] = now
        reply = Reply(texts(_language(language))(source))
        task = asyncio.create_task(self._outbox.send_beside(channel, address, reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _language(tag: str) -> str:
    """The program's language for a conversation's language or a platform's tag."""
    parts = tag.lower().replace("_", "-").split("-")
    if {"hant", "tw", "hk", "mo"} & set(parts):
        return "zh_Hant"
    return "en" if parts[0] not in ("", "zh") else "zh_Hans"
