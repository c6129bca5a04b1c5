"""The web chat's streams: what wakes them, how they end, and what they look like on the wire."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bot.channels.web import WebSender
from tests.support.webchat import ASKED, ChatServer, Conversation


async def test_a_reply_wakes_the_stream_and_a_quiet_one_beats() -> None:
    sender = WebSender()
    conversation = Conversation(sender)
    conversation.write("me", "bot", "一")
    conversation.write("other", "bot", "别人的")
    events = sender.events(conversation, "me", 0, heartbeat=0.05)
    assert "\\u4e00" in await anext(events)
    assert (await anext(events)).startswith("event: beat")
    assert (await anext(events)).startswith("event: beat")
    conversation.write("me", "bot", "\ud800 \n\n二")
    await sender.send("me", ASKED)
    line = await anext(events)
    while line.startswith("event: beat"):
        line = await anext(events)
    assert "\\ud800 \\n\\n\\u4e8c" in line
    assert line.count("\n") == 4  # what people write cannot end an event
    sender.close()
    assert [event async for event in events if "line" in event] == []


async def test_a_stream_that_cannot_read_ends_and_says_nothing_of_the_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender = WebSender()
    conversation = Conversation(sender)
    conversation.broken = True
    assert [event async for event in sender.events(conversation, "me", 0)] == []
    assert "OSError" in caplog.text


async def test_too_many_streams_of_one_person_end_the_oldest() -> None:
    sender = WebSender()
    conversation = Conversation(sender)
    streams = [sender.events(conversation, "me", 0, heartbeat=30) for _ in range(9)]
    for stream in streams:
        await anext(stream)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(streams[0]), 2)
    conversation.write("me", "bot", "还在")
    await sender.send("me", ASKED)
    for stream in streams[1:]:
        assert "event: line" in await asyncio.wait_for(anext(stream), 2)
        await stream.aclose()  # type: ignore[attr-defined]
    assert sender._ears == {}


@pytest.fixture
def served() -> Iterator[ChatServer]:
    with ChatServer(heartbeat=0.2) as server:
        yield server


@pytest.mark.service
async def test_over_the_wire_lines_come_as_they_are_said(served: ChatServer) -> None:
    served.conversation.delay = 0.1
    async with httpx.AsyncClient(base_url=served.url) as client:
        await client.post("chat/session", json={})
        async with client.stream("GET", "chat/stream", params={"after": 0}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            await client.post("chat/messages", json={"id": str(uuid.uuid4()), "text": "孩子没人管"})
            got = [line async for line in until(stream, "\\u5927\\u4eba")]
        assert "event: beat" in got
        identifiers = [line for line in got if line.startswith("id: ")]
        assert identifiers == ["id: 1", "id: 2"]
        again = {"Last-Event-ID": "1"}
        async with client.stream("GET", "chat/stream?after=0", headers=again) as stream:
            got = [line async for line in until(stream, "\\u5927\\u4eba")]
        assert [line for line in got if line.startswith("id: ")] == ["id: 2"]
        assert (await client.head("chat/stream", params={"after": 0})).status_code == 200


async def until(stream: httpx.Response, mark: str) -> AsyncIterator[str]:
    async for line in stream.aiter_lines():
        yield line
        if mark in line:
            return


@pytest.mark.service
async def test_a_message_that_is_not_answered_yet_has_no_stream_read_the_database() -> None:
    with ChatServer(heartbeat=30) as served:
        async with httpx.AsyncClient(base_url=served.url) as client:
            await client.post("chat/session", json={})
            async with client.stream("GET", "chat/stream", params={"after": 0}) as stream:
                read = stream.aiter_lines()
                assert (await anext(read)).startswith("event: beat")
                message = {"id": str(uuid.uuid4()), "text": "孩子没人管"}
                with served.conversation.holding():
                    await client.post("chat/messages", json=message)
                    await asyncio.sleep(0.1)
                    assert served.conversation.reads == 1
                async for line in read:
                    if "\\u5927\\u4eba" in line:
                        break
                assert served.conversation.reads == 2
                await client.post("chat/messages", json=message)  # the page asks again
                await asyncio.sleep(0.1)
                assert served.conversation.reads == 3


@pytest.mark.service
async def test_the_server_stops_at_once_although_pages_listen(served: ChatServer) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        await client.post("chat/session", json={})
        async with client.stream("GET", "chat/stream", params={"after": 0}) as stream:
            read = stream.aiter_lines()
            while "beat" not in await anext(read):
                pass
            seconds = await asyncio.to_thread(served.stop)
            async for _ in read:  # ended, not cut off: that would raise
                pass
        assert seconds < 3
    served.start()
