"""The page that keeps the newest table."""

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

import psutil

from tests.bench.data import ROOT
from tests.bench.paint import FirstLoad

CHANGES = Path(__file__).with_name("changes.md")


@dataclass(frozen=True)
class Figure:
    """What is measured; ``aim`` is ours as a share of stock's (more than one: times as many)."""

    key: str
    title: str
    unit: str
    aim: float


FIGURES = (
    Figure("start", "process start to the first answer", "s", 1 / 10),
    Figure("p50", "one turn, p50, one person at a time", "ms", 1 / 3),
    Figure("rate16", "turns a second, 16 people", "/s", 8),
    Figure("rate64", "turns a second, 64 people", "/s", 8),
    Figure("p95", "p95 of a turn, 16 people", "ms", 1 / 10),
    Figure("memory", "memory when serving", "MB", 1 / 2),
    Figure("training", "training", "s", 1 / 2),
)


@dataclass
class Measured:
    """The values of one side by figure, one a round."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, key: str, value: float) -> None:
        """Note one value."""
        self.values.setdefault(key, []).append(value)

    def middle(self, key: str) -> float | None:
        """The middle value, ``None`` when nothing was measured."""
        held = self.values.get(key)
        return median(held) if held else None


def table(own: Measured, stock: Measured) -> list[str]:
    """The comparison as a Markdown table."""
    lines = [
        "| | Hutong | stock Rasa | Hutong to stock | aim | met |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for figure in FIGURES:
        ours, theirs = own.middle(figure.key), stock.middle(figure.key)
        cells = [_shown(own, figure), _shown(stock, figure), "", _ratio(figure.aim), ""]
        if ours is not None and theirs:
            ratio = ours / theirs
            met = ratio >= figure.aim if figure.aim > 1 else ratio <= figure.aim
            cells[2], cells[4] = _ratio(ratio), _met(met)
        lines.append(f"| {figure.title} | {' | '.join(cells)} |")
    return lines


def _shown(side: Measured, figure: Figure) -> str:
    held = side.values.get(figure.key)
    if not held:
        return "not measured"
    spread = f" ({min(held):.4g} to {max(held):.4g})" if len(held) > 1 else ""
    return f"{median(held):.4g} {figure.unit}{spread}"


def _ratio(value: float) -> str:
    return f"{value:.1f} ×" if value > 1 else f"1/{1 / value:.1f}"


def parts_table(parts: dict[str, float]) -> list[str]:
    """The parts of a turn as a Markdown table."""
    whole = parts["whole turn"]
    lines = ["| part | ms a turn | share |", "| --- | --- | --- |"]
    for name, value in parts.items():
        lines.append(f"| {name} | {value:.2f} | {value / whole:.0%} |")
    return lines


@dataclass(frozen=True)
class Alone:
    """What is measured of ours alone: the share of a core that an idle process uses, a first load."""

    idle: float
    loaded: FirstLoad


@dataclass(frozen=True)
class Beside:
    """What stands beside the comparison: milliseconds a turn by part, and what is ours alone."""

    parts: dict[str, float]
    alone: Alone


def alone_table(alone: Alone) -> list[str]:
    """What has no counterpart in stock Rasa, as a Markdown table."""
    painted = alone.loaded.painted
    return [
        "| | measured | aim | met |",
        "| --- | --- | --- | --- |",
        f"| an idle process | {alone.idle:.2%} of a core | 1 % | {_met(alone.idle <= 0.01)} |",
        f"| the web chat's first load | {alone.loaded.weight / 1000:.1f} KB | 60 KB"
        f" | {_met(alone.loaded.weight <= 60_000)} |",
        f"| its first paint on a slow phone | {painted:.0f} ms | 1,000 ms | {_met(painted <= 1000)} |",
    ]


def _met(met: bool) -> str:
    return "yes" if met else "no"


def write(path: Path, own: Measured, stock: Measured, beside: Beside, notes: list[str]) -> None:
    """Write the page.

    Args:
        notes: how this run was made, one sentence each.
    """
    text = [
        "# Speed",
        "",
        "How quick Hutong is beside stock Rasa (its recommended Chinese pipeline with DIET, TED, a form,",
        "an action server, the REST channel, an SQL tracker on SQLite) on the same machine, training data",
        "and messages. `make bench` writes this page; each value is the middle of the rounds, with the",
        "least and the most.",
        "",
        f"Measured on {date.today().isoformat()} at commit `{_commit()}` on {_machine()}.",
        *[f"{note}" for note in notes],
        "",
        *table(own, stock),
        "",
        "## Parts of a turn",
        "",
        "Each part on its own, in one process without HTTP; the turn is one message from arrival to the",
        "reply sent, with its commits.",
        "",
        *parts_table(beside.parts),
        "",
        "## Alone",
        "",
        "A slow phone is Lighthouse's mobile profile: a processor four times slower, 150 ms there and",
        "back, 1.6 Mbit/s down (`tests/bench/paint.py`).",
        "",
        *alone_table(beside.alone),
        "",
        CHANGES.read_text(encoding="utf-8"),
    ]
    path.write_text("\n".join(text), encoding="utf-8")


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return said.stdout.strip() or "unknown"


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} cores, {memory:.0f} GB, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
