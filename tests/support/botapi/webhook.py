"""Delivery of updates to a webhook: in order per chat, again and again until it is taken."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.botapi.updates import Update, UpdateQueue

_LOOK_EVERY = 0.005


class Webhook:
    """Where updates are posted to, and what came of it.

    Args:
        updates: what is to be delivered.
        retry_after: seconds before a refused update is posted again (Telegram: a second and
            more; shorter here).
        patience: seconds until an answer must have come.
    """

    def __init__(
        self, updates: UpdateQueue, retry_after: float = 0.05, patience: float = 5.0
    ) -> None:
        self._updates = updates
        self._retry_after = retry_after
        self._patience = patience
        self._wait_until: dict[int, float] = {}
        self.url = ""
        self.secret = ""
        self.statuses: list[int] = []
        self._last_error = ""
        self._delivery: asyncio.Task[None] | None = None

    def set(self, url: str, secret: str) -> None:
        """Where to post, once delivery is started; an empty address ends it."""
        self.url, self.secret, self._last_error = url, secret, ""

    def info(self) -> dict[str, Any]:
        """What getWebhookInfo gives."""
        about: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.waiting()),
            "max_connections": 40,
        }
        if self._updates.allowed:
            about["allowed_updates"] = self._updates.allowed
        if self._last_error:
            about |= {"last_error_date": int(time.time()), "last_error_message": self._last_error}
        return about

    def start(self, closing: Callable[[], bool]) -> None:
        """Deliver on the running loop until the webhook is taken back or the server closes."""
        if self.url and (self._delivery is None or self._delivery.done()):
            self._delivery = asyncio.create_task(self._run(closing))

    async def _run(self, closing: Callable[[], bool]) -> None:
        async with httpx.AsyncClient(
            timeout=self._patience, verify=False, trust_env=False
        ) as client:
            while self.url and not closing():
                await self._deliver_all(client)
                await asyncio.sleep(_LOOK_EVERY)

    async def _deliver_all(self, client: httpx.AsyncClient) -> None:
        """Post the first waiting update of each chat whose turn it is."""
        seen: set[int] = set()
        for update in self._updates.waiting():
            chat = _chat(update)
            if chat in seen or self._wait_until.get(chat, 0) > time.monotonic():
                seen.add(chat)
                continue
            seen.add(chat)
            if await self._post(client, update):
                self._updates.done(update)
            else:
                self._wait_until[chat] = time.monotonic() + self._retry_after

    async def _post(self, client: httpx.AsyncClient, update: Update) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        try:
            answer = await client.post(self.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            self._last_error = type(error).__name__
            return False
        self.statuses.append(answer.status_code)
        if not answer.is_success:
            phrase = answer.reason_phrase
            self._last_error = f"Wrong response from the webhook: {answer.status_code} {phrase}"
        return answer.is_success


def _chat(update: Update) -> int:
    """Whose turn an update belongs to; what has no chat comes in its own order."""
    for body in update.values():
        if isinstance(body, dict):
            place = body.get("chat") or body.get("message", {}).get("chat") or body.get("from")
            return int((place or {}).get("id", 0))
    return 0
