"""Trouble around the program: the disk is full, Telegram is away, updates come twice and backwards."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.cases.tables import ConversationRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from tests.support.botapi import (
    BotApi,
    cut,
    garbled,
    gateway_page,
    server_error,
    stalls,
    too_many,
)
from tests.torture.disk import filled, small_disk
from tests.torture.findings import Finding
from tests.torture.killing import crowd, database_at, fleet, looked, upgrade
from tests.torture.postgres import Postgres
from tests.torture.reporters import Reporter
from tests.torture.workers import Nursery, data_folder

_SENDING = (
    too_many(1), server_error(500), server_error(), gateway_page(), garbled(), cut(),
    cut(done=True), too_many(2),
)  # fmt: skip
_ASKING = (server_error(), cut(), garbled(), gateway_page(), too_many(1))


async def full_sqlite(folder: Path, model: Path, times: int, people: int) -> Finding:
    """The disk under the SQLite file fills up and is emptied, again and again."""
    finding = Finding("disk full under SQLite", times)
    data = data_folder(folder, model)
    with small_disk(folder / "disk", megabytes=64) as disk:
        url = f"sqlite:///{disk / 'hutong.sqlite3'}"
        upgrade(data, url)
        async with _reports(finding, data, model, url, people) as reporters:
            for _ in range(times):
                await asyncio.sleep(random.uniform(0.5, 3))
                with filled(disk):
                    await _more_are_told(reporters)
        return looked(finding, reporters, data, url)


async def full_postgres(folder: Path, model: Path, times: int, people: int) -> Finding:
    """The same under PostgreSQL's tables and log; every second time until it gives up by itself."""
    finding = Finding("disk full under PostgreSQL", times)
    data = data_folder(folder, model)
    with Postgres(megabytes=128) as postgres:
        url = postgres.database("hutong")
        upgrade(data, url)
        async with _reports(finding, data, model, url, people) as reporters:
            for number in range(times):
                await asyncio.sleep(random.uniform(0.5, 3))
                with filled(postgres.disk):
                    await _more_are_told(reporters)
                    if number % 2:
                        await asyncio.to_thread(postgres.write_log)
                        await asyncio.sleep(random.uniform(2, 6))
                await asyncio.to_thread(_revive, postgres)
        refused, ends = postgres.said("No space left on device"), postgres.said("PANIC:")
        finding.note = f"{refused} writes met it, of which {ends} ended the server"
        if not refused:
            finding.wrong.append("no write met the full disk")
        return looked(finding, reporters, data, url)


@asynccontextmanager
async def _reports(
    finding: Finding, data: Path, model: Path, url: str, people: int
) -> AsyncIterator[list[Reporter]]:
    """People report to one worker; how often somebody was told to call goes into the finding."""
    with BotApi() as api, Nursery(model) as nursery:
        workers = fleet(nursery, data, api, 1, HUTONG_DATABASE_URL=url)
        async with workers, crowd(api, people) as reporters:
            yield reporters
        finding.told = _told(reporters)
    if not finding.told:
        finding.wrong.append("nobody was told to call")


def _told(reporters: list[Reporter]) -> int:
    return sum(reporter.notices for reporter in reporters)


async def _more_are_told(reporters: list[Reporter], within: float = 20.0) -> None:
    """Wait for the next who is told to call; whoever was is not told again for ten minutes."""
    before = _told(reporters)
    for _ in range(round(10 * within)):
        if _told(reporters) > before:
            return
        await asyncio.sleep(0.1)


def _revive(postgres: Postgres) -> None:
    """Start the server if it is down, as systemd does once there is room again."""
    end = time.monotonic() + 60
    while not postgres.runs:
        try:
            postgres.start()
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


async def telegram_away(folder: Path, model: Path, times: int, people: int) -> Finding:
    """429, 5xx, cut and stalled connections, half answers; updates repeated and backwards."""
    finding = Finding("Telegram away, updates repeated and out of order", times)
    data = data_folder(folder, model)
    with BotApi() as api, Nursery(model) as nursery:
        async with fleet(nursery, data, api, 1), crowd(api, people) as reporters:
            for _ in range(times):
                await _disturb(api, reporters)
            api.fail("sendMessage", stalls(12))
        blocked = api.person()
        finished = looked(finding, reporters, data)
        async with fleet(nursery, data, api, 1):
            blocked.blocks()
            blocked.says("你好")
            finished.wrong += await _is_not_shown(data, blocked.id)
        return finished


async def _disturb(api: BotApi, reporters: list[Reporter]) -> None:
    api.fail("sendMessage", *random.choices(_SENDING, k=2))
    api.fail("getUpdates", *random.choices(_ASKING, k=2))
    said = [update for reporter in reporters for update in reporter.updates]
    if said:
        api.repeat(random.choice(said), 50)
    with api.holding(backwards=True):
        await asyncio.sleep(random.uniform(0.2, 1.5))
    await asyncio.sleep(random.uniform(0.2, 1.5))


async def _is_not_shown(data: Path, person: int) -> list[str]:
    """Nothing, once staff can see that a person who blocked the bot cannot be reached."""
    database = database_at(data)
    inbox = Inbox(database, database.keyring.lasting, Clock())
    try:
        for _ in range(300):
            with database.reading() as session:
                talk: ConversationRow | None = inbox.find(session, "telegram", str(person))
                if talk is not None and talk.attention == "unreachable":
                    return []
            await asyncio.sleep(0.1)
    finally:
        database.close()
    return ["staff do not see that somebody blocked the bot"]
