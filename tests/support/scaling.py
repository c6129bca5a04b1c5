"""What more workers on one PostgreSQL bring: ``python -m tests.support.scaling --model MODEL``.

Starts one, two, three and four processes of ``hutong serve`` on one database, has people talk to
them over HTTP, and counts the processor's milliseconds that a turn takes of each side. Where there
are fewer cores than workers the rate says little; what a turn costs more says how they would scale.
With ``--write`` into ``docs/scaling.md``.
"""

import asyncio
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import click
import httpx
import psutil

from bot.training import model_path
from tests.bench.data import SAID
from tests.bench.page import _commit, _machine
from tests.bench.sides import OwnPerson, free_port
from tests.support.databases import MATERIAL
from tests.support.grown import database_of

_DATABASE = "hutong_scaling"
_WARMING = 5
"""Conversations with each worker before it is measured."""
_DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
_PAGE = """# More workers on one database

Written by `python -m tests.support.scaling --model MODEL --write` on {date} at commit `{commit}`: {machine},
PostgreSQL on the same machine, which had other work, too (load {load:.0f}: processor time is less moved by it than rates,
but moved). {people} people, spread over the workers, talk over HTTP, each writing as soon as the answer is there, for
{seconds:.0f} seconds. Milliseconds of the processor a turn: of the workers themselves, of the server's processes that work
for them, and of the people who talk, who are on the same cores and no part of the program.

| workers | turns | turns a second | workers, ms a turn | PostgreSQL, ms a turn | people, ms a turn | ms with one to ms with so many |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

The last column is the efficiency that follows from the cost alone, workers and PostgreSQL together: as long as there is a core for
what is to be done, a turn that costs the same as with one worker means twice the turns with two.

## Four workers on four cores, as a model

A worker runs Python on one core at a time, so one alone gives at most 1,000 / {one:.1f} = {alone:.1f} turns a second. Four give at
most four times that with what a turn costs of each then, and with PostgreSQL on the same four cores no more than the cores give to
both.

| | turns a second | of four times one worker |
| --- | ---: | ---: |
| PostgreSQL on a machine of its own | {apart:.1f} | {apart_share:.2f} |
| PostgreSQL on the same four cores | {together:.1f} | {together_share:.2f} |
"""


@dataclass(frozen=True)
class Ran:
    """What so many workers did: turns, seconds, and seconds of the processor of each side."""

    workers: int
    turns: int
    seconds: float
    own: float
    served: float
    people: float

    def ms(self, seconds: float) -> float:
        """Milliseconds a turn."""
        return seconds * 1000 / self.turns

    @property
    def cost(self) -> float:
        """Milliseconds that a turn takes of the program and of PostgreSQL."""
        return self.ms(self.own + self.served)


@contextmanager
def workers(
    count: int, url: str, model: Path
) -> Iterator[list[tuple[subprocess.Popen[bytes], str]]]:
    """So many processes that answer, with their addresses; without a URL on a file of their own."""
    with TemporaryDirectory(prefix="hutong-scaling-") as name, ExitStack() as stack:
        folder = Path(name)
        place = model_path(folder / "models")
        place.parent.mkdir(parents=True)
        place.symlink_to(model.resolve())
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HUTONG_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        held = {"HUTONG_DATA_DIR": name, "HUTONG_SECRET_KEY": MATERIAL.decode()}
        held |= {"HUTONG_DATABASE_URL": url} if url else {}
        found = []
        log = stack.enter_context((folder / "log").open("wb"))
        for _ in range(count):
            port = free_port()
            command = [sys.executable, "-W", "ignore", "-m", "bot", "serve"]
            env = kept | held | {"HUTONG_PORT": str(port)}
            process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            found.append((process, f"http://127.0.0.1:{port}"))
        for process, address in found:
            _wait_for(process, address, folder / "log")
        yield found


def _wait_for(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"{address}/health", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"a worker ended: {log.read_text()[-1000:]}")


async def talk(addresses: list[str], people: int, until: float, at_most: int = 10**6) -> int:
    """How many turns so many people, spread over the workers, got until a moment.

    Args:
        at_most: conversations of each of them.
    """
    turns = 0

    async def one(http: aiohttp.ClientSession, address: str) -> None:
        nonlocal turns
        for _ in range(at_most):
            async with OwnPerson(http, address) as person:
                for said in SAID:
                    if time.perf_counter() >= until:
                        return
                    await person.say(said)
                    turns += 1

    jar, connector = aiohttp.DummyCookieJar(), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await asyncio.gather(*(one(http, each) for each in islice(cycle(addresses), people)))
    return turns


def _served() -> dict[int, float]:
    """Seconds of the processor of each of PostgreSQL's processes that work for the database."""
    found = {}
    for process in psutil.process_iter(["cmdline", "cpu_times"]):
        if f" {_DATABASE} " in " ".join(process.info["cmdline"] or ()) + " ":
            times = process.info["cpu_times"]
            found[process.pid] = times.user + times.system
    return found


def measure(count: int, url: str, model: Path, people: int, seconds: float) -> Ran:
    """Let so many workers answer for some seconds."""
    with workers(count, url, model) as found:
        addresses = [address for _, address in found]
        asyncio.run(talk(addresses, count, math.inf, _WARMING))
        before, served, own = _of(found), _served(), time.process_time()
        began = time.perf_counter()
        turns = asyncio.run(talk(addresses, people, began + seconds))
        took = time.perf_counter() - began
        talked = time.process_time() - own
        grown = sum(now - served.get(pid, 0.0) for pid, now in _served().items())
        return Ran(count, turns, took, _of(found) - before, grown, talked)


def _of(found: "list[tuple[subprocess.Popen[bytes], str]]") -> float:
    times = [psutil.Process(process.pid).cpu_times() for process, _ in found]
    return sum(each.user + each.system for each in times)


def page(ran: list[Ran], people: int, seconds: float) -> str:
    """The page, in Markdown; the last ran with four workers."""
    one, four = ran[0], ran[-1]
    rows = [
        f"| {each.workers} | {each.turns} | {each.turns / each.seconds:.1f} | {each.ms(each.own):.1f} |"
        f" {each.ms(each.served):.1f} | {each.ms(each.people):.1f} | {one.cost / each.cost:.2f} |"
        for each in ran
    ]
    alone = 1000 / one.ms(one.own)
    apart = 4 * 1000 / four.ms(four.own)
    together = min(apart, 4 * 1000 / four.cost)
    return _PAGE.format(
        date=date.today().isoformat(),
        commit=_commit(),
        machine=_machine(),
        load=os.getloadavg()[1],
        people=people,
        seconds=seconds,
        rows="\n".join(rows),
        one=one.ms(one.own),
        alone=alone,
        apart=apart,
        apart_share=apart / (4 * alone),
        together=together,
        together_share=together / (4 * alone),
    )


@click.command()
@click.option("--model", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--people", default=8, help="Spread over the workers.")
@click.option("--seconds", default=20.0, help="For each number of workers.")
@click.option("--write", "writes", is_flag=True, help="Write docs/scaling.md.")
def main(model: Path, people: int, seconds: float, writes: bool) -> None:
    """Measure, print."""
    with database_of(_DATABASE, keep=False) as (database, _):
        ran = []
        for count in (1, 2, 3, 4):
            ran.append(measure(count, database.url, model, people, seconds))
            click.echo(f"{ran[-1]}, {ran[-1].cost:.1f} ms a turn", err=True)
    shown = page(ran, people, seconds)
    click.echo(shown)
    if writes:
        _DOCUMENT.write_text(shown, "utf-8")


if __name__ == "__main__":
    main()
