"""What was measured of the console, kept and as a page of the documentation."""

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_HEAD = """# How quick the console is

Written by `python -m tests.support.bench_console --write`. Columns may come from several runs (`--kept`), each on the
machine as it was then; the measuring process may have had a higher priority than other work.

Time of a request from sending to the last byte, over HTTP on loopback, one at a time, sign-in,
rights, audit and templates included; p50 and p95 in milliseconds of {times} requests each, after a few
that were not counted. The cases are invented (`tests/support/many_cases.py`): {open} of them open,
of these {overdue} overdue; each has a transcript of ten lines, history, a follow-up, and about
60 marks that it is found by. {machine}
"""
_TAIL = """
"One county" is a worker who sees one county of {counties}; all others see the whole country.
"Last letters" are the last three of a case number; "rare words" is the name of an estate, "common
words" stand in an eighth of all cases and more. A search follows its rarest pair of characters,
newest case first, and opens 200 cases at most, so that its time does not grow with what is common.
Where columns with more cases show less than those with fewer, the machine was busier then: what the
database has to do for a page hardly grows, and most of the time is spent on making the page.
"""


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each kind of request with so many cases."""

    kind: str
    count: int
    times: dict[str, list[float]]


def keep(path: Path, measured: Sequence[Measured]) -> None:
    """Write down what was measured, for a later page."""
    path.write_text(json.dumps([asdict(each) for each in measured]), "utf-8")


def read_kept(path: Path) -> list[Measured]:
    """What ``keep`` wrote down."""
    return [Measured(**each) for each in json.loads(path.read_text("utf-8"))]


def as_page(measured: Sequence[Measured]) -> str:
    """The page, in Markdown."""
    from tests.support.many_cases import Shares

    shares = Shares()
    columns = sorted(measured, key=lambda each: (each.kind != "postgres", each.count))
    first = columns[0].times
    lines = [
        _HEAD.format(
            times=max(map(len, first.values())),
            open=f"{shares.open:.0%}",
            overdue=f"{shares.overdue:.0%}",
            machine=_machine(),
        )
    ]
    titles = [f"{_NAMES[each.kind]} {each.count:,}" for each in columns]
    lines.append("| p50 / p95, ms | " + " | ".join(titles) + " |")
    lines.append("| --- |" + " ---: |" * len(columns))
    for name in dict.fromkeys(name for each in columns for name in each.times):
        cells = [_cell(each.times.get(name)) for each in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n" + _TAIL.format(counties=shares.counties)


def _cell(times: list[float] | None) -> str:
    if not times:
        return "–"
    ordered = sorted(times)
    return f"{_at(ordered, 0.5):.0f} / {_at(ordered, 0.95):.0f}"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _machine() -> str:
    return (
        f"Measured on {os.cpu_count()} cores that had other work, too (load {os.getloadavg()[2]:.0f}"
        f" when this was written): Python {platform.python_version()}, SQLite"
        f" {sqlite3.sqlite_version}, PostgreSQL with its settings as installed (128 MB of shared"
        " buffers)."
    )
