"""The web chat over HTTP, without a browser: who may say and read what, and in which shape."""

import json
import logging
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.web import WebSender, web_routes
from bot.channels.web.session import Sessions
from bot.clock import Clock
from bot.texts import Texts
from tests.support.webchat import ASKED, SECRET, Conversation, source_texts

BASE = "http://hutong.test"


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(WebSender())


@pytest.fixture
def asked_languages() -> list[str]:
    return []


@pytest.fixture
def app(conversation: Conversation, asked_languages: list[str]) -> Starlette:
    def texts_of(language: str) -> Texts:
        asked_languages.append(language)
        return source_texts(language)

    return Starlette(
        routes=web_routes(
            SECRET, conversation, conversation, conversation.sender, Clock(), texts_of=texts_of
        )
    )


@pytest.fixture
async def visitors(app: Starlette) -> AsyncIterator["Visitors"]:
    made = Visitors(app)
    yield made
    for each in made.clients:
        await each.aclose()


class Visitors:
    """Browsers of different people; each keeps its own cookies."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.clients: list[httpx.AsyncClient] = []

    def stranger(self, base: str = BASE) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        self.clients.append(httpx.AsyncClient(transport=transport, base_url=base))
        return self.clients[-1]

    async def one(self, base: str = BASE) -> httpx.AsyncClient:
        client = self.stranger(base)
        answer = await client.post("/chat/session", json={})
        assert answer.status_code == 200
        return client


def message(text: str = "孩子没人管", **more: object) -> dict[str, object]:
    return {"id": str(uuid.uuid4()), "text": text} | more


async def lines_of(client: httpx.AsyncClient, after: int = 0) -> list[dict[str, object]]:
    answer = await client.get("/chat/lines", params={"after": after})
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()["lines"]
    return found


async def test_what_is_written_reaches_the_door_and_comes_back_as_lines(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    sent = message("我们小区两个孩子没人管")
    answer = await client.post("/chat/messages", json=sent, params={"lang": "zh-Hant"})
    assert (answer.status_code, answer.json()) == (202, {"new": True})
    await conversation.settled()
    got = conversation.received[0]
    assert (got.channel, got.kind, got.text) == ("web", "text", "我们小区两个孩子没人管")
    assert got.language_hint == "zh-Hant"
    assert got.at.tzinfo is not None
    assert len(got.message_id) <= 64
    written, asked = await lines_of(client)
    assert (written["sender"], written["message"]) == ("reporter", sent["id"])
    assert (asked["sender"], asked["text"]) == ("bot", ASKED.text)
    assert asked["buttons"][0] == {"title": "有", "payload": "/carer yes"}  # type: ignore[index]
    assert await lines_of(client, after=int(str(written["id"]))) == [asked]


async def test_a_press_and_a_command_are_told_apart_from_words(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    press = {"id": str(uuid.uuid4()), "payload": "/carer no"}
    for body in (press, message("/status HT-1"), message("/statusx"), message("/carer no")):
        assert (await client.post("/chat/messages", json=body)).status_code == 202
    kinds = [(each.kind, each.text) for each in conversation.received]
    assert kinds[:2] == [("press", "/carer no"), ("command", "/status HT-1")]
    assert kinds[2:] == [("text", "/statusx"), ("text", "/carer no")]


async def test_the_same_message_sent_again_is_one_message(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    sent = message()
    answers = [await client.post("/chat/messages", json=sent) for _ in range(5)]
    assert [answer.json()["new"] for answer in answers] == [True, False, False, False, False]
    shouted = sent | {"id": str(sent["id"]).upper()}
    assert (await client.post("/chat/messages", json=shouted)).json() == {"new": False}
    assert len(conversation.received) == 1


async def test_nobody_reads_or_uses_up_what_is_anothers(
    visitors: Visitors, conversation: Conversation
) -> None:
    mine, other = await visitors.one(), await visitors.one()
    sent = message("只给我看")
    await mine.post("/chat/messages", json=sent)
    await conversation.settled()
    assert await lines_of(other) == []
    # the same client-made id in another session is another message
    answer = await other.post("/chat/messages", json=sent)
    assert answer.json() == {"new": True}
    assert len({each.sender for each in conversation.received}) == 2
    # naming somebody in the request changes nothing
    victim = conversation.received[0].sender
    for extra in ({"sender": victim}, {"session": victim}, {"sender_id": victim}):
        await other.post("/chat/messages", json=message("冒充", **extra), params=extra)
    await conversation.settled()
    assert all(line["text"] != "冒充" for line in await lines_of(mine))


async def test_the_page_never_learns_the_session_id(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    await client.post("/chat/messages", json=message())
    await conversation.settled()
    assert conversation.received[0].sender not in (await client.get("/chat/lines")).text


@pytest.mark.parametrize("path", ["lines", "stream", "messages"])
async def test_a_forged_or_missing_cookie_is_refused(visitors: Visitors, path: str) -> None:
    right = Sessions(b"another secret, 32 bytes of it..")._signer.sign("A" * 22).decode()
    for cookie in (None, "", "A" * 22, right, "é", "x.y.z"):
        headers = {} if cookie is None else {b"Cookie": f"hutong={cookie}".encode()}
        client = visitors.stranger()
        if path == "messages":
            answer = await client.post("/chat/messages", json=message(), headers=headers)
        else:
            answer = await client.get(f"/chat/{path}", headers=headers)
        assert answer.status_code == 401, cookie
        assert "刷新" in answer.json()["error"]


async def test_a_session_is_kept_prolonged_and_given_up_on_request(visitors: Visitors) -> None:
    client = await visitors.one()
    await client.post("/chat/messages", json=message())
    kept = await client.post("/chat/session", json={})
    assert kept.json() == {"opened": False}
    assert len(await lines_of(client)) > 0
    other = await client.post("/chat/session", json={"fresh": True})
    assert other.json() == {"opened": True}
    assert await lines_of(client) == []


async def test_the_cookie_is_closed_to_scripts_and_other_sites(visitors: Visitors) -> None:
    plain = (await visitors.stranger().post("/chat/session", json={})).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(plain.split("; "))
    assert "Max-Age=2592000" in plain
    assert "Secure" not in plain
    client = await visitors.one("https://hutong.test")
    assert "__Host-hutong" in client.cookies
    secure = (await client.post("/chat/session", json={})).headers["set-cookie"]
    assert "Secure" in secure.split("; ")
    assert await lines_of(client) == []


async def test_opening_the_page_over_a_link_keeps_the_conversation_one_has(
    visitors: Visitors,
) -> None:
    # a strict cookie is not sent when one comes from another site: the page must not replace it
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = await visitors.stranger().get("/", headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
        {"Origin": "https://evil.example"},
        {"Origin": "http://hutong.test.evil.example"},
        {"Origin": "http://hutong.test:8080"},
        {"Origin": "null"},
    ],
)
async def test_another_site_cannot_make_a_browser_speak(
    visitors: Visitors, conversation: Conversation, headers: dict[str, str]
) -> None:
    client = await visitors.one()
    assert (await client.get("/chat/lines", headers=headers)).status_code == 403
    assert (await client.get("/chat/stream", headers=headers)).status_code == 403
    for path in ("/chat/messages", "/chat/session"):
        answer = await client.post(path, json=message(), headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert conversation.received == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": BASE}, {"Origin": BASE}, {}],
)
async def test_the_page_itself_may_speak(visitors: Visitors, headers: dict[str, str]) -> None:
    client = await visitors.one()
    assert (await client.post("/chat/messages", json=message(), headers=headers)).is_success


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken(visitors: Visitors, kind: str) -> None:
    client = await visitors.one()
    body = json.dumps(message()).encode()
    answer = await client.post("/chat/messages", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 415


_AN_ID = "33f8f6a0-3750-4c7f-932e-269f1ba7f64a"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"null",
        b"[" * 16_000,
        b'{"text": "no id"}',
        b'{"id": 7, "text": "x"}',
        b'{"id": "../../etc", "text": "x"}',
        json.dumps({"id": _AN_ID, "text": "x", "payload": "y"}).encode(),
        json.dumps({"id": _AN_ID}).encode(),
        json.dumps({"id": _AN_ID, "text": 5}).encode(),
        json.dumps({"id": _AN_ID, "text": {"a": 1}}).encode(),
        json.dumps({"id": _AN_ID, "payload": ""}).encode(),
        json.dumps({"id": _AN_ID, "payload": "好" * 22}).encode(),
        json.dumps({"id": _AN_ID, "text": "  \n "}).encode(),
    ],
)
async def test_a_broken_message_is_answered_in_words_and_goes_nowhere(
    visitors: Visitors, conversation: Conversation, body: bytes
) -> None:
    client = await visitors.one()
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/chat/messages", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("。")
    assert conversation.received == []


async def test_a_message_has_a_limit_and_the_person_is_told(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    assert (await client.post("/chat/messages", json=message("好" * 4096))).status_code == 202
    for text in ("好" * 4097, "x" * 20_000):
        answer = await client.post("/chat/messages", json=message(text))
        assert answer.status_code == 413
        assert "4096" in answer.json()["error"]
    assert len(conversation.received) == 1


async def test_a_body_without_a_declared_length_is_cut_off_at_the_limit(
    visitors: Visitors,
) -> None:
    client = await visitors.one()
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1_000_000:
            read += 1024
            yield b" " * 1024

    headers = {"Content-Type": "application/json"}
    answer = await client.post("/chat/messages", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read < 40_000


@pytest.mark.parametrize(
    "escaped", ["\\ud83d", "\\u0000", "a\\u202eb", "\\ufdfa" * 300, "<script>alert(1)</script>"]
)
async def test_odd_characters_pass_through_unharmed(
    visitors: Visitors, conversation: Conversation, escaped: str
) -> None:
    client = await visitors.one()
    body = f'{{"id": "{uuid.uuid4()}", "text": "{escaped}"}}'.encode()
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/chat/messages", content=body, headers=headers)).is_success
    await conversation.settled()
    text = json.loads(f'"{escaped}"')
    assert conversation.received[0].text == text
    assert (await lines_of(client))[0]["text"] == text


async def test_a_failing_house_is_told_in_words_and_the_log_keeps_quiet_about_the_text(
    visitors: Visitors, conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    client = await visitors.one()
    conversation.broken = True
    with caplog.at_level(logging.DEBUG):
        answer = await client.post("/chat/messages", json=message("我家住在幸福路"))
    assert answer.status_code == 503
    assert "110" in answer.json()["error"]
    assert "OSError" in caplog.text
    assert "幸福路" not in caplog.text


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "1_0", "9" * 40])
async def test_a_place_that_cannot_be_is_refused(visitors: Visitors, after: str) -> None:
    client = await visitors.one()
    assert (await client.get("/chat/lines", params={"after": after})).status_code == 400


async def test_a_refusal_is_in_the_persons_language(
    visitors: Visitors, asked_languages: list[str]
) -> None:
    client = await visitors.one()
    await client.post("/chat/messages", json={}, params={"lang": "en"})
    assert asked_languages[-1] == "en"


async def test_a_communitys_link_is_a_start_that_is_heard_once(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = visitors.stranger()
    for _ in range(2):
        answer = await client.post("/chat/session", json={"community": "abc-_09"})
        assert answer.status_code == 200
    (heard,) = conversation.received
    assert (heard.kind, heard.text) == ("command", "/start abc-_09")
    await client.post("/chat/session", json={"community": "other"})
    await client.post("/chat/session", json={"community": "other", "fresh": True})
    assert len({each.sender for each in conversation.received}) == 2
    assert len(conversation.received) == 3


@pytest.mark.parametrize("token", ["", "a b", "a" * 65, "字", "x;", None, 7, ["a"], "a\n"])
async def test_what_is_no_token_opens_the_session_alone(
    visitors: Visitors, conversation: Conversation, token: object
) -> None:
    answer = await visitors.stranger().post("/chat/session", json={"community": token})
    assert answer.json() == {"opened": True}
    assert conversation.received == []


async def test_an_address_that_sends_too_much_is_told_so_and_danger_gets_through(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    answers = [await client.post("/chat/messages", json=message("你好")) for _ in range(301)]
    assert answers[0].status_code == 202
    assert answers[-1].status_code == 429
    assert "110" in answers[-1].json()["error"]
    urgent = "快来，孩子从楼上掉下来了，在流血"
    assert (await client.post("/chat/messages", json=message(urgent))).status_code == 202
    assert conversation.received[-1].text == urgent


async def test_who_comes_new_to_an_address_that_sends_too_much_can_tell_of_danger(
    visitors: Visitors, conversation: Conversation
) -> None:
    client = await visitors.one()
    flood = [await client.post("/chat/messages", json=message("你好")) for _ in range(301)]
    assert flood[-1].status_code == 429
    newcomer = visitors.stranger()
    opened = await newcomer.post("/chat/session", json={"community": "abc-_09"})
    assert opened.json() == {"opened": True}
    assert conversation.received[-1].text == "你好", "what a link brings counts as a message"
    urgent = "快来，孩子从楼上掉下来了，在流血"
    assert (await newcomer.post("/chat/messages", json=message(urgent))).status_code == 202
    assert conversation.received[-1].text == urgent
    assert (await newcomer.post("/chat/messages", json=message("你好"))).status_code == 429
