"""People who talk to a side over HTTP, and how long they wait."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

import aiohttp

from tests.bench.data import SAID
from tests.bench.sides import PATIENCE, Person, Side


@dataclass(frozen=True)
class Loaded:
    """What many people at once saw: turns a second, and 95 of 100 waits in milliseconds."""

    a_second: float
    p95: float


async def first_answer(side: Side) -> float:
    """Seconds from the start of the processes to the first answer; the side is left running."""
    began = time.perf_counter()
    side.start()
    async with _http() as http:
        while time.perf_counter() - began < PATIENCE:
            side.check()
            try:
                async with side.person(http, side.url) as person:
                    await person.say(SAID[0])
                    return time.perf_counter() - began
            except (aiohttp.ClientError, ConnectionError):
                await asyncio.sleep(0.05)
    raise RuntimeError(f"{side.name} did not answer within {PATIENCE:.0f} s")


async def one_by_one(side: Side, conversations: int) -> float:
    """Milliseconds of a turn, the middle one, one person at a time."""
    waits: list[float] = []
    async with _http() as http:
        await _conversation(side, http, [])  # warms up
        for _ in range(conversations):
            await _conversation(side, http, waits)
    return median(waits) * 1000


async def at_once(side: Side, people: int, seconds: float) -> Loaded:
    """``people`` talk for some seconds, each writing as soon as the answer is there."""
    waits: list[float] = []
    until = time.perf_counter() + seconds

    async def talk(http: aiohttp.ClientSession) -> None:
        while time.perf_counter() < until:
            await _conversation(side, http, waits, until)

    async with _http() as http:
        await asyncio.gather(*(talk(http) for _ in range(people)))
    return Loaded(len(waits) / seconds, sorted(waits)[int(len(waits) * 0.95)] * 1000)


async def _conversation(
    side: Side, http: aiohttp.ClientSession, waits: list[float], until: float = float("inf")
) -> None:
    async with side.person(http, side.url) as person:
        for text in SAID:
            waited = await _say(person, text)
            if time.perf_counter() > until:
                return  # an answer after the end counts for nobody
            waits.append(waited)


async def _say(person: Person, text: str) -> float:
    began = time.perf_counter()
    await person.say(text)
    return time.perf_counter() - began


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_read=120),
    )
