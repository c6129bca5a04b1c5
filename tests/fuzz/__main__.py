"""Strange messages by the thousand: ``python -m tests.fuzz --messages 25000 --seed 1 --write``.

A seed is a slice; slices may run one after another or side by side, and their counts add up. The
whole turn runs in this process, over SQLite in memory's file system where there is one: what is
tried is what becomes of a message, not the disk.
"""

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from bot.bootstrap import build
from bot.settings import load_settings
from bot.training import ROOT, ensure_model
from tests.conftest import NOW
from tests.fuzz.turns import A_TALK, Fuzz, talks
from tests.torture.report import PAGE, Table, made

ROW = ("slice", "messages and updates", "talks", "processor time", "findings", "made")
TABLE = Table(ROW)
_MEMORY = Path("/dev/shm")


def how_many(messages: int) -> Callable[[Any], Any]:
    """Settings for about so many messages of talks; what fails is made as short as can be."""
    return settings(
        max_examples=-(-messages // A_TALK),
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="which slice")
    parser.add_argument("--model", type=Path, help="a trained model; trained when needed")
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the row into docs/torture.md, in the place of the slice's row before",
    )
    return parser.parse_args()


def main() -> int:
    """Run a slice; 1 when something was found."""
    asked = _asked()
    model = asked.model or ensure_model(ROOT / "data" / "models")
    began, found = time.process_time(), 0
    in_memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=in_memory) as folder:
        house = build(load_settings(_env_file=None, data_dir=Path(folder), now=NOW), model)
        fuzz = Fuzz(house)

        @seed(asked.seed)
        @how_many(asked.messages)
        @given(talk=talks)
        def every_talk(talk: Any) -> None:
            fuzz.talk(talk)

        try:
            every_talk()
        except Exception:
            found = 1
            traceback.print_exc()
        house.database.close()
    spent = time.process_time() - began
    row = (f"{asked.seed}", f"{fuzz.sent}", f"{fuzz.talks}", f"{spent:.0f} s", f"{found}", made())
    print(TABLE.drawn([row]), flush=True)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(TABLE.merged(page, [row]), encoding="utf-8")
    return found


if __name__ == "__main__":
    sys.exit(main())
