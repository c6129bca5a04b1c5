"""The webhook lets in Telegram and nobody else, and acknowledges only what is written down."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram import WEBHOOK_PATH, TelegramChannel
from bot.channels.telegram.webhook import public_address
from bot.settings import SettingError
from tests.support.botapi import BotApi, bad_request, cut
from tests.support.memory_door import MemoryDoor
from tests.support.telegram import QUICK, running, telegram_settings, until

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("error")]

SECRET = "geheim-Wort_1"
HEADER = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def door() -> MemoryDoor:
    return MemoryDoor()


@asynccontextmanager
async def serving(api: BotApi, door: MemoryDoor) -> AsyncIterator[str]:
    """The channel with its route on a real port; gives the address of the web application."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    webhook = {"telegram_webhook_url": url, "telegram_webhook_secret": SECRET}
    async with running(api, door, QUICK, telegram_mode="webhook", **webhook) as channel:
        config = uvicorn.Config(
            Starlette(routes=channel.routes), ws="none", lifespan="off", log_config=None
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield url
        finally:
            server.should_exit = True
            await task


async def test_updates_come_through_the_webhook(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    async with serving(api, door) as url:
        await until(lambda: api.webhook.url)
        person.says("你好")
        query = person.calls_back("/yes")["callback_query"]
        taken = await door.got(2)
        await until(lambda: api.answered == [query["id"]])
        assert api.webhook.url == url + WEBHOOK_PATH
        assert api.webhook.secret == SECRET
    assert [(incoming.kind, incoming.text) for incoming in taken] == [
        ("text", "你好"),
        ("press", "/yes"),
    ]
    assert api.called("getUpdates") == []
    assert api.webhook.url, "a restart must not lose what comes meanwhile"


async def test_what_was_not_written_down_is_sent_again(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    door.breaks(str(person.id), 2)
    async with serving(api, door):
        person.says("一")
        person.says("二")
        assert [incoming.text for incoming in await door.got(2)] == ["一", "二"]
        await until(lambda: not api.updates.waiting())
    assert api.webhook.statuses == [500, 500, 200, 200]


async def test_the_same_update_fifty_times_is_one_message(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    async with serving(api, door):
        update = person.says("一次")
        await door.got(1)
        api.repeat(update, times=49)
        await until(lambda: door.knocks == 50)
    assert len(door.taken) == 1


async def test_an_update_without_sense_is_acknowledged(api: BotApi, door: MemoryDoor) -> None:
    async with serving(api, door):
        api.updates.add("message", {"oops": 1})
        await until(lambda: api.webhook.statuses == [200])
    assert door.knocks == 0


async def test_strangers_are_turned_away(api: BotApi, door: MemoryDoor) -> None:
    update = api.person().says("伪造")
    async with serving(api, door) as url:
        await until(lambda: not api.updates.waiting())
        before = door.knocks
        address = url + WEBHOOK_PATH
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            no_secret = await http.post(address, json=update)
            wrong = await http.post(
                address, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": "x"}
            )
            odd = await http.post(
                address, json=update, headers={b"X-Telegram-Bot-Api-Secret-Token": b"\xff\xe4"}
            )
            looked = await http.get(address, headers=HEADER)
            broken = [
                (await http.post(address, content=body, headers=HEADER)).status_code
                for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000)
            ]
            fine = await http.post(address, content=json.dumps([]), headers=HEADER)
    assert [no_secret.status_code, wrong.status_code, odd.status_code] == [403] * 3
    assert looked.status_code == 405
    assert broken == [400] * 4
    assert fine.status_code == 200
    assert door.knocks == before


async def test_a_refused_webhook_stops_the_start(api: BotApi, door: MemoryDoor) -> None:
    settings = telegram_settings(
        api,
        telegram_mode="webhook",
        telegram_webhook_url="https://hutong.invalid",
        telegram_webhook_secret=SECRET,
    )
    api.fail("setWebhook", cut(), bad_request("bad webhook: failed to resolve host"))
    with pytest.raises(SettingError, match=r"HUTONG_TELEGRAM_WEBHOOK_URL.*resolve host"):
        await TelegramChannel(settings, door, QUICK).run()


def test_polling_needs_no_route(api: BotApi, door: MemoryDoor) -> None:
    assert TelegramChannel(telegram_settings(api), door).routes == []


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://hutong.example", "https://hutong.example/telegram/webhook"),
        ("https://hutong.example/", "https://hutong.example/telegram/webhook"),
        ("https://proxy.example/a/b", "https://proxy.example/a/b"),
    ],
)
def test_the_public_address_gets_the_routes_path(base: str, address: str) -> None:
    assert public_address(base) == address
