"""How quick the console is with many cases: ``python -m tests.support.bench_console --help``.

Fills databases of their own with invented cases, asks the console's pages over HTTP, and prints a
table of milliseconds; with ``--write`` into ``docs/console-speed.md``. What was filled is deleted.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import httpx

from bot.bootstrap import House, build
from bot.clock import SHANGHAI, Clock
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Incoming
from bot.database import Database
from bot.settings import load_settings
from tests.bench.data import SAID
from tests.support.bench_page import Measured, as_page, keep, read_kept
from tests.support.console import Desk, served, sign_in
from tests.support.databases import migrated_database
from tests.support.many_cases import ManyCases, look_around

_KEY = b"bench"
_TIMES = 60
"""Requests of each kind; the first few, which fill caches, are not counted."""
_WARMING = 5
_TALKS = 8
"""Conversations of each database, the first not counted."""
_DOCUMENT = Path(__file__).parents[2] / "docs" / "console-speed.md"


def hashed(value: str) -> str:
    """A keyed hash, as the program's own."""
    return hmac.new(_KEY, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, over HTTP."""

    client: httpx.Client
    csrf: str

    def get(self, path: str) -> float:
        """Ask for a page; milliseconds."""
        return _timed(lambda: self.client.get(f"/staff{path}"))

    def find(self, query: str) -> float:
        """Search; milliseconds."""
        form = {"csrf": self.csrf, "query": query}
        return _timed(lambda: self.client.post("/staff/search", data=form))


def _timed(ask: Callable[[], httpx.Response]) -> float:
    begin = time.perf_counter()
    answer = ask()
    took = (time.perf_counter() - begin) * 1000
    answer.raise_for_status()
    return took


@contextmanager
def person(desk: Desk, url: str, name: str, role: str, region: str) -> Iterator[Person]:
    """Somebody with an account, signed in."""
    row = desk.account(name, role, region)
    with httpx.Client(base_url=url, follow_redirects=True, timeout=120) as client:
        sign_in(client, row, desk.clock.now())
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/staff/self").text)
        assert found, "not signed in"
        yield Person(client, found.group(1))


def measure(database: Database) -> dict[str, list[float]]:
    """Milliseconds of each kind of request, in a database that was filled."""
    desk, filled = Desk(database, Clock(), hashed=hashed), look_around(database)
    now = f"{time.time():.0f}"  # other people than in an earlier run

    def turns(
        ask: Callable[[str], float], values: Sequence[str], times: int = _TIMES
    ) -> list[float]:
        try:
            return [ask(value) for value in islice(cycle(values), times)][_WARMING:]
        except httpx.HTTPStatusError as error:  # the other pages are measured all the same
            click.echo(f"not measured: {error.request.url.path}", err=True)
            return []

    tails = [number[-3:] for number in filled.numbers]
    cases = [f"/cases/{number}" for number in filled.numbers]
    with served(desk) as url, ExitStack() as stack:
        country = stack.enter_context(person(desk, url, f"country {now}", "county", ""))
        county = stack.enter_context(person(desk, url, f"county {now}", "worker", "440703"))
        return {
            "queue, whole country": turns(country.get, ["/"]),
            "queue, one county": turns(county.get, ["/"]),
            "queue, filtered": turns(
                country.get, ["/?status=new&unit=police", "/?type=child_self"]
            ),
            "queue, ended cases": turns(country.get, ["/?status=closed", "/?status=duplicate"]),
            "search, number": turns(country.find, filled.numbers),
            "search, last letters": turns(country.find, tails),
            "search, phone": turns(country.find, filled.phones),
            "search, name": turns(country.find, filled.names),
            "search, rare words": turns(country.find, filled.estates),
            "search, common words": turns(country.find, filled.common),
            "search, common words, one county": turns(county.find, filled.common),
            "case": turns(country.get, cases),
            "overview, 30 days": turns(country.get, ["/overview"], _WARMING + 10),
        }


def measure_turns(model: Path, filled: Database, empty: Database) -> dict[str, list[float]]:
    """Milliseconds of turns of new people, taken by turns in both databases."""
    with TemporaryDirectory(prefix="hutong-bench-") as folder:
        built = build(load_settings(_env_file=None, data_dir=Path(folder)), model)
        times: dict[str, list[float]] = {"a turn": [], "a turn, empty database": []}
        houses = [
            replace(built, database=each, inbox=Inbox(each, _KEY, built.settings.clock))
            for each in (filled, empty)
        ]
        for number in range(_TALKS):
            for house, (name, held) in zip(houses, times.items(), strict=True):
                took = list(_talk(house, f"{name} {number}"))
                held += took if number else []  # the first fills caches
        built.database.close()
        return times


def _talk(house: House, sender: str) -> Iterator[float]:
    for number, text in enumerate(SAID):
        message = Incoming("web", sender, f"{sender}:{number}", house.settings.clock.now(), text)
        begin = time.perf_counter()
        conversation = house.inbox.accept(message)
        assert conversation is not None
        waiting = house.inbox.next_open(conversation)
        assert waiting is not None
        house.turns.handle(waiting)
        yield (time.perf_counter() - begin) * 1000


def run(kind: str, count: int, folder: Path, model: Path | None) -> Measured:
    """Fill a database of that kind, measure, and delete it."""
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    (folder / "empty").mkdir()
    with (
        migrated_database(kind, folder) as database,
        migrated_database(kind, folder / "empty") as empty,
    ):
        begin = time.monotonic()
        ManyCases(database, hashed, now).fill(count)
        seconds = time.monotonic() - begin
        click.echo(f"{kind}, {count:,} cases: filled in {seconds:.0f} s", err=True)
        times = measure(database)
        if model:
            times |= measure_turns(model, database, empty)
        return Measured(kind, count, times)


@click.command()
@click.option("--cases", "counts", multiple=True, type=int, default=(1000, 100_000))
@click.option("--kind", "kinds", multiple=True, default=("sqlite", "postgres"))
@click.option(
    "--kept", type=click.Path(path_type=Path), help="A file that keeps what was measured."
)
@click.option("--model", type=click.Path(path_type=Path), help="Measure turns with it, too.")
@click.option("--write", is_flag=True, help="Write docs/console-speed.md.")
def main(
    counts: tuple[int, ...],
    kinds: tuple[str, ...],
    kept: Path | None,
    model: Path | None,
    write: bool,
) -> None:
    """Fill, measure, print."""
    measured = read_kept(kept) if kept and kept.exists() else []
    for count in counts:
        for kind in kinds:
            with TemporaryDirectory(prefix="hutong-bench-") as folder:
                measured = [m for m in measured if (m.kind, m.count) != (kind, count)]
                measured.append(run(kind, count, Path(folder), model))
                if kept:
                    keep(kept, measured)
                    click.echo(as_page(measured[-1:]), err=True)
    page = as_page(measured)
    click.echo(page)
    if write:
        _DOCUMENT.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
