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
from tests.torture.killing import one_worker, three_workers
from tests.torture.report import PAGE, page, table
from tests.torture.trouble import full_postgres, full_sqlite, telegram_away

Fault = Callable[[Path, Path, argparse.Namespace], Awaitable[Finding]]

FAULTS: dict[str, Fault] = {
    "one": lambda folder, model, asked: one_worker(
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
}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often a worker is killed")
    parser.add_argument("--people", type=int, default=30, help="how many report at once")
    parser.add_argument("--minutes", type=float, default=60, help="kill for no longer than this")
    parser.add_argument("--only", nargs="*", choices=sorted(FAULTS), help="only these faults")
    parser.add_argument("--model", type=Path, help="a trained model; trained when needed")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


async def main() -> int:
    """Run what was asked for; 1 when anything was lost, doubled or wrong."""
    asked = _asked()
    random.seed(asked.seed)
    print(f"seed {asked.seed}", file=sys.stderr)
    model = asked.model or ensure_model(ROOT / "data" / "models")
    findings = []
    for name in asked.only or FAULTS:
        with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
            began = time.monotonic()
            try:
                finding = await FAULTS[name](Path(folder), model, asked)
            except PermissionError as error:
                print(f"{name}: not tried, {error}", file=sys.stderr)
                continue
        findings.append(finding)
        print(f"{finding.fault}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        for sentence in finding.wrong:
            print(f"  {sentence}", file=sys.stderr)
    print(table(findings))
    if asked.write:
        PAGE.write_text(page(findings, asked.people), encoding="utf-8")
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
