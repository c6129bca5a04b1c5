"""People and groups who write to the bot, and what reaches them."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tests.support.botapi.content import content
from tests.support.botapi.sent import Received, ReceivedButton
from tests.support.botapi.updates import Update

if TYPE_CHECKING:
    from tests.support.botapi.server import BotApi

_LOOK_EVERY = 0.005


class Group:
    """A chat that the bot may write to: group, supergroup or channel; people are one, too."""

    def __init__(self, api: "BotApi", chat_id: int, kind: str, **names: str) -> None:
        self._api = api
        self.id = chat_id
        self.as_json: dict[str, Any] = {"id": chat_id, "type": kind, **names}
        self.open = True
        self.inbox: list[Received] = []
        self._read = 0

    def blocks(self) -> None:
        """Nothing that the bot sends gets through any more."""
        self.open = False

    def unblocks(self) -> None:
        """The bot may write again."""
        self.open = True

    async def replies(self, count: int = 1, within: float = 5.0) -> list[Received]:
        """The next messages of the bot, as many as asked for; each is given once.

        Raises:
            AssertionError: fewer came within that many seconds.
        """
        end = time.monotonic() + within
        while len(self.inbox) < self._read + count:
            if time.monotonic() > end:
                unread = [reply.text for reply in self.inbox[self._read :]]
                raise AssertionError(f"{count} replies wanted within {within} s, came: {unread}")
            await asyncio.sleep(_LOOK_EVERY)
        found = self.inbox[self._read : self._read + count]
        self._read += count
        return found


class Person(Group):
    """Somebody with Telegram on their phone; by default they write in the private chat."""

    def __init__(self, api: "BotApi", user_id: int, language_code: str, name: str) -> None:
        super().__init__(api, user_id, "private", first_name=name)
        self._user = {"id": user_id, "is_bot": False, "first_name": name}
        if language_code:
            self._user["language_code"] = language_code

    def says(self, text: str, *, chat: Group | None = None, **extra: Any) -> Update:
        """Type a text; a leading command is marked as one, as Telegram does."""
        if text.startswith("/"):
            length = len(text.split()[0])
            extra.setdefault("entities", [{"type": "bot_command", "offset": 0, "length": length}])
        return self._writes({"text": text, **extra}, chat)

    def sends(
        self, kind: str, *, caption: str = "", chat: Group | None = None, **extra: Any
    ) -> Update:
        """Send a ``sticker``, ``photo``, ``voice``, ``location`` ... (see ``content``)."""
        body = {**content(kind), **extra}
        return self._writes({**body, "caption": caption} if caption else body, chat)

    def edits(self, update: Update, text: str, *, after: int = 5) -> Update:
        """Reword an earlier message ``after`` seconds."""
        message = {
            **update["message"],
            "text": text,
            "edit_date": update["message"]["date"] + after,
        }
        return self._api.updates.add("edited_message", message)

    def presses(self, button: ReceivedButton) -> Update:
        """Press a button under a message of the bot."""
        seen = next(m for m in self.inbox if m.message_id == button.message_id)
        message = {
            "message_id": seen.message_id,
            "from": self._api.me,
            "chat": self.as_json,
            "date": int(time.time()),
            "text": seen.text,
        }
        return self.calls_back(button.data, message=message)

    def calls_back(self, data: str, **extra: Any) -> Update:
        """A callback query with these data, without a message unless one is given."""
        query = {
            "id": self._api.new_query(),
            "from": self._user,
            "chat_instance": str(self.id),
            "data": data,
            **extra,
        }
        return self._api.updates.add("callback_query", query)

    def _writes(self, body: dict[str, Any], chat: Group | None) -> Update:
        message = {
            "message_id": self._api.new_message(),
            "from": self._user,
            "chat": (chat or self).as_json,
            "date": int(time.time()),
            **body,
        }
        return self._api.updates.add("message", message)
