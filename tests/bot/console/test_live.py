from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bot.cases.tables import CaseRow
from bot.console.live import Live
from tests.support.cases import NOW, conversation, filed, line
from tests.support.console import Desk


def write(desk: Desk, text: str) -> None:
    """Somebody writes something."""
    with desk.database.writing() as session:
        line(session, conversation(session, text), text)


async def next_change(events: AsyncIterator[str]) -> str:
    async def look() -> str:
        async for event in events:
            if "event: change" in event:
                return event
        raise AssertionError("the stream ended")

    return await asyncio.wait_for(look(), 10)


async def test_every_open_page_hears_that_something_was_written(desk: Desk) -> None:
    live = Live(desk.database, every=0.01)
    one, other = live.events(lambda: True), live.events(lambda: True)
    assert "event: beat" in await one.__anext__()
    assert "event: beat" in await other.__anext__()
    hearing = [asyncio.create_task(next_change(each)) for each in (one, other)]
    await asyncio.sleep(0.2)
    write(desk, "有人敲门")
    for event in await asyncio.gather(*hearing):
        assert '"transcript":1' in event
        assert "敲门" not in event
    for each in (one, other):
        await each.aclose()


async def test_a_change_of_a_case_is_heard_too(desk: Desk) -> None:
    live = Live(desk.database, every=0.01)
    events = live.events(lambda: True)
    await events.__anext__()
    hearing = asyncio.create_task(next_change(events))
    await asyncio.sleep(0.2)
    with desk.database.writing() as session:
        filed(session, NOW)
    assert '"history":' in await hearing
    with desk.database.reading() as session:
        assert session.query(CaseRow).count() == 1
    await events.aclose()


async def test_a_stream_ends_with_the_sign_in(desk: Desk) -> None:
    live = Live(desk.database, every=0.01, beat=0.05)
    heard = [event async for event in live.events(lambda: False)]
    assert len(heard) == 1


async def test_all_streams_end_with_the_house(desk: Desk) -> None:
    live = Live(desk.database, every=0.01)
    events = live.events(lambda: True)
    await events.__anext__()
    ending = asyncio.create_task(events.__anext__())
    await asyncio.sleep(0.05)
    await asyncio.to_thread(live.close)
    done, _ = await asyncio.wait([ending], timeout=10)
    assert done and isinstance(ending.exception(), StopAsyncIteration)
    assert [event async for event in live.events(lambda: True)] == [
        "retry: 3000\nevent: beat\ndata: \n\n"
    ]


def test_the_stream_is_for_those_who_may_read_cases(desk: Desk) -> None:
    assert desk.visitor().head("/staff/live").status_code == 401
    assert desk.signed_in("auditor").head("/staff/live").status_code == 401
    answer = desk.signed_in("worker", region="440703").head("/staff/live")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
