"""Replies out to Telegram: plain words, buttons, and what its errors mean."""

import logging
import time
from collections.abc import Callable
from unicodedata import east_asian_width

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import MessageLimit
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.client import TelegramClient, seconds_told
from bot.conversation.messages import Button, Reply, TryLaterError, UndeliverableError

_HALF_A_ROW = 14  # columns of a narrow phone's half row; a Chinese character takes two
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 10.0  # one reply at a time is tried meanwhile, no more
_TOKEN_WAIT = 60.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_GONE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")

_log = logging.getLogger(__name__)


class TelegramSender:
    """Sends replies to private chats; the ``Sender`` of the channel ``telegram``.

    Args:
        client: the Bot API client.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, client: TelegramClient, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._failing_since: float | None = None
        self._begun: dict[tuple[str, Reply], int] = {}

    async def send(self, address: str, reply: Reply) -> None:
        """Deliver one reply, in several messages when it is long; the buttons are on the last.

        A reply that failed half-way goes on with its next message when it is sent again.

        Raises:
            UndeliverableError: the person blocked the bot or is gone, or Telegram refuses the
                words for good.
            TryLaterError: Telegram is busy, down or out of reach.
        """
        pieces = split(reply.text)
        if not pieces:
            _log.error("Telegram: a reply without words was not sent")
        done = self._begun.pop((address, reply), 0)
        for number, piece in enumerate(pieces[done:], done):
            buttons = reply.buttons if number == len(pieces) - 1 else ()
            try:
                await self._deliver(address, piece, buttons)
            except TryLaterError:
                if number:
                    self._begun[address, reply] = number
                raise

    async def _deliver(self, address: str, text: str, buttons: tuple[Button, ...]) -> None:
        try:
            await self._post(address, text, buttons)
        except RetryAfter as error:
            raise TryLaterError(seconds_told(error)) from None
        except (Forbidden, ChatMigrated) as error:
            raise UndeliverableError(type(error).__name__) from None
        except BadRequest as error:
            await self._refused(error, address, text, buttons)
        except InvalidToken:
            _log.error("Telegram refuses the token")
            raise TryLaterError(_TOKEN_WAIT, everybody=True) from None
        except TelegramError:
            raise TryLaterError(self._pause(), everybody=True) from None
        self._failing_since = None

    async def _post(self, address: str, text: str, buttons: tuple[Button, ...]) -> None:
        await self._client.send_message(
            int(address),
            text,
            reply_markup=keyboard(buttons) if buttons else None,
            link_preview_options=_NO_PREVIEW,
        )

    async def _refused(
        self, error: BadRequest, address: str, text: str, buttons: tuple[Button, ...]
    ) -> None:
        """Nobody there, or something wrong with the message: then the words without buttons."""
        if any(sign in error.message.lower() for sign in _GONE):
            raise UndeliverableError("chat not found") from None
        _log.error("Telegram refuses a message with %d buttons", len(buttons))
        if not buttons:
            raise UndeliverableError("message refused") from None
        await self._deliver(address, text, ())

    def _pause(self) -> float:
        """Seconds until the next attempt: as long as the trouble has lasted so far."""
        now = self._now()
        if self._failing_since is None:
            self._failing_since = now
        return min(_LONGEST_WAIT, max(_SHORTEST_WAIT, now - self._failing_since))


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup:
    """The buttons in their order, short neighbours two a row, long ones alone."""
    rows: list[list[InlineKeyboardButton]] = []
    open_row = False
    for button in buttons:
        short = _columns(button.title) <= _HALF_A_ROW
        drawn = InlineKeyboardButton(button.title, callback_data=button.payload)
        if open_row and short:
            rows[-1].append(drawn)
            open_row = False
        else:
            rows.append([drawn])
            open_row = short
    return InlineKeyboardMarkup(rows)


def split(text: str, limit: int = MessageLimit.MAX_TEXT_LENGTH) -> list[str]:
    """Pieces of at most ``limit`` UTF-16 units (how Telegram's clients count), cut at line ends.

    A single line beyond the limit is cut where it must be. Blank pieces, which Telegram
    refuses, are left out.
    """
    pieces: list[str] = []
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and _units(piece + line.rstrip()) > limit:
            pieces.append(piece)
            piece = ""
        piece += line
        while _units(piece.rstrip()) > limit:
            head = _head(piece, limit)
            pieces.append(head)
            piece = piece[len(head) :]
    return [piece.strip() for piece in [*pieces, piece] if piece.strip()]


def _head(text: str, limit: int) -> str:
    """As many whole characters of the text as fit."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
