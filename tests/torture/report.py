"""The table of findings, for the terminal and for the page in ``docs/``."""

import subprocess
from collections.abc import Sequence
from datetime import date

from bot.training import ROOT
from tests.torture.findings import Finding

PAGE = ROOT / "docs" / "torture.md"
_HEAD = (
    "| fault | times tried | conversations | messages | lost | doubled | contradictions "
    "| replies sent again | told to call | slowest answer |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def table(findings: Sequence[Finding]) -> str:
    """A row a fault, in Markdown."""
    rows = [
        f"| {f.fault} | {f.tried} | {f.conversations} | {f.messages} | {f.lost} | {f.doubled} "
        f"| {len(f.wrong)} | {f.resent} | {f.told + f.apologies} | {f.slowest:.1f} s |"
        for f in findings
    ]
    return "\n".join([_HEAD, *rows])


def page(findings: Sequence[Finding], people: int) -> str:
    """The page, with the commit and the day."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return f"""# What happens when the program is broken on purpose

`make torture` runs `hutong serve` with the trained model against a local Bot API server, lets
{people} people report a child each at the same time, and breaks what can break. Whoever has filed
is followed by somebody else until the breaking is over. Afterwards the database and what arrived
on each phone are compared: one case each with the right facts, every message once and in order in
the transcript, every reply delivered in the order of the transcript. A reply may arrive twice
where a worker died between sending it and noting that it was sent; those are counted apart.

Workers are forked from a process that has imported the libraries and read the dictionaries;
settings, database, model and server are each worker's own. `KILLS=5 make torture` is quicker; a
short part runs with the ordinary tests (`tests/torture/test_torture.py`).

{table(findings)}

*Slowest answer* is the longest that anybody waited for the next reply, starts of the program
included. Made on {date.today().isoformat()} at commit {commit} by `make torture`, on two cores.
"""
