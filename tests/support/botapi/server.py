"""One bot's side of Telegram: its people, its pending updates, what it sent, what goes wrong."""

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from starlette.responses import Response

from tests.support.botapi.errors import ApiError
from tests.support.botapi.faults import Fault, FaultScript
from tests.support.botapi.host import HOST, answer_error, answer_json
from tests.support.botapi.methods import Methods
from tests.support.botapi.people import Group, Person
from tests.support.botapi.updates import Update, UpdateQueue
from tests.support.botapi.webhook import Webhook

_BOT_ID = 8_100_200_300
# no two servers share a number: a house that serves one after the other would take new for old
_PEOPLE = itertools.count(5_000_000_001)  # beyond 32 bits, as real ids are
_NUMBERS = itertools.count(1)
_FIRST_GROUP = 1_001_000_000_001


@dataclass(frozen=True)
class Call:
    """A method call that came in, as it came."""

    method: str
    params: dict[str, Any]
    at: float


class BotApi:
    """A Bot API server for one bot; a context manager that starts and stops it.

    Attributes:
        url: to be set as ``HUTONG_TELEGRAM_API_URL``.
        token: to be set as ``HUTONG_TELEGRAM_TOKEN``.
        calls: every call of a method with the right token, faulty ones too.
        files: contents of attachments by file id, for getFile.
        menus: command menus by scope and language code.
        answered: ids of the callback queries that were answered.
    """

    def __init__(self) -> None:
        self.token = f"{_BOT_ID}:{secrets.token_urlsafe(26)}"
        self.url = ""
        self.me = {
            "id": _BOT_ID,
            "is_bot": True,
            "first_name": "护童",
            "username": "hutong_test_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.calls: list[Call] = []
        self.menus: dict[tuple[str, str], dict[str, str]] = {}
        self.open_queries: set[str] = set()
        self.answered: list[str] = []
        self.chats: dict[int, Group] = {}
        self.updates = UpdateQueue()
        self.webhook = Webhook(self.updates)
        self.files: dict[str, bytes] = {}
        self.closing = False
        self._faults = FaultScript()
        self._methods = Methods(self)

    def __enter__(self) -> "BotApi":
        self.url = HOST.add(self.token, self._serve)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing = True  # open polls, silences and deliveries end by themselves
        HOST.remove(self.token)

    def person(self, language_code: str = "zh-hans", name: str = "测试") -> Person:
        """Somebody new who has opened the chat with the bot."""
        person = Person(self, next(_PEOPLE), language_code, name)
        self.chats[person.id] = person
        return person

    def group(self, kind: str = "supergroup", title: str = "3号楼业主群") -> Group:
        """A new ``group``, ``supergroup`` or ``channel`` with the bot in it."""
        group = Group(self, -(_FIRST_GROUP + len(self.chats)), kind, title=title)
        self.chats[group.id] = group
        return group

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method go wrong, one fault a call."""
        self._faults.add(method, faults)

    def faults_left(self, method: str) -> int:
        """How many scripted faults of a method are still to come."""
        return self._faults.left(method)

    def repeat(self, update: Update, times: int = 1) -> None:
        """Deliver an update again, even when it is confirmed."""
        self.updates.repeat(update, times)

    def holding(self, *, backwards: bool = False) -> AbstractContextManager[None]:
        """Collect what people do inside the block and deliver it at its end, also backwards."""
        return self.updates.holding(backwards=backwards)

    def called(self, method: str) -> list[Call]:
        """The calls of one method so far."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def new_message(self) -> int:
        """A message number that was not given before."""
        return next(_NUMBERS)

    def new_query(self) -> str:
        """The id of a callback query that may be answered."""
        query = str(4_000_000_000_000_000 + next(_NUMBERS))
        self.open_queries.add(query)
        return query

    async def _serve(
        self, method: str, params: dict[str, Any], reset: Callable[[], None]
    ) -> Response:
        self.calls.append(Call(method, params, time.monotonic()))
        fault = self._faults.take(method)
        if fault is None or fault.passes:
            return await self._perform(method, params)
        if fault.done:
            await self._perform(method, params)
        if fault.cut or fault.stall:
            await self._silence(fault.stall)
            reset()
            await asyncio.sleep(0.01)  # until uvicorn knows; it then drops the answer below
        return answer_json(fault.status, fault.body)

    async def _perform(self, method: str, params: dict[str, Any]) -> Response:
        if method == "file":
            content = self.files.get(params["path"].removeprefix("files/"))
            return Response(content) if content is not None else Response(status_code=404)
        try:
            result = await self._methods.find(method)(params)
        except ApiError as error:
            return answer_error(error.code, error.description)
        return answer_json(200, json.dumps({"ok": True, "result": result}).encode())

    async def _silence(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        # the flag is set from another thread, which rules out an asyncio.Event
        while time.monotonic() < end and not self.closing:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
