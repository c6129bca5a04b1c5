"""The Telegram channel as the composition root sees it."""

import asyncio
import re
from typing import Any

from starlette.routing import Route
from telegram.error import BadRequest, InvalidToken
from tenacity import AsyncRetrying, retry_if_exception

from bot.channels.telegram.client import (
    WANTED,
    Pace,
    PatientWait,
    TelegramFiles,
    make_client,
    note_failure,
)
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.menus import set_menus
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.webhook import public_address, webhook_route
from bot.conversation.claims import Claims, OwnClaims, Work, while_ours
from bot.conversation.messages import Door
from bot.settings import SettingError, Settings

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what setWebhook takes


class TelegramChannel:
    """Telegram in, by polling or by webhook, and out through ``sender``.

    Everything runs on one event loop. ``sender`` works before and while ``run`` does; once
    ``run`` has ended it asks to try later.

    Args:
        settings: token, address of the Bot API, mode, and for webhooks address and secret.
        door: where messages are written down before Telegram may forget them.
        pace: how long to wait for what.
        claims: who polls when several workers share the database.

    Raises:
        SettingError: a setting cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        door: Door,
        pace: Pace | None = None,
        claims: Claims | None = None,
    ) -> None:
        self._claims = claims or OwnClaims()
        self._settings = settings
        self._by_webhook = settings.telegram_mode == "webhook"
        if self._by_webhook and not _SECRET.fullmatch(settings.telegram_webhook_secret):
            raise SettingError(
                "The setting HUTONG_TELEGRAM_WEBHOOK_SECRET cannot be used: "
                "Telegram takes 1 to 256 of A-Z, a-z, 0-9, _ and -."
            )
        self._pace = pace or Pace()
        self._client = make_client(settings, self._pace)
        self._intake = Intake(self._client, door)
        self.sender = TelegramSender(self._client)
        self.files = TelegramFiles(self._client)

    @property
    def routes(self) -> list[Route]:
        """What the web application has to serve: the webhook, nothing when polling."""
        if not self._by_webhook:
            return []
        secret = self._settings.telegram_webhook_secret
        return [webhook_route(self._intake, self._settings.clock, secret)]

    async def run(self) -> None:
        """Open the channel and keep it open until cancelled.

        Raises:
            SettingError: Telegram refuses the token or the webhook at the start.
        """
        menus: asyncio.Task[Any] | None = None
        try:
            await self._open()
            menus = asyncio.create_task(set_menus(self._client))
            await self._stay()
        finally:
            if menus:
                menus.cancel()
            await self._intake.close()
            await self._client.shutdown()

    async def _stay(self) -> None:
        if self._by_webhook:
            await asyncio.Event().wait()
        # Telegram answers one poller only: the other workers wait until that one is gone
        await while_ours(self._claims, Work.POLLING, self._poll)

    async def _poll(self) -> None:
        await Poller(self._client, self._intake, self._settings.clock, self._pace).run()

    async def _open(self) -> None:
        """Make sure of the token and of the way updates come, however long Telegram is away."""
        again = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            wait=PatientWait(self._pace),
            before_sleep=note_failure,
            sleep=asyncio.sleep,
        )
        try:
            await again(self._client.initialize)
            await again(self._set_way)
        except InvalidToken:  # whose message holds the token
            raise SettingError(
                "The setting HUTONG_TELEGRAM_TOKEN cannot be used: Telegram refuses it."
            ) from None
        except BadRequest as error:
            raise SettingError(
                "The setting HUTONG_TELEGRAM_WEBHOOK_URL cannot be used: "
                f"Telegram says “{error.message}”."
            ) from None

    async def _set_way(self) -> None:
        if self._by_webhook:
            await self._client.set_webhook(
                public_address(self._settings.telegram_webhook_url),
                allowed_updates=WANTED,
                secret_token=self._settings.telegram_webhook_secret,
            )
        else:
            await self._client.delete_webhook()


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, InvalidToken | BadRequest)
