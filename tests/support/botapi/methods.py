"""The Bot API's methods, as far as a bot like ours uses them."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.support.botapi.errors import ApiError, refusal
from tests.support.botapi.people import Group
from tests.support.botapi.sent import Received, checked_rows, checked_text, decoded

if TYPE_CHECKING:
    from tests.support.botapi.server import BotApi

Params = dict[str, Any]
_LOOK_EVERY = 0.005
_LONGEST_POLL = 50
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Methods:
    """One function a method; their names in lower case are looked up by the server."""

    def __init__(self, api: "BotApi") -> None:
        self._api = api
        self._polls = 0

    def find(self, name: str) -> Callable[[Params], Awaitable[Any]]:
        """The method of that name, in any case.

        Raises:
            ApiError: there is none.
        """
        known = {
            "getme": self._get_me,
            "getfile": self._get_file,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "editmessagereplymarkup": self._edit_markup,
            "answercallbackquery": self._answer_query,
            "setmycommands": self._set_commands,
            "getmycommands": self._get_commands,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
        }
        if name.lower() not in known:
            raise ApiError(404, "Not Found: method not found")
        return known[name.lower()]

    async def _get_me(self, params: Params) -> Any:
        return self._api.me

    async def _get_file(self, params: Params) -> Any:
        file_id = str(params.get("file_id", ""))
        if file_id not in self._api.files:
            raise refusal("wrong file_id or the file is temporarily unavailable")
        size = len(self._api.files[file_id])
        unique = f"unique{file_id}"
        path = f"files/{file_id}"
        return {"file_id": file_id, "file_unique_id": unique, "file_size": size, "file_path": path}

    async def _get_updates(self, params: Params) -> Any:
        if self._api.webhook.url:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if "allowed_updates" in params:
            self._api.updates.allowed = decoded(params["allowed_updates"], "can't parse") or []
        limit = _number(params, "limit", 100)
        limit = limit if 1 <= limit <= 100 else 100
        end = time.monotonic() + min(_number(params, "timeout", 0), _LONGEST_POLL)
        self._polls += 1
        mine = self._polls
        while True:
            if mine != self._polls:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            found = self._api.updates.fetch(_number(params, "offset", 0), limit)
            if found or time.monotonic() >= end or self._api.closing:
                return found
            await asyncio.sleep(_LOOK_EVERY)

    async def _send_message(self, params: Params) -> Any:
        chat = self._reachable(params)
        text = checked_text(params)
        number = self._api.new_message()
        rows = checked_rows(params, chat.id, number)
        chat.inbox.append(Received(number, chat.id, text, params, rows))
        return self._as_json(chat, number, text)

    async def _edit_markup(self, params: Params) -> Any:
        chat = self._reachable(params)
        number = _number(params, "message_id", 0)
        found = next((m for m in chat.inbox if m.message_id == number), None)
        if found is None:
            raise refusal("message to edit not found")
        rows = checked_rows(params, chat.id, number)
        if rows == found.rows:
            raise refusal(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        found.rows = rows
        return self._as_json(chat, number, found.text)

    async def _answer_query(self, params: Params) -> Any:
        query = str(params.get("callback_query_id", ""))
        if query not in self._api.open_queries:
            raise refusal("query is too old and response timeout expired or query ID is invalid")
        self._api.answered.append(query)
        return True

    async def _set_commands(self, params: Params) -> Any:
        language = str(params.get("language_code", ""))
        if language and not re.fullmatch("[a-z]{2}", language):
            raise refusal("language code is invalid")
        commands = decoded(params.get("commands"), "can't parse commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise refusal("expected an Array of BotCommand")
        for command in commands:
            if not _COMMAND.fullmatch(command["command"]):
                raise refusal("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise refusal("BOT_COMMAND_DESCRIPTION_INVALID")
        menu = {command["command"]: command["description"] for command in commands}
        self._api.menus[_scope(params), language] = menu
        return True

    async def _get_commands(self, params: Params) -> Any:
        menu = self._api.menus.get((_scope(params), str(params.get("language_code", ""))), {})
        return [{"command": name, "description": words} for name, words in menu.items()]

    async def _set_webhook(self, params: Params) -> Any:
        secret = str(params.get("secret_token", ""))
        if secret and not _WEBHOOK_SECRET.fullmatch(secret):
            raise refusal("secret token contains unallowed characters")
        url = str(params.get("url", ""))
        # Telegram itself wants https; a Bot API server of one's own takes http, too
        if url and not re.match("https?://[^/]", url):
            raise refusal("bad webhook: HTTPS url must be provided for webhook")
        if "allowed_updates" in params:
            self._api.updates.allowed = decoded(params["allowed_updates"], "can't parse") or []
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self._api.updates.drop()
        self._api.webhook.set(url, secret)
        self._api.webhook.start(lambda: self._api.closing)
        return True

    async def _delete_webhook(self, params: Params) -> Any:
        return await self._set_webhook({**params, "url": "", "secret_token": ""})

    async def _webhook_info(self, params: Params) -> Any:
        return self._api.webhook.info()

    def _reachable(self, params: Params) -> Group:
        """The chat that a message is for.

        Raises:
            ApiError: no such chat, or the bot may not write there.
        """
        if "chat_id" not in params:
            raise refusal("chat_id is empty")
        chat = self._api.chats.get(_number(params, "chat_id", 0))
        if chat is None:
            raise refusal("chat not found")
        if not chat.open:
            private = chat.as_json["type"] == "private"
            why = "blocked by the user" if private else "kicked from the group chat"
            raise ApiError(403, f"Forbidden: bot was {why}")
        return chat

    def _as_json(self, chat: Group, number: int, text: str) -> dict[str, Any]:
        date = int(time.time())
        me = self._api.me
        return {"message_id": number, "from": me, "chat": chat.as_json, "date": date, "text": text}


def _number(params: Params, name: str, default: int) -> int:
    try:
        return int(params.get(name) or default)
    except (TypeError, ValueError):
        raise refusal(f"parameter {name} must be an Integer") from None


def _scope(params: Params) -> str:
    scope = decoded(params.get("scope"), "can't parse BotCommandScope") or {}
    return str(scope.get("type", "default"))
