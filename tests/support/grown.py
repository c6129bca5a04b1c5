"""What a million cases change: ``python -m tests.support.grown --help``.

Fills a PostgreSQL database with invented cases, and measures in it and in an empty one side by
side: turns, the console's pages and searches, and the looks that go on for ever. With ``--write``
into ``docs/grown.md``. What was filled is deleted, unless it is to be kept.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import psutil
from sqlalchemy import create_engine, text

from bot.bootstrap import House, build
from bot.cases.keeping import Keeping
from bot.cases.keyring import Keyring
from bot.clock import SHANGHAI, Clock
from bot.condition import Condition
from bot.conversation.inbox import Inbox
from bot.conversation.keeper import Keeper
from bot.conversation.messages import Incoming
from bot.conversation.outbox import Outbox
from bot.conversation.reminders import Reminders
from bot.conversation.watch import Watch
from bot.database import Database
from bot.meters import Meters
from bot.settings import load_settings
from tests.bench.data import SAID
from tests.support.bench_console import _KEY, hashed, measure
from tests.support.databases import MATERIAL, find_server, servers
from tests.support.grown_page import Grown, Look, Turn, write
from tests.support.many_cases import ManyCases
from tests.support.plans import asked_by

_TALKS = 9
"""Conversations in each database, the first not counted."""
_KEPT = Keeping(30, 730, 730, 30, 1095, 14)
"""As installed, save that transcripts are kept as long as cases: they are all there."""
_LARGE = 10_000


@contextmanager
def database_of(name: str, keep: bool) -> Iterator[tuple[Database, bool]]:
    """A database of that name on the local server, and whether it has just been made."""
    server = find_server(servers(os.environ), required=True)
    admin = create_engine(server, isolation_level="AUTOCOMMIT", future=True)
    with admin.connect() as connection:
        known = text("SELECT 1 FROM pg_database WHERE datname = :name")
        fresh = connection.execute(known, {"name": name}).first() is None
        if fresh:
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    url = server.set(database=name).render_as_string(hide_password=False)
    database = Database(url, Keyring(MATERIAL))
    try:
        database.upgrade()
        yield database, fresh
    finally:
        database.close()
        if not keep:
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def fill(database: Database, cases: int) -> None:
    """Fill it, with a bar that shows how far."""
    with click.progressbar(length=96, file=sys.stderr, item_show_func=str) as bar:

        def told(what: str) -> None:
            bar.update(1, what)

        now = datetime.now(SHANGHAI).replace(microsecond=0)
        ManyCases(database, hashed, now, told).fill(cases)


def sizes(database: Database) -> dict[str, tuple[int, int]]:
    """Rows and bytes (indexes and all) of each large table."""
    query = (
        "SELECT relname, reltuples::bigint, pg_total_relation_size(oid) FROM pg_class WHERE"
        f" relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > {_LARGE}"
        " ORDER BY 3 DESC"
    )
    with database.engine.connect() as connection:
        found = connection.execute(text(query))
        return {name: (int(rows), int(size)) for name, rows, size in found}


@dataclass
class Talks:
    """People who talk to a house, one turn after another, and what it costs."""

    house: House
    turns: int = 0
    own: float = 0.0
    waited: list[float] = field(default_factory=list)

    def talk(self, person: str, counted: bool = True) -> None:
        """One conversation, from the first message to the filed report."""
        for number, said in enumerate(SAID):
            begin, own = time.perf_counter(), time.process_time()
            self._turn(person, number, said)
            if counted:
                self.turns += 1
                self.own += time.process_time() - own
                self.waited.append((time.perf_counter() - begin) * 1000)

    def calls(self, person: str) -> int:
        """The call events of one conversation."""
        count = 0

        def one(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(one)
        try:
            self.talk(person, counted=False)
        finally:
            sys.setprofile(None)
        return count

    def _turn(self, person: str, number: int, said: str) -> None:
        now = self.house.settings.clock.now()
        message = Incoming("web", person, f"{person}:{number}", now, said)
        conversation = self.house.inbox.accept(message)
        self.house.turns.handle(self.house.inbox.next_open(conversation or 0) or 0)

    def of_server(self) -> float:
        """Seconds of the processor that the database's side has taken for our connections."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        with self.house.database.engine.connect() as connection:
            pids = [pid for (pid,) in connection.execute(text(query))]
        times = [psutil.Process(pid).cpu_times() for pid in pids]
        return sum(each.user + each.system for each in times)


def turns(model: Path, databases: dict[str, Database]) -> dict[str, Turn]:
    """What a turn costs in each database, taken by turns."""
    with TemporaryDirectory(prefix="hutong-grown-") as folder:
        built = build(load_settings(_env_file=None, data_dir=Path(folder)), model)
        clock = built.settings.clock
        talks = {
            name: Talks(replace(built, database=each, inbox=Inbox(each, _KEY, clock)))
            for name, each in databases.items()
        }
        served = dict.fromkeys(talks, 0.0)
        run = f"{time.time()}"
        for number in range(_TALKS):
            for name, each in talks.items():
                each.talk(f"{run} {number}", counted=number > 0)
                served[name] = each.of_server() - (served[name] if number == 0 else 0)
        found = {}
        for name, each in talks.items():
            statements = asked_by(each.house.database, partial(each.talk, f"{run} x", False))
            found[name] = Turn(
                own=each.own * 1000 / each.turns,
                served=served[name] * 1000 / each.turns,
                waited=sorted(each.waited),
                calls=each.calls(f"{run} y") / len(SAID),
                statements=len(statements),
                scans=_scans(statements),
            )
        built.database.close()
        return found


def _scans(statements: list[Any]) -> int:
    """How many of the statements went through more than a thousand rows to drop them."""
    return sum(any(step.dropped > 1000 for step in each.steps) for each in statements)


def looks(database: Database) -> list[Look]:
    """What looks for something again and again: how often, and what one look costs."""
    clock = Clock()
    inbox, watch = Inbox(database, _KEY, clock), Watch(database, clock)
    condition = Condition(database, clock, {"web"}, Meters())
    keeper = Keeper(database, inbox, _KEPT, clock)
    outbox = Outbox(database, {"web": object()}, clock)  # type: ignore[dict-item] # sends nothing
    every: tuple[tuple[str, str, Callable[[], Any]], ...] = (
        ("is anything left", "1 s", inbox.is_anything_left),
        ("unanswered messages", "1 s where something is left", lambda: inbox.waiting({"web"})),
        ("replies that have not left", "1 s where something is left", outbox.waiting),
        ("reminders that are due", "30 s", Reminders(database, clock).queue_due),
        ("cases that time makes worse", "300 s", watch.look),
        ("reports begun and left", "300 s", watch.mark_idle_reports),
        ("held chats", "300 s", watch.end_idle_holds),
        ("wishes to be forgotten", "600 s", keeper.look_soon),
        ("/ready", "each call", condition.ages),
        ("/metrics", "each call", condition._look),
        ("what was kept for long enough", "6 h", keeper.look),
    )
    found = []
    for name, often, look in every:
        look()  # what is due for once is done
        began = time.perf_counter()
        look()
        took = (time.perf_counter() - began) * 1000
        found.append(Look(name, often, took, _scans(asked_by(database, look))))
    return found


@click.command()
@click.option("--cases", default=1_000_000, help="How many.")
@click.option("--model", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--keep", is_flag=True, help="Keep what was filled, for another look.")
@click.option("--write", "writes", is_flag=True, help="Write docs/grown.md.")
def main(cases: int, model: Path, keep: bool, writes: bool) -> None:
    """Fill (unless it was filled and kept), measure, print."""
    with ExitStack() as stack:
        grown, fresh = stack.enter_context(database_of("hutong_grown", keep))
        empty, _ = stack.enter_context(database_of("hutong_empty", False))
        began = time.monotonic()
        if fresh:
            fill(grown, cases)
            click.echo(f"filled in {time.monotonic() - began:.0f} s", err=True)
        found = Grown(
            sizes=sizes(grown),
            turns=turns(model, {"grown": grown, "empty": empty}),
            looks=looks(grown),
            pages=measure(grown),
        )
    page = write(found, to_docs=writes)
    click.echo(page)


if __name__ == "__main__":
    main()
