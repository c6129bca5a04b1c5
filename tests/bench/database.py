"""What the database costs a turn: statements, commits, calls and milliseconds of the processor.

    python -m tests.bench.database MODEL [sqlite | postgres]

talks a conversation again and again, as the web chat and as Telegram, and prints a table a channel.
A call is a function entered, in Python or in C: a busy machine does not move that number.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.bootstrap import House, build, database_of
from bot.channels.web.transcript import TranscriptLines
from bot.conversation.messages import Incoming, Reply
from bot.conversation.outbox import Outbox
from bot.conversation.turn import Turns
from bot.settings import load_settings
from tests.bench.data import SAID
from tests.support.databases import empty_url

ROUNDS = 15
COLUMNS = ("statements", "commits", "calls", "ms")


class Nowhere:
    """A channel whose replies arrive at once."""

    async def send(self, address: str, reply: Reply) -> None:
        """Take it."""


class Counts:
    """What each part cost so far; ``counting`` is ``calls`` or ``ms``, as one spoils the other."""

    def __init__(self) -> None:
        self.parts: dict[str, Counter[str]] = defaultdict(Counter)
        self.counting = ""
        self._part: str | None = None

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Count the block for a part."""
        self._part, began = part, time.process_time()
        if self.counting == "calls":
            threading.setprofile(self._called)
            sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type] # takes none as sys does
            if self.counting == "ms":
                self.parts[part]["ms"] += (time.process_time() - began) * 1000
            self._part = None

    def sent(self, statement: str) -> None:
        """Note a statement, as the driver sends it."""
        if self._part and self.counting == "calls":
            which = "commits" if statement == "COMMIT" else "statements"
            self.parts[self._part][which] += not statement.startswith("BEGIN")

    def _called(self, _frame: Any, what: str, _: Any) -> None:
        if self._part and what in ("call", "c_call"):
            self.parts[self._part]["calls"] += 1


class CountedTurns(Turns):
    """Turns whose reading and writing is counted."""

    counts: Counts

    def _read(self, *args: Any) -> Any:
        with self.counts.on("read"):
            return super()._read(*args)

    def _write(self, *args: Any) -> Any:
        with self.counts.on("write"):
            return super()._write(*args)


def listen(house: House, counts: Counts) -> None:
    """Have every connection tell what it sends."""

    def opened(connection: Any, _record: Any) -> None:
        if house.database.is_sqlite:
            connection.set_trace_callback(counts.sent)
            return
        from psycopg2.extensions import cursor  # type: ignore[import-untyped] # no stubs

        class Telling(cursor):  # type: ignore[misc] # no stubs
            def execute(self, words: Any, values: Any = None) -> None:
                counts.sent(str(words))
                super().execute(words, values)

        connection.cursor_factory = Telling

    house.database.close()  # whatever is open does not tell
    event.listen(house.database.engine, "connect", opened)


def talk(house: House, turns: CountedTurns, channel: str, person: str) -> None:
    """One conversation from the first message to the filed report."""
    counts, loop, after = turns.counts, asyncio.new_event_loop(), 0
    outbox = Outbox(house.database, {channel: Nowhere()}, house.settings.clock)
    lines = TranscriptLines(house.database, house.inbox)
    loop.set_default_executor(ThreadPoolExecutor(1))
    for number, text in enumerate(SAID):
        message = Incoming(channel, person, f"{person}:{number}", house.settings.clock.now(), text)
        with counts.on("accept"):
            (conversation,) = house.inbox.accept_all([[message]], lambda _: False)[0].each
        assert isinstance(conversation, int)
        with counts.on("next"):
            inbox_id = house.inbox.next_open(conversation)
        turns.handle(inbox_id or 0)
        with counts.on("next"):
            house.inbox.next_open(conversation)
        with counts.on("send"):
            loop.run_until_complete(outbox.deliver(conversation))
        if channel == "web":
            with counts.on("lines"):
                found = loop.run_until_complete(lines.since(person, after))
            after = found[-1].id
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def measure(house: House, channel: str) -> dict[str, Counter[str]]:
    """What each part costs a conversation."""
    counts = Counts()
    turns = CountedTurns(
        house.database, house.inbox, house.understanding, house.talker, house.settings.clock
    )
    turns.counts = counts
    listen(house, counts)
    for number in range(ROUNDS + 3):
        counts.counting = "" if number < 2 else "calls" if number == 2 else "ms"
        talk(house, turns, channel, f"{channel} {number}")
    for part in counts.parts.values():
        part["ms"] /= ROUNDS  # type: ignore[assignment] # a fraction is as good
    return counts.parts


def main(model: Path, kind: str) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder, empty_url(kind, Path(folder)) as url:
        settings = load_settings(_env_file=None, data_dir=Path(folder), database_url=url)
        database = database_of(settings)
        database.upgrade()
        database.close()
        house = build(settings, model)
        for channel in ("web", "telegram"):
            parts = measure(house, channel)
            whole = Counter({name: sum(part[name] for part in parts.values()) for name in COLUMNS})
            print(f"{kind}, {channel}, a turn", *(f"{name:>11}" for name in COLUMNS))
            for name, part in (*parts.items(), ("all", whole)):
                print(f"{name:24}", *(f"{part[each] / len(SAID):11.2f}" for each in COLUMNS))
        house.database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "sqlite")
