"""``python -m tests.bench``: both sides in turn, several rounds, and the page with the table."""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from nlu.training_data import FACTS
from tests.bench import load, page
from tests.bench.data import EPOCHS, ROOT, examples, own_project, stock_project
from tests.bench.page import Measured
from tests.bench.paint import first_load
from tests.bench.sides import Own, Side, Stock, place_model

_IDLE = 60.0  # seconds
out = Console(stderr=True)


def main() -> None:
    """Measure what the arguments ask for."""
    asked = _arguments()
    folder = Path(asked.folder).resolve()
    held = [*examples(asked.every), *examples(asked.every, FACTS)]
    own, stock = Own(folder / "own"), Stock(folder / "stock", asked.epochs)
    _prepare(own, stock, asked)
    notes = [
        f"{'Stock Rasa was' if asked.model else 'Both were'} trained on {len(held)} messages"
        + (f", one in {asked.every} of the data." if asked.every > 1 else ", the whole data."),
        f"{asked.rounds} rounds, {asked.seconds:.0f} s for each number of people;"
        f" load average at the beginning {os.getloadavg()[0]:.1f}.",
    ]
    if asked.epochs < EPOCHS:
        notes.append(
            f"Stock Rasa was trained for {asked.epochs} of its {EPOCHS} epochs: what a turn costs does"
            " not depend on their number, and the time of its training is reckoned from theirs."
        )
    if asked.model:
        notes.append("Hutong answered with a model that was trained before on the whole data.")
    notes += asked.note
    results = {own.name: Measured(), stock.name: Measured()}
    for side in (own, stock):
        _train_if_needed(side, asked, results[side.name])
    for number in range(asked.rounds + 1):
        for side in (own, stock) if number % 2 else (stock, own):
            # the first round compiles byte code and fills caches: it counts for nothing
            target = results[side.name] if number else Measured()
            out.print(f"round {number} of {asked.rounds}: {side.name} …")
            asyncio.run(_round(side, asked, target))
    beside = page.Beside(_parts(own), asyncio.run(_alone(own)))
    page.write(Path(asked.page), results[own.name], results[stock.name], beside, notes)
    print("\n".join(page.table(results[own.name], results[stock.name])))
    print("\n".join(page.parts_table(beside.parts)))
    print("\n".join(page.alone_table(beside.alone)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="take one training message in N")
    parser.add_argument(
        "--epochs",
        type=int,
        default=EPOCHS,
        help="of stock Rasa's training; the time is reckoned up",
    )
    parser.add_argument("--note", action="append", default=[], help="a sentence for the page")
    parser.add_argument("--train", action="store_true", help="train both anew and time it")
    parser.add_argument("--model", help="a trained model of ours to serve, instead of training")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each number of people")
    parser.add_argument("--conversations", type=int, default=10, help="of one person at a time")
    parser.add_argument("--folder", default=str(ROOT / "data" / "bench"), help="kept between runs")
    parser.add_argument("--page", default=str(ROOT / "docs" / "speed.md"))
    return parser.parse_args()


def _prepare(own: Own, stock: Stock, asked: argparse.Namespace) -> None:
    """Lay out both projects; what was trained for the same data before is kept."""
    held, beside = examples(asked.every), examples(asked.every, FACTS)
    stamp, made = stock.folder.parent / "stock.txt", f"{asked.every} {asked.epochs}"
    if not stamp.exists() or stamp.read_text() != made:
        _forget(stock.folder)
    _forget(own.folder)
    own_project(own.folder, held, asked.every)
    stock.folder.mkdir(parents=True, exist_ok=True)
    stock_project(stock.folder, [*held, *beside], asked.epochs)
    stamp.write_text(made)
    if asked.model:
        place_model(own, Path(asked.model))


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _train_if_needed(side: Side, asked: argparse.Namespace, measured: Measured) -> None:
    """Train a side that has no model; what an earlier run took is remembered."""
    name = f"training-{type(side).__name__}-{asked.every}-{asked.epochs}.json"
    kept = side.folder.parent / name
    given = isinstance(side, Own) and asked.model
    if asked.train or not side.trained():
        out.print(f"training {side.name} …")
        kept.write_text(json.dumps(side.train()))
    if kept.exists() and not given:
        measured.add("training", json.loads(kept.read_text()))


async def _round(side: Side, asked: argparse.Namespace, measured: Measured) -> None:
    try:
        measured.add("start", await load.first_answer(side))
        measured.add("p50", await load.one_by_one(side, asked.conversations))
        few = await load.at_once(side, 16, asked.seconds)
        measured.add("rate16", few.a_second)
        measured.add("p95", few.p95)
        measured.add("rate64", (await load.at_once(side, 64, asked.seconds)).a_second)
        measured.add("memory", side.memory())
    finally:
        side.stop()


async def _alone(own: Own) -> page.Alone:
    """What has no counterpart: an idle process, and the web chat's first load."""
    try:
        await load.first_answer(own)
        loaded = await first_load(own.url + "/")
        before = own.processor_time()
        await asyncio.sleep(_IDLE)
        return page.Alone((own.processor_time() - before) / _IDLE, loaded)
    finally:
        own.stop()


def _parts(own: Own) -> dict[str, float]:
    """The parts of a turn of ours, in a process of its own."""
    model = next((own.data / "models").glob("*.tar.gz"))
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.parts", str(model)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(said.stdout)
    return found


if __name__ == "__main__":
    main()
