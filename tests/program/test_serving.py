"""What the served program answers is closed to frames and foreign scripts, whatever was asked."""

import asyncio
import io
import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from starlette.types import Receive, Scope, Send

from bot.bootstrap import quiet_libraries
from bot.channels.web.guard import HEADERS
from bot.console.app import PAGES
from bot.logs import log_to_standard_error
from bot.meters import Meters
from bot.serve import server_of
from tests.bot.conversation.conftest import EchoTalker
from tests.support.botapi import BotApi, cut, garbled, server_error
from tests.support.console import post
from tests.support.echo import echo_house
from tests.support.program import Program, signed_in
from tests.support.telegram import until

pytestmark = pytest.mark.service
ANSWERED = [
    ("GET", "/", 200),
    ("GET", "/?lang=en", 200),
    ("GET", "/health", 200),
    ("GET", "/ready", 200),
    ("GET", "/metrics", 200),
    ("GET", "/chat/static/chat.js", 200),
    ("GET", "/chat/static/nothing.js", 404),
    ("GET", "/chat/lines", 401),
    ("POST", "/chat/messages", 401),
    ("POST", "/telegram/webhook", 403),
    ("GET", "/staff", 308),
    ("GET", "/staff/", 303),
    ("GET", "/staff/sign-in", 200),
    ("GET", "/staff/live", 401),
    ("GET", "/staff/static/console.css", 200),
    ("GET", "/staff/static/nothing.css", 404),
    ("GET", "/nothing", 404),
    ("GET", "/staff/nothing", 404),
    ("GET", "/poster.pdf", 404),
    ("POST", "/", 405),
    ("POST", "/health", 405),
    ("PUT", "/chat/messages", 405),
    ("DELETE", "/staff/sign-in", 405),
    ("GET", "/telegram/webhook", 405),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with (
        BotApi() as api,
        echo_house(
            tmp_path_factory.mktemp("served"),
            telegram_token=api.token,
            telegram_api_url=api.url,
            telegram_mode="webhook",
            telegram_webhook_url="https://hutong.example",
            telegram_webhook_secret="a_secret_of_the_tests",
        ) as house,
        Program(house) as program,
    ):
        yield program


def open_ones(answer: httpx.Response) -> list[str]:
    """The headers that an answer lacks, or holds with a hole in them."""
    policy = answer.headers.get("content-security-policy", "")
    lacking = [name for name in [*HEADERS, "Cache-Control"] if name not in answer.headers]
    if "default-src 'none'" not in policy or "unsafe" in policy:
        lacking.append("a closed policy")
    return lacking


def asked(program: Program, method: str, path: str) -> httpx.Response:
    return httpx.request(method, program.url.rstrip("/") + path, trust_env=False)


@pytest.mark.parametrize(("method", "path", "status"), ANSWERED)
def test_every_answer_carries_the_headers(
    program: Program, method: str, path: str, status: int
) -> None:
    answer = asked(program, method, path)
    assert answer.status_code == status
    assert open_ones(answer) == []


@pytest.mark.parametrize("path", sorted({page.path for page in PAGES}))
def test_every_page_of_the_console_carries_them_whoever_asks(program: Program, path: str) -> None:
    for method in ("GET", "POST"):
        assert open_ones(asked(program, method, f"/staff{path}")) == []


def test_what_breaks_is_closed_too_and_told_in_words(tmp_path: Path) -> None:
    with echo_house(tmp_path) as house, Program(house) as program, signed_in(program) as client:
        with house.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE staff_session RENAME TO gone"))
            connection.execute(text("ALTER TABLE inbox RENAME TO gone_too"))
        broken = [client.get(path) for path in ("/staff/", "/staff/live", "/ready", "/nothing")]
    assert [answer.status_code for answer in broken] == [500, 503, 503, 404]
    assert [open_ones(answer) for answer in broken] == [[]] * 4
    assert "急事请直接打电话" in broken[0].text


def test_it_can_be_reached_from_this_machine_alone_unless_told_otherwise(tmp_path: Path) -> None:
    with echo_house(tmp_path) as house, Program(house) as program:
        assert [address for address, _ in program.listens] == ["127.0.0.1"]


@contextmanager
def the_log() -> Iterator[io.StringIO]:
    """What a serving program logs, in the place of what the tests have set up."""
    root, held = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    log_to_standard_error(Meters())
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(held)
    try:
        yield held
    finally:
        root.handlers[:] = before
        root.setLevel(level)


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    """An application with a fault that holds what somebody wrote."""
    raise ValueError("小明住幸福路")


async def test_what_breaks_the_server_is_logged_without_its_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with the_log() as held, echo_house(tmp_path) as house:
        config = server_of(house).config
        config.app = breaks
        config.lifespan, config.port = "off", 0
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 500
        server.should_exit = True
        await task
    lines = [json.loads(each) for each in held.getvalue().splitlines()]
    assert [(line["part"], line["error"]) for line in lines] == [("uvicorn.error", "ValueError")]
    printed = capfd.readouterr()
    assert "小明" not in held.getvalue() + printed.out + printed.err


async def test_what_people_wrote_is_in_no_log_of_a_program_in_which_everything_breaks(
    tmp_path: Path,
) -> None:
    words, phone = "小石头住丹井里九号", "13800138000"
    with (
        the_log() as held,
        BotApi() as api,
        echo_house(
            tmp_path, EchoTalker(broken=True), telegram_token=api.token, telegram_api_url=api.url
        ) as house,
        Program(house) as program,
        signed_in(program) as staff,
    ):
        logging.getLogger().setLevel(logging.DEBUG)
        quiet_libraries()
        person = api.person(name="欧阳")
        api.fail("sendMessage", server_error(), cut(), garbled())
        api.updates.add("message", {"text": words, "chat": {"id": person.id}})
        person.says(words)
        await person.replies(1, 30)
        async with httpx.AsyncClient(base_url=program.url, trust_env=False) as page:
            await page.post("chat/session", json={})
            message = {"id": str(uuid.uuid4()), "text": f"{words} {phone}"}
            assert (await page.post("chat/messages", json=message)).status_code == 202
            assert (await page.post("chat/messages", content=words.encode())).status_code == 415
            await page.get("chat/lines", params={"after": words})
            await page.get(words)
        post(staff, "/staff/search", "/staff/search", query=words)
        with house.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE word_mark RENAME TO gone"))
        assert post(staff, "/staff/search", "/staff/search", query=words).status_code == 500
        staff.get("/staff/search", params={"query": words})
    logged = held.getvalue()
    assert "a turn failed with RuntimeError" in logged and "/search failed" in logged
    for secret in ("小石头", "丹井里", phone, "欧阳", str(person.id), api.token):
        assert secret not in logged
        assert json.dumps(secret)[1:-1] not in logged


def test_a_port_that_somebody_else_has_is_named() -> None:
    with the_log() as held:
        logging.getLogger("uvicorn.error").error(OSError(98, "address ('127.0.0.1', 8000) in use"))
    assert "8000" in json.loads(held.getvalue())["said"]
