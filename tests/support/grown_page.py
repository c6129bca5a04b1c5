"""What was measured in a database that has grown, as a page of the documentation."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.bench.page import _commit, _machine

_DOCUMENT = Path(__file__).parents[2] / "docs" / "grown.md"
_HEAD = """# When it has grown

Written by `python -m tests.support.grown --model MODEL --write` on {date} at commit `{commit}`: {machine},
PostgreSQL with its settings as installed (128 MB of shared buffers) on the same machine, which had other work, too: load
{load:.0f}, where 2 is full. Waiting times are of that machine; calls, processor time and statements tell more.

What is in it: {sizes}.

What is real in it and what is repeated: every case has a number, name, phone, place and facts of its own, sealed one by
one, and is found by them and by the words of its talk. What was said comes from 2,999 talks of 20 lines, each text
sealed once and copied into many rows, as are assessments, replies, details of the history and where a talk stands; the
last is there for thirty days only. Cases have arrived evenly over 700 days in 300 counties, 5 % of them are open. There
is no audit, and of conversations without a case only a few without lines. `docs/console-speed.md` tells how pages are timed.
"""
_TURN = """## A turn

The eight messages of one conversation, of new people, by turns in both databases: {turns} turns each. Calls are Python's call
events, which load does not move; the server's part is what the processes behind our connections took.

| a turn | empty | grown | grown to empty | aim |
| --- | ---: | ---: | ---: | --- |
"""
_PAGES = """
## Pages and searches

| p50 / p95, ms | grown | aim for p95 |
| --- | ---: | --- |
"""
_LOOKS = """
## What looks again and again

Milliseconds of one look from outside, and how many of its statements went through more than a thousand rows only to drop
them.

| looks for | every | ms | statements that scan |
| --- | --- | ---: | ---: |
"""


@dataclass(frozen=True)
class Turn:
    """Milliseconds of the processor on both sides, of waiting (sorted); calls; statements."""

    own: float
    served: float
    waited: list[float]
    calls: float
    statements: int
    scans: int


@dataclass(frozen=True)
class Look:
    """One look: how often it is taken, milliseconds, and statements that go through a table."""

    name: str
    often: str
    ms: float
    scans: int


@dataclass(frozen=True)
class Grown:
    """Everything that was measured."""

    sizes: dict[str, tuple[int, int]]
    turns: dict[str, Turn]
    looks: list[Look]
    pages: dict[str, list[float]]


def write(found: Grown, to_docs: bool) -> str:
    """The page, in Markdown; written into the documentation if wanted."""
    page = _page(found)
    if to_docs:
        _DOCUMENT.write_text(page, "utf-8")
    return page


def _page(found: Grown) -> str:
    sizes = ", ".join(
        f"{rows:,} rows of `{name}` ({size / 2**30:.1f} GB)"
        for name, (rows, size) in found.sizes.items()
    )
    head = _HEAD.format(
        load=os.getloadavg()[1],
        date=date.today().isoformat(),
        commit=_commit(),
        machine=_machine(),
        sizes=sizes,
    )
    empty, grown = found.turns["empty"], found.turns["grown"]
    lines = [head, _TURN.format(turns=len(grown.waited)) + "\n".join(_turn(empty, grown)), _PAGES]
    for name, times in found.pages.items():
        aim = 200 if name.startswith("search") else 100 if name.startswith("queue") else None
        lines[-1] += f"| {name} | {_cell(times)} | {_met(times, aim)} |\n"
    lines.append(_LOOKS)
    for look in found.looks:
        lines[-1] += f"| {look.name} | {look.often} | {look.ms:.1f} | {look.scans} |\n"
    return "\n".join(line.rstrip("\n") + "\n" for line in lines)


def _turn(empty: Turn, grown: Turn) -> list[str]:
    rows = (
        ("processor, our process, ms", empty.own, grown.own, ""),
        ("processor, the server's, ms", empty.served, grown.served, ""),
        ("processor together, ms", empty.own + empty.served, grown.own + grown.served, "1.10"),
        ("waited, p50, ms", _at(empty.waited, 0.5), _at(grown.waited, 0.5), ""),
        ("call events", empty.calls, grown.calls, "1.10"),
        ("different reading statements", empty.statements, grown.statements, ""),
        ("of them going through a table", empty.scans, grown.scans, "none"),
    )
    return [
        f"| {name} | {_shown(before)} | {_shown(after)} |"
        f" {f'{after / before:.2f}' if before else '–'} | {aim or '–'} |"
        for name, before, after, aim in rows
    ]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _met(times: list[float], aim: int | None) -> str:
    if aim is None or not times:
        return "–"
    return f"{aim}, {'met' if _at(sorted(times), 0.95) < aim else 'not met'}"


def _cell(times: list[float]) -> str:
    if not times:
        return "–"
    ordered = sorted(times)
    return f"{_at(ordered, 0.5):.0f} / {_at(ordered, 0.95):.0f}"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
