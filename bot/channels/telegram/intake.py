"""What happens to an update, whichever way it came: written down first, answered after."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.reading import Heard, PublicPlace
from bot.conversation.messages import Door, Incoming, NotNowError, TooManyError
from bot.texts import MissingCatalogueError, Texts, texts

_NOTICE_EVERY = 3600.0  # seconds between two notices in the same group
_TRIES = 5
"""How often an update may fail by itself before it is set aside."""

_log = logging.getLogger(__name__)


class Intake:
    """Hands what was heard to the door and does the small errands that follow.

    Args:
        client: the Bot API client.
        door: where messages are written down.
        now: seconds of a clock that never goes back.
    """

    def __init__(
        self, client: TelegramClient, door: Door, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._door = door
        self._now = now
        self._told: dict[int, float] = {}
        self._failures: Counter[str] = Counter()
        self._errands: set[asyncio.Task[None]] = set()

    async def take_run(self, run: Sequence[Heard]) -> int:
        """Deal with one person's updates in their order; those that were may be acknowledged.

        Several messages are written down together; where that fails, one by one.

        Returns:
            how many were dealt with before one failed.
        """
        messages = [heard.incoming for heard in run if heard.incoming]
        together = len(messages) > 1 and await self._together(messages)
        for number, heard in enumerate(run):
            try:
                if heard.incoming and not together:
                    await self._write_down(heard.incoming)
            except Exception as error:  # whatever the door raises: it comes again
                _log.error("Telegram: a message was not written down (%s)", type(error).__name__)
                return number
            self._run_errands(heard)
        return len(run)

    async def _together(self, messages: Sequence[Incoming]) -> bool:
        try:
            await self._door.receive_all(messages)
        except Exception:  # one by one it shows which of them it is
            return False
        for incoming in messages:
            self._failures.pop(incoming.message_id, None)
        return True

    async def take(self, heard: Heard) -> None:
        """Deal with one update; when this returns, it may be acknowledged.

        An update that fails by itself again and again, while nothing else is wrong, is set aside.

        Raises:
            Exception: whatever the door raised; nothing is written down, it must come again.
        """
        if heard.incoming:
            await self._write_down(heard.incoming)
        self._run_errands(heard)

    def _run_errands(self, heard: Heard) -> None:
        if heard.press:
            self._start(self._client.answer_callback_query(heard.press))
        if heard.public and self._is_due(heard.public.chat_id):
            words = public_notice(heard.public)
            self._start(self._client.send_message(heard.public.chat_id, words))

    async def _write_down(self, incoming: Incoming) -> None:
        try:
            await self._door.receive(incoming)
        except NotNowError:
            raise
        except TooManyError:
            pass  # the person was told; to take it later would only put the flood off
        except Exception as error:
            self._failures[incoming.message_id] += 1
            if self._failures[incoming.message_id] < _TRIES:
                raise
            _log.error("Telegram: an update is set aside (%s)", type(error).__name__)
            await self._set_aside(incoming)
        self._failures.pop(incoming.message_id, None)

    async def _set_aside(self, incoming: Incoming) -> None:
        try:
            await self._door.set_aside(incoming)
        except Exception as error:  # not even that: it must not stop what comes after
            _log.error("Telegram: staff do not hear of it (%s)", type(error).__name__)

    async def close(self) -> None:
        """Drop the errands that still run; none of them matters."""
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    def _is_due(self, chat_id: int) -> bool:
        now = self._now()
        self._told = {chat: at for chat, at in self._told.items() if now - at < _NOTICE_EVERY}
        return self._told.setdefault(chat_id, now) == now

    def _start(self, errand: Coroutine[Any, Any, object]) -> None:
        """Run it beside the intake: nobody's message waits for somebody else's errand."""
        task = asyncio.create_task(_quietly(errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


async def _quietly(errand: Coroutine[Any, Any, object]) -> None:
    try:
        await errand
    except Exception as error:  # the press is too old, the group has thrown the bot out
        _log.info("Telegram: an errand failed (%s)", type(error).__name__)


def public_notice(place: PublicPlace) -> str:
    """The one sentence for groups and channels, in the language of who spoke."""
    t = _texts_for(place.language_hint)
    return t("为了保护孩子，我只在私聊中回答，群里的内容不会保存：请点开我的头像，单独发消息给我。")


def _texts_for(hint: str) -> Texts:
    tag = hint.lower().replace("_", "-")
    if tag.startswith("zh") and any(part in tag.split("-") for part in ("hant", "tw", "hk", "mo")):
        language = "zh_Hant"
    else:
        language = "zh_Hans" if not tag or tag.startswith("zh") else "en"
    try:
        return texts(language)
    except MissingCatalogueError:
        return texts("zh_Hans")
