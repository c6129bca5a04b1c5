"""All faults one after another, and a table of what came of them: ``python -m tests.torture``."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.training import ROOT, ensure_model
from tests.torture.findings import Finding
from tests.torture.flood import Flooding, flooded, over_telegram, over_the_web
from tests.torture.killing import one_worker, one_workers_clerks, three_workers
from tests.torture.report import FAULT_TABLE, FLOOD_TABLE, PAGE, fault_row, flood_row
from tests.torture.trouble import full_postgres, full_sqlite, telegram_away

Fault = Callable[[Path, Path, argparse.Namespace], Awaitable[Finding | Flooding]]

FAULTS: dict[str, Fault] = {
    "one": lambda folder, model, asked: one_worker(
        folder, model, asked.kills, asked.people, asked.minutes
    ),
    "clerks": lambda folder, model, asked: one_workers_clerks(
        folder, model, asked.kills, asked.people, asked.minutes
    ),
    "three": lambda folder, model, asked: three_workers(
        folder, model, asked.kills, asked.people, minutes=asked.minutes
    ),
    "postgres": lambda folder, model, asked: three_workers(
        folder, model, max(1, asked.kills // 5), asked.people, restarts=max(1, asked.kills // 10)
    ),
    "disk": lambda folder, model, asked: full_sqlite(
        folder, model, max(1, asked.kills // 10), asked.people
    ),
    "disk-postgres": lambda folder, model, asked: full_postgres(
        folder, model, max(1, asked.kills // 10), asked.people
    ),
    "telegram": lambda folder, model, asked: telegram_away(
        folder, model, max(1, asked.kills // 5), asked.people
    ),
    "flood": lambda folder, model, asked: flooded(
        folder, model, over_telegram, asked.floods, asked.others
    ),
    "flood-web": lambda folder, model, asked: flooded(
        folder, model, over_the_web, asked.floods, asked.others
    ),
}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often a worker is killed")
    parser.add_argument("--people", type=int, default=30, help="how many report at once")
    parser.add_argument("--floods", type=int, default=5, help="how many floods over each channel")
    parser.add_argument("--others", type=int, default=10, help="how many report during a flood")
    parser.add_argument("--minutes", type=float, default=60, help="kill for no longer than this")
    parser.add_argument("--only", nargs="*", choices=sorted(FAULTS), help="only these faults")
    parser.add_argument("--model", type=Path, help="a trained model; trained when needed")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the rows into docs/torture.md, in the place of those before",
    )
    return parser.parse_args()


async def main() -> int:
    """Run what was asked for; 1 when anything was lost, doubled or wrong."""
    asked = _asked()
    random.seed(asked.seed)
    print(f"seed {asked.seed}", file=sys.stderr)
    model = asked.model or ensure_model(ROOT / "data" / "models")
    holds = True
    for name in asked.only or FAULTS:
        result = await _tried(name, model, asked)
        if result is not None:
            _show(result, asked)
            holds = holds and result.holds
    return 0 if holds else 1


async def _tried(name: str, model: Path, asked: argparse.Namespace) -> Finding | Flooding | None:
    """What came of a fault; ``None`` where it cannot be tried."""
    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
        began = time.monotonic()
        try:
            result = await FAULTS[name](Path(folder), model, asked)
        except PermissionError as error:
            print(f"{name}: not tried, {error}", file=sys.stderr)
            return None
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    for sentence in result.wrong:
        print(f"  {sentence}", file=sys.stderr)
    return result


def _show(result: Finding | Flooding, asked: argparse.Namespace) -> None:
    """Print the row, and put it into the page if that was asked for."""
    if isinstance(result, Finding):
        table, row = FAULT_TABLE, fault_row(result, asked.people)
    else:
        table, row = FLOOD_TABLE, flood_row(result)
    print(table.drawn([row]), flush=True)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(table.merged(page, [row]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
