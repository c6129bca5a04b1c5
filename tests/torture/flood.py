"""One person sends as many messages as the line takes, while others report."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from sqlalchemy import func, select

from bot.cases.tables import InboxRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.conversation.limits import DANGER, PERSON
from bot.training import ROOT
from tests.support.botapi import BotApi
from tests.torture.flooder import ADVICE, URGENT
from tests.torture.killing import crowd, database_at, fleet
from tests.torture.reporters import Reporter
from tests.torture.workers import Nursery, Worker, data_folder

SPARE = 5.0
"""Seconds after a flood in which nothing is counted: it may still be worked off."""
_TOO_FAST = "太快"
_WITHIN = 120.0


@dataclass
class Flooding:
    """What came of floods over one channel.

    Attributes:
        way: how the floods came in.
        messages: how many each person sent.
        people: how many others reported at the same time.
        taken: messages of the floods that were written down.
        told: how often a flooding person was told so.
        quiet: seconds that the others waited for answers while there was no flood.
        meanwhile: the same while there was one.
        danger: seconds until danger, told in the middle of a flood, was answered.
        wrong: sentences about everything that is not as it must be.
    """

    way: str
    messages: int
    people: int
    floods: int = 0
    taken: int = 0
    told: int = 0
    quiet: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)
    danger: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def p95_quiet(self) -> float:
        """What 19 of 20 answers did not exceed without a flood."""
        return _p95(self.quiet)

    @property
    def p95_meanwhile(self) -> float:
        """The same during floods."""
        return _p95(self.meanwhile)

    @property
    def ratio(self) -> float:
        """How many times as long the others waited."""
        return self.p95_meanwhile / self.p95_quiet

    @property
    def holds(self) -> bool:
        """The flood was cut and told, danger answered, and the others waited twice as long at most."""
        return bool(self.floods) and not self.wrong and self.ratio <= 2


@dataclass(frozen=True)
class Scene:
    """Where a flood happens.

    Attributes:
        data: the worker's data folder.
        messages: how many the flood has.
    """

    api: BotApi
    worker: Worker
    data: Path
    messages: int


Window = tuple[float, float]
"""When a flood began and when all of it was dealt with."""
Flood = Callable[[Flooding, Scene], Awaitable[Window]]


async def flooded(
    folder: Path, model: Path, flood: Flood, floods: int, people: int, messages: int = 500
) -> Flooding:
    """Floods one after another, each by somebody new, with a rest as long as it between them.

    Raises:
        RuntimeError: too few people were answered to compare anything.
    """
    way = "Telegram" if flood is over_telegram else "the web chat"
    flooding = Flooding(way, messages, people)
    data = data_folder(folder, model)
    during: list[Window] = []
    between: list[Window] = []
    with BotApi() as api, Nursery(model) as nursery:
        workers_of = fleet(nursery, data, api, 1, HUTONG_CLERKS="2")
        async with workers_of as (worker,), crowd(api, people) as reporters:
            await asyncio.sleep(SPARE)
            for _ in range(floods):
                began, ended = await flood(flooding, Scene(api, worker, data, messages))
                during.append((began, ended))
                await asyncio.sleep(SPARE)
                rest = time.monotonic()
                await asyncio.sleep(max(ended - began, SPARE))
                between.append((rest, time.monotonic()))
                flooding.floods += 1
    flooding.meanwhile, flooding.quiet = _waits(reporters, during), _waits(reporters, between)
    if min(len(flooding.quiet), len(flooding.meanwhile)) < 2:
        raise RuntimeError("too few answers to compare")
    if flooding.told < floods:
        flooding.wrong.append("somebody who sent too much was not told")
    if not floods * PERSON.a_minute <= flooding.taken <= floods * DANGER.a_minute:
        flooding.wrong.append(f"{flooding.taken} messages of {floods} floods were taken")
    if len(flooding.danger) < floods:
        flooding.wrong.append("danger was not answered")
    return flooding


async def over_telegram(flooding: Flooding, scene: Scene) -> Window:
    """Somebody's messages wait at Telegram all at once; one in the middle tells of danger."""
    person, half = scene.api.person(), scene.messages // 2
    began = time.monotonic()
    for number in range(half):
        person.says(f"第{number}句话")
    person.says(URGENT)
    last = [person.says(f"第{number}句话") for number in range(half, scene.messages - 1)][-1]
    answered = 0.0
    while time.monotonic() < began + _WITHIN:
        if not answered and any(ADVICE in each.text for each in person.inbox):
            answered = time.monotonic() - began
        if answered and scene.api.updates.confirmed >= last["update_id"]:
            break
        await asyncio.sleep(0.05)
    if answered:
        flooding.danger.append(answered)
    flooding.told += any(_TOO_FAST in each.text for each in person.inbox)
    ended = time.monotonic()
    flooding.taken += _taken(scene.data, str(person.id))
    return began, ended


async def over_the_web(flooding: Flooding, scene: Scene) -> Window:
    """A page posts as fast as it is answered (``tests.torture.flooder``)."""
    # each flood from an address of its own: what is tried is the limit of a person
    words = [scene.worker.url, str(scene.messages), f"198.51.100.{flooding.floods}"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "tests.torture.flooder"),
        *words,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    told, _ = await process.communicate()
    found = json.loads(told)
    flooding.taken += found["taken"]
    flooding.told += found["told"]
    if found["danger"] is not None:
        flooding.danger.append(found["danger"])
    return found["began"], found["ended"]


def _taken(data: Path, sender: str) -> int:
    """How many of a person's messages on Telegram were written down."""
    database = database_at(data)
    inbox = Inbox(database, database.keyring.lasting, Clock())
    try:
        with database.reading() as session:
            talk = inbox.find(session, "telegram", sender)
            if talk is None:
                return 0
            query = select(func.count()).where(InboxRow.conversation_id == talk.id)
            return int(session.execute(query).scalar())
    finally:
        database.close()


def _waits(reporters: list[Reporter], windows: list[Window]) -> list[float]:
    """How long people waited for the answer to what they said in one of these times."""
    return [
        wait
        for reporter in reporters
        for asked, wait in zip(reporter.asked, reporter.waits, strict=False)
        if any(begin <= asked < end for begin, end in windows)
    ]


def _p95(waits: list[float]) -> float:
    return quantiles(waits, n=20, method="inclusive")[-1]
