"""Tables of what came of the faults, for the terminal and for the page in ``docs/``.

Each row of the page says when and at which commit it was made. A run writes its own rows and leaves
the others as they are.
"""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.training import ROOT
from tests.torture.findings import Finding
from tests.torture.flood import Flooding

PAGE = ROOT / "docs" / "torture.md"
_PROGRAM = ("actions", "bot", "nlu", "tests", "config.yml", "domain.yml")


@dataclass(frozen=True)
class Table:
    """A table in Markdown whose rows are known by their first cell.

    Args:
        columns: the names in its head.
    """

    columns: tuple[str, ...]

    @property
    def head(self) -> list[str]:
        """The lines above the rows."""
        return [_line(self.columns), _line(["---"] * len(self.columns))]

    def drawn(self, rows: Iterable[Sequence[str]]) -> str:
        """The whole table."""
        return "\n".join([*self.head, *(_line(row) for row in rows)])

    def merged(self, page: str, rows: Iterable[Sequence[str]]) -> str:
        """A page in which these rows took the place of those with the same first cell.

        Raises:
            ValueError: the page holds no such table.
        """
        lines = page.splitlines()
        first = lines.index(self.head[0]) + 2
        last = next((i for i in range(first, len(lines)) if lines[i][:1] != "|"), len(lines))
        known = {line.split("|")[1].strip(): line for line in lines[first:last]}
        known.update({row[0]: _line(row) for row in rows})
        return "\n".join([*lines[:first], *known.values(), *lines[last:]]) + "\n"


FAULT_TABLE = Table(
    (
        "fault", "times tried", "people at once", "conversations", "messages", "lost", "doubled",
        "contradictions", "replies sent again", "told to call", "slowest answer", "made",
    )
)  # fmt: skip
FLOOD_TABLE = Table(
    (
        "flood over", "floods", "messages each", "taken", "told too fast", "others at once",
        "their p95 without", "their p95 meanwhile", "ratio", "danger answered within", "made",
    )
)  # fmt: skip


def fault_row(finding: Finding, people: int) -> list[str]:
    """A finding as a row."""
    told = finding.told + finding.apologies
    return [
        finding.fault,
        f"{finding.tried}" + (f": {finding.note}" if finding.note else ""),
        *map(str, (people, finding.conversations, finding.messages)),
        *map(str, (finding.lost, finding.doubled, len(finding.wrong), finding.resent, told)),
        f"{finding.slowest:.1f} s",
        made(),
    ]


def flood_row(flooding: Flooding) -> list[str]:
    """What came of floods as a row."""
    quiet, meanwhile = flooding.p95_quiet, flooding.p95_meanwhile
    return [
        flooding.way,
        *map(str, (flooding.floods, flooding.messages, flooding.taken, flooding.told)),
        str(flooding.people),
        f"{quiet:.2f} s ({len(flooding.quiet)} answers)",
        f"{meanwhile:.2f} s ({len(flooding.meanwhile)} answers)",
        f"{flooding.ratio:.2f}",
        f"{max(flooding.danger, default=0.0):.1f} s",
        made(),
    ]


def made() -> str:
    commit = _git("rev-parse", "--short", "HEAD").stdout.strip()
    changed = _git("diff", "--quiet", "HEAD", "--", *_PROGRAM).returncode
    return f"{date.today().isoformat()}, {commit}{'+' if changed else ''}"


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
