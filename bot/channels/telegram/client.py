"""The Bot API client: python-telegram-bot, made discreet, handing updates over unparsed."""

import json
import logging
import os
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest
from tenacity import RetryCallState, wait_random_exponential

from bot.conversation.messages import TryLaterError, UndeliverableError
from bot.settings import SettingError, Settings

WANTED = ["message", "edited_message", "callback_query", "channel_post"]
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_SLACK = 0.1  # Telegram counts whole seconds; asking in the very same moment is refused again
_POOL = 32

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How long the channel waits for what, in seconds.

    Args:
        poll: how long one getUpdates stays open when nothing comes; whole seconds.
        answer: until Telegram must have answered anything else.
        first_wait: bound of the first pause after a failure; it doubles with each failure.
        longest_wait: bound of every pause that Telegram did not ask for itself.
    """

    poll: int = 30
    answer: float = 10.0
    first_wait: float = 0.5
    longest_wait: float = 30.0


class _DiscreetRequest(HTTPXRequest):
    """Requests whose failures never write down what people wrote."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The decoded answer; the library's own version logs an answer that it cannot read."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise TelegramError("Invalid server response") from None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


class TelegramClient(ExtBot[int]):
    """python-telegram-bot's bot with a getUpdates that leaves each update as it came."""

    async def pending_updates(self, offset: int | None, seconds: int) -> list[Any]:
        """Wait for updates that nobody confirmed yet.

        The library parses a batch as a whole: one update that it cannot read would hide all
        others, and it would log them. So they are handed over raw and are read one by one.

        Args:
            offset: confirms all updates before it.
            seconds: how long Telegram may keep the request open.

        Raises:
            TelegramError: Telegram did not answer, or not with updates.
        """
        found = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": seconds, "allowed_updates": WANTED},
            read_timeout=seconds + (self.request.read_timeout or 0),
        )
        if not isinstance(found, list):
            raise NetworkError("getUpdates gave no list")
        return found


class TelegramFiles:
    """Gets attachments; the ``Files`` of the channel ``telegram``.

    Telegram gives a bot files of at most 20 MB (core.telegram.org/bots/api#getfile).
    """

    def __init__(self, client: TelegramClient) -> None:
        self._client = client

    async def fetch(self, file_id: str) -> bytes:
        """The content of an attachment.

        Raises:
            UndeliverableError: Telegram does not give it out.
            TryLaterError: Telegram is busy, down or out of reach.
        """
        try:
            file = await self._client.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except RetryAfter as error:
            raise TryLaterError(seconds_told(error)) from None
        except (BadRequest, Forbidden, InvalidToken):
            raise UndeliverableError from None
        except TelegramError:
            raise TryLaterError(1.0) from None


def make_client(settings: Settings, pace: Pace) -> TelegramClient:
    """Build the client; nothing is sent before it is used.

    Raises:
        SettingError: the token cannot be one.
    """
    if not _TOKEN.fullmatch(settings.telegram_token):
        raise SettingError(
            "The setting HUTONG_TELEGRAM_TOKEN cannot be used: it does not look like a bot token."
        )
    # RetryAfter then holds a timedelta, as it will in the library's next major version, and
    # making one warns no longer
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    _quiet()
    return TelegramClient(
        settings.telegram_token,
        base_url=settings.telegram_api_url + "/bot",
        base_file_url=settings.telegram_api_url + "/file/bot",
        request=_request(pace, _POOL),
        get_updates_request=_request(pace, 1),
        rate_limiter=AIORateLimiter(),  # no retries: the outbox has its own
    )


def seconds_told(error: RetryAfter) -> float:
    """How many seconds Telegram wants to be left alone."""
    told = error.retry_after
    return (told.total_seconds() if isinstance(told, timedelta) else told) + _SLACK


class PatientWait:
    """tenacity's wait: as long as Telegram says, else a random pause that grows."""

    def __init__(self, pace: Pace) -> None:
        self._growing = wait_random_exponential(multiplier=pace.first_wait, max=pace.longest_wait)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return seconds_told(error) if isinstance(error, RetryAfter) else self._growing(state)


def note_failure(state: RetryCallState) -> None:
    """Log a failure by its kind only: messages of errors may hold the token or people's words."""
    error = state.outcome.exception() if state.outcome else None
    _log.warning(
        "Telegram: %s, attempt %d, next in %.1f s",
        type(error).__name__,
        state.attempt_number,
        state.next_action.sleep if state.next_action else 0,
    )


def _request(pace: Pace, connections: int) -> HTTPXRequest:
    return _DiscreetRequest(
        connection_pool_size=connections,
        read_timeout=pace.answer,
        write_timeout=pace.answer,
        connect_timeout=pace.answer,
        pool_timeout=pace.answer,
        httpx_kwargs={"verify": _trusted()},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust; reading the certificates takes longer than all else here, so once."""
    return httpx.create_ssl_context()


def _quiet() -> None:
    """Keep the libraries from logging addresses with the token in them."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # it logs a traceback for every 429 that it passes on to the outbox
    logging.getLogger("telegram.ext.AIORateLimiter").setLevel(logging.CRITICAL)
