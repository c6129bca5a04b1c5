"""Where a turn's time goes: each part on its own, for one conversation after another.

    python -m tests.bench.parts MODEL

prints milliseconds a turn as JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from bot.bootstrap import House, build
from bot.conversation.lean import load_rasa
from bot.conversation.messages import Incoming, Reply
from bot.conversation.outbox import Outbox
from bot.conversation.turn import Turns
from bot.settings import load_settings
from nlu.extractors.danger import find_dangers
from nlu.extractors.fitting import fitting
from nlu.normaliser import normalise
from nlu.understanding import Understanding
from tests.bench.data import SAID

if TYPE_CHECKING:  # Rasa is loaded by ``build``
    from bot.conversation.brain import Brain

ROUNDS = 15
PARTS = ("normalise", "embed", "classify", "extract", "policy", "actions", "store", "send")


class Watch:
    """Adds up the seconds of each part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Count the block for a part."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[part] += time.perf_counter() - began


class Nowhere:
    """A channel whose replies arrive at once."""

    async def send(self, address: str, reply: Reply) -> None:
        """Take it."""


class TimedTurns(Turns):
    """Turns whose reading and writing is counted."""

    watch: Watch

    def _read(self, *args: Any) -> Any:
        with self.watch.on("store"):
            return super()._read(*args)

    def _write(self, *args: Any) -> Any:
        with self.watch.on("store"):
            return super()._write(*args)


def understanding_parts(held: Understanding, watch: Watch) -> None:
    """Count the parts of understanding over one conversation."""
    now = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
    for text in SAID:
        with watch.on("normalise"):
            normal = normalise(text)
        with watch.on("embed"):
            reading = held.network.read(normal.text)
        with watch.on("classify"):
            row = held.grams.space.row(normal.text)
            intents = held.ranking(normal.text, reading, row)
        with watch.on("extract"):
            told = held.told.margins(row)
            facts = held.extractor.find(normal, reading, now, told, dict(intents))
            fitting(facts, intents[0][0], text)
            find_dangers(text)


def conversation(house: House, turns: TimedTurns, outbox: Outbox, person: str) -> None:
    """Count the parts of the turns of one conversation."""
    watch = turns.watch
    for number, text in enumerate(SAID):
        with watch.on("whole turn"):
            with watch.on("store"):
                message = Incoming("web", person, f"{person}:{number}", _now(house), text)
                conversation_id = house.inbox.accept(message)
                assert conversation_id is not None
                inbox_id = house.inbox.next_open(conversation_id)
                assert inbox_id is not None
            turns.handle(inbox_id)
            with watch.on("send"):
                asyncio.run(outbox.deliver(conversation_id))


def _now(house: House) -> datetime:
    return house.settings.clock.now()


def timed(watch: Watch) -> Callable[[Path], Any]:
    """What makes a processor whose policy and actions are counted."""
    load_rasa()
    from bot.conversation.processor import TurnProcessor

    class TimedProcessor(TurnProcessor):
        def predict_next_with_tracker_if_should(self, tracker: Any) -> Any:
            with watch.on("policy"):
                return super().predict_next_with_tracker_if_should(tracker)

        async def _run_action(self, *args: Any) -> bool:
            with watch.on("actions"):
                return await super()._run_action(*args)

    return TimedProcessor


def measure(model: Path) -> dict[str, float]:
    """Milliseconds a turn of each part: the middle of the rounds."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(_env_file=None, data_dir=Path(folder))
        house = build(settings, model, processor=timed(watch))
        turns = TimedTurns(
            house.database, house.inbox, house.understanding, house.talker, settings.clock
        )
        turns.watch = watch
        outbox = Outbox(house.database, {"web": Nowhere()}, settings.clock)
        held = cast("Brain", house.talker).interpreter.understanding
        rounds = []
        for number in range(ROUNDS + 2):
            watch.seconds.clear()
            understanding_parts(held, watch)
            conversation(house, turns, outbox, f"person {number}")
            rounds.append(dict(watch.seconds))
        house.database.close()
    names = (*PARTS, "whole turn")
    return {name: median(each[name] for each in rounds[2:]) / len(SAID) * 1000 for name in names}


if __name__ == "__main__":
    json.dump(measure(Path(sys.argv[1])), sys.stdout)
