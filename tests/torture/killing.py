"""Workers die at random while thirty people report."""

import asyncio
import itertools
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.bootstrap import database_of
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.database import Database
from bot.settings import load_settings
from tests.support.botapi import BotApi
from tests.torture.findings import Finding, look
from tests.torture.postgres import Postgres
from tests.torture.reporters import Reporter
from tests.torture.workers import SECRET, Nursery, Worker, data_folder

_EARLY = 0.2  # the share of kills that meet a program that is still starting


async def one_worker(
    folder: Path, model: Path, kills: int, people: int, minutes: float = 60
) -> Finding:
    """One process on SQLite, killed and started again, so often or for so many minutes."""
    finding = Finding("kill -9, one worker on SQLite", 0)
    data = data_folder(folder, model)
    with BotApi() as api, Nursery(model) as nursery:
        async with fleet(nursery, data, api, 1) as (worker,), crowd(api, people) as reporters:
            took = 0.0
            over = time.monotonic() + minutes * 60
            while finding.tried < kills and time.monotonic() < over:
                finding.tried += 1
                early = random.random() < _EARLY
                # on a busy machine everything takes longer: people must get on between two deaths
                await asyncio.sleep(random.uniform(0.2, max(3.0, 1.5 * took)))
                worker.kill()
                worker.start()
                if early:
                    finding.tried += 1
                    await asyncio.sleep(random.uniform(0.1, 4.0))
                    worker.kill()
                    worker.start()
                took = await worker.ready()
        return looked(finding, reporters, data)


async def one_workers_clerks(
    folder: Path, model: Path, kills: int, people: int, minutes: float = 60
) -> Finding:
    """One process on SQLite whose clerks are killed in the midst of turns, each replaced by itself."""
    finding = Finding("kill -9, the clerks of one worker on SQLite", 0)
    data = data_folder(folder, model)
    with BotApi() as api, Nursery(model) as nursery:
        workers_of = fleet(nursery, data, api, 1, HUTONG_CLERKS="2")
        async with workers_of as (worker,), crowd(api, people) as reporters:
            over = time.monotonic() + minutes * 60
            while finding.tried < kills and time.monotonic() < over:
                await asyncio.sleep(random.uniform(0.2, 3.0))
                if clerks := worker.clerks:
                    finding.tried += 1
                    os.kill(random.choice(clerks), signal.SIGKILL)
        return looked(finding, reporters, data)


async def three_workers(
    folder: Path, model: Path, kills: int, people: int, restarts: int = 0, minutes: float = 60
) -> Finding:
    """Three processes on one PostgreSQL of our own; they, and if told so it, die at random."""
    name = "kill -9, three workers on PostgreSQL"
    finding = Finding(name + (", which crashes too" if restarts else ""), 0)
    data = data_folder(folder, model)
    with BotApi() as api, Nursery(model) as nursery, Postgres() as postgres:
        url = postgres.database("hutong")
        crashed = 0
        crashes = set(random.sample(range(kills), min(restarts, kills)))
        settings = {"HUTONG_DATABASE_URL": url}
        upgrade(data, url)
        workers_of = fleet(nursery, data, api, 3, **settings)
        async with workers_of as workers, crowd(api, people) as reporters:
            over = time.monotonic() + minutes * 60
            while finding.tried < kills and time.monotonic() < over:
                number, finding.tried = finding.tried, finding.tried + 1
                await asyncio.sleep(random.uniform(0.2, 3.0))
                worker = random.choice(workers)
                worker.kill()
                worker.start()
                if number in crashes:
                    crashed += 1
                    finding.note = f"{crashed} times the database too"
                    await asyncio.to_thread(postgres.restart)
                for each in workers:  # a start may have met a database that was away
                    if not each.alive:
                        each.start()
                if random.random() >= _EARLY:
                    await _ready(worker)
            for each in workers:
                await _ready(each)
        return looked(finding, reporters, data, url)


async def _ready(worker: Worker) -> None:
    """Ready at last: a start that met a database that was away is made again, as systemd does."""
    for last in (False, False, True):
        try:
            await worker.ready()
            return
        except RuntimeError:
            if last:
                raise
            worker.start()


@asynccontextmanager
async def fleet(
    nursery: Nursery, data: Path, api: BotApi, count: int, **settings: str
) -> AsyncIterator[list[Worker]]:
    """Running workers; they are stopped at the end."""
    telegram = {"HUTONG_TELEGRAM_TOKEN": api.token, "HUTONG_TELEGRAM_API_URL": api.url}
    workers = [
        Worker(nursery, data, str(number), **telegram, **settings) for number in range(count)
    ]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            await worker.ready()
        yield workers
    finally:
        for worker in workers:
            worker.stop()


@asynccontextmanager
async def crowd(api: BotApi, people: int, pause: float = 2.0) -> AsyncIterator[list[Reporter]]:
    """So many people at once, each followed by another one until the end of the block.

    Whoever has begun by then finishes.
    """
    numbers = itertools.count()
    reporters: list[Reporter] = []
    over = asyncio.Event()

    async def one_after_another() -> None:
        while not over.is_set():
            reporter = Reporter(api, next(numbers), pause)
            reporters.append(reporter)
            await reporter.report()

    tasks = [asyncio.create_task(one_after_another()) for _ in range(people)]
    try:
        yield reporters
        over.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(3)  # a second copy of anything would come now
    finally:
        for task in tasks:
            task.cancel()


def database_at(data: Path, url: str = "") -> Database:
    """The workers' database, as they open it themselves."""
    return database_of(
        load_settings(_env_file=None, data_dir=data, secret_key=SECRET, database_url=url)
    )


def upgrade(data: Path, url: str) -> None:
    """Make the tables."""
    database = database_at(data, url)
    database.upgrade()
    database.close()


def looked(finding: Finding, reporters: list[Reporter], data: Path, url: str = "") -> Finding:
    """The finding, after the database was compared with what people said and heard."""
    database = database_at(data, url)
    try:
        inbox = Inbox(database, database.keyring.lasting, Clock())
        return look(finding, reporters, database, inbox)
    finally:
        database.close()
