"""The local Bot API server does what Telegram's documentation says of the real one."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.botapi import (
    BotApi,
    blocked,
    cut,
    garbled,
    gateway_page,
    server_error,
    stalls,
    too_many,
)

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("error")]


class Caller:
    """A bare HTTP client of the Bot API."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._http = httpx.Client(verify=False, trust_env=False, timeout=5)  # plain http

    def raw(self, method: str, token: str = "", **params: Any) -> httpx.Response:
        """Call with form parameters, as python-telegram-bot does."""
        form = {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in params.items()}
        return self._http.post(f"{self._api.url}/bot{token or self._api.token}/{method}", data=form)

    def __call__(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = self.raw(method, **params).json()
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and description of a call that must fail."""
        response = self.raw(method, **params)
        answer = response.json()
        assert answer["ok"] is False
        assert answer["error_code"] == response.status_code
        return answer["error_code"], answer["description"]

    def numbers(self, **params: Any) -> list[int]:
        """The ids that getUpdates gives."""
        return [update["update_id"] for update in self("getUpdates", **params)]

    def close(self) -> None:
        """Hang up."""
        self._http.close()


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def call(api: BotApi) -> Iterator[Caller]:
    caller = Caller(api)
    yield caller
    caller.close()


def test_a_token_that_was_never_one_is_not_found_and_a_revoked_one_unauthorised(
    call: Caller,
) -> None:
    assert call.raw("getMe", token="nonsense").status_code == 404
    assert call.raw("getMe", token="123456:AAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 401
    assert call("getMe")["is_bot"] is True


def test_method_names_have_no_case_and_unknown_ones_are_not_found(call: Caller) -> None:
    assert call("GETME") == call("getme")
    assert call.refused("makeCoffee") == (404, "Not Found: method not found")


def test_parameters_come_in_the_query_and_as_json_too(api: BotApi) -> None:
    person = api.person()
    base = f"{api.url}/bot{api.token}/sendMessage"
    httpx.get(base, params={"chat_id": person.id, "text": "一"}, trust_env=False)
    httpx.post(base, json={"chat_id": person.id, "text": "二"}, trust_env=False)
    broken = httpx.post(
        base, content="{", headers={"Content-Type": "application/json"}, trust_env=False
    )
    assert [message.text for message in person.inbox] == ["一", "二"]
    assert broken.status_code == 400


def test_an_update_comes_until_a_higher_offset_confirms_it(api: BotApi, call: Caller) -> None:
    person = api.person()
    first, second = (person.says(text)["update_id"] for text in "一二")
    assert call.numbers() == call.numbers() == [first, second]
    assert call.numbers(limit=1) == [first]
    assert call.numbers(offset=first + 1) == [second]
    assert api.updates.confirmed == first
    assert call.numbers() == [second]
    assert call.numbers(offset=second + 1) == []
    assert api.updates.confirmed == second


def test_a_negative_offset_forgets_all_but_the_last(api: BotApi, call: Caller) -> None:
    person = api.person()
    last = [person.says(text)["update_id"] for text in "一二三"][-1]
    assert call.numbers(offset=-1) == [last]
    assert call.numbers() == [last]


def test_a_long_poll_returns_as_soon_as_somebody_writes(api: BotApi, call: Caller) -> None:
    person = api.person()
    threading.Timer(0.1, person.says, ["你好"]).start()
    (update,) = call("getUpdates", timeout=4)
    assert update["message"]["text"] == "你好"


def test_a_second_poll_ends_the_first_with_a_conflict(api: BotApi, call: Caller) -> None:
    codes: list[int] = []
    other = Caller(api)
    first = threading.Thread(
        target=lambda: codes.append(other.raw("getUpdates", timeout=4).status_code)
    )
    first.start()
    while not api.called("getUpdates"):
        pass
    call("getUpdates")
    first.join()
    other.close()
    assert codes == [409]


def test_only_the_wanted_kinds_are_queued(api: BotApi, call: Caller) -> None:
    person = api.person()
    call("getUpdates", allowed_updates=["callback_query"])
    person.says("不要")
    press = person.calls_back("要")
    assert call.numbers() == [press["update_id"]]


def test_held_updates_come_backwards_and_repeated_ones_again(api: BotApi, call: Caller) -> None:
    person = api.person()
    with api.holding(backwards=True):
        first, second = (person.says(text) for text in "一二")
        assert call.numbers() == []
    assert call.numbers() == [second["update_id"], first["update_id"]]
    call.numbers(offset=second["update_id"] + 1)
    api.repeat(first, times=2)
    assert call.numbers() == [first["update_id"]] * 2
    assert call.numbers() == []


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "护" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"reply_markup": "[]"}, "object expected as reply markup"),
        ({"reply_markup": {"inline_keyboard": [{}]}}, "must be of type Array"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "是"}]]}}, "unallowed"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]}},
            "Text must be non-empty",
        ),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "是", "callback_data": "是" * 22}]]}},
            "BUTTON_DATA_INVALID",
        ),
        ({"chat_id": 1}, "chat not found"),
        ({"chat_id": "x"}, "must be an Integer"),
    ],
)
def test_a_message_that_telegram_refuses_is_refused(
    api: BotApi, call: Caller, params: dict[str, Any], description: str
) -> None:
    person = api.person()
    code, said = call.refused("sendMessage", **{"chat_id": person.id, "text": "好", **params})
    assert code == 400
    assert description in said
    assert person.inbox == []


async def test_a_message_reaches_the_person_with_its_buttons(api: BotApi, call: Caller) -> None:
    person = api.person()
    rows = [[{"text": "是", "callback_data": "是" * 21}], [{"text": "否", "callback_data": "no"}]]
    call("sendMessage", chat_id=person.id, text="护" * 4096, reply_markup={"inline_keyboard": rows})
    (reply,) = await person.replies(1)
    assert reply.titles == ["是", "否"]
    assert reply.button("否").data == "no"
    with pytest.raises(AssertionError, match="no button"):
        reply.button("也许")
    with pytest.raises(AssertionError, match="1 replies wanted"):
        await person.replies(1, within=0.02)


async def test_a_press_can_be_answered_and_its_buttons_taken_away(
    api: BotApi, call: Caller
) -> None:
    person = api.person()
    markup = {"inline_keyboard": [[{"text": "是", "callback_data": "yes"}]]}
    call("sendMessage", chat_id=person.id, text="好吗", reply_markup=markup)
    (reply,) = await person.replies(1)
    person.presses(reply.button("是"))
    (update,) = call("getUpdates")
    query = update["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("yes", reply.message_id)
    assert call("answerCallbackQuery", callback_query_id=query["id"]) is True
    assert api.answered == [query["id"]]
    assert "too old" in call.refused("answerCallbackQuery", callback_query_id="1")[1]
    where = {"chat_id": person.id, "message_id": reply.message_id}
    call("editMessageReplyMarkup", **where)
    assert reply.buttons == []
    assert "not modified" in call.refused("editMessageReplyMarkup", **where)[1]
    where["message_id"] += 99
    assert "not found" in call.refused("editMessageReplyMarkup", **where)[1]


def test_who_has_blocked_the_bot_gets_nothing(api: BotApi, call: Caller) -> None:
    person = api.person()
    person.blocks()
    assert call.refused("sendMessage", chat_id=person.id, text="喂") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    person.unblocks()
    assert call("sendMessage", chat_id=person.id, text="喂")["text"] == "喂"


def test_menus_are_kept_by_scope_and_two_letter_language(api: BotApi, call: Caller) -> None:
    menu = [{"command": "start", "description": "开始"}]
    call("setMyCommands", commands=menu, language_code="zh", scope={"type": "all_private_chats"})
    assert api.menus == {("all_private_chats", "zh"): {"start": "开始"}}
    assert call("getMyCommands") == []
    assert call.refused("setMyCommands", commands=menu, language_code="zh-hans")[0] == 400
    wrong = [{"command": "Start now", "description": "开始"}]
    assert "BOT_COMMAND_INVALID" in call.refused("setMyCommands", commands=wrong)[1]


def test_scripted_faults_come_once_each_and_in_order(api: BotApi, call: Caller) -> None:
    person = api.person()
    faults = (too_many(7), server_error(500, "Internal"), blocked(), gateway_page(), garbled())
    api.fail("sendMessage", *faults, cut(), cut(done=True), stalls(0.05))
    limited = call.raw("sendMessage", chat_id=person.id, text="1").json()
    assert limited["parameters"] == {"retry_after": 7}
    codes = [call.raw("sendMessage", chat_id=person.id, text="2").status_code for _ in range(4)]
    assert codes == [500, 403, 504, 200]
    for _ in range(3):
        with pytest.raises(httpx.TransportError):
            call.raw("sendMessage", chat_id=person.id, text="3")
    assert [message.text for message in person.inbox] == ["3"]
    assert api.faults_left("sendMessage") == 0
    assert call("sendMessage", chat_id=person.id, text="4")


class Endpoint:
    """Something that a webhook can point at: answers each post with the next status."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses = statuses
        self.posts: list[tuple[str, str]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        update = json.loads(await reader.readexactly(length))
        secret = head.split("secret-token: ")[1].split("\r\n")[0]
        self.posts.append((update["message"]["text"], secret))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


async def test_a_webhook_gets_each_update_until_it_takes_it(api: BotApi, call: Caller) -> None:
    endpoint = Endpoint([500, 403])
    server = await asyncio.start_server(endpoint, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    call("setWebhook", url=f"http://127.0.0.1:{port}/hook", secret_token="geheim")
    assert call.refused("getUpdates")[0] == 409
    person = api.person()
    person.says("一")
    person.says("二")
    for _ in range(500):
        if len(endpoint.posts) == 4 and not api.updates.waiting():
            break
        await asyncio.sleep(0.01)
    assert endpoint.posts == [("一", "geheim")] * 3 + [("二", "geheim")]
    about = call("getWebhookInfo")
    assert about["pending_update_count"] == 0
    assert "403" in about["last_error_message"]
    call("deleteWebhook")
    assert call("getUpdates") == []
    server.close()
    await server.wait_closed()


def test_a_webhook_secret_has_its_own_alphabet(call: Caller) -> None:
    code, said = call.refused("setWebhook", url="http://127.0.0.1:1/", secret_token="密")
    assert (code, "secret token" in said) == (400, True)
    assert call.refused("setWebhook", url="ftp://x")[0] == 400
