"""Look the locked dependencies up in the advisories, and hold what is found against what is accepted.

    python scripts/audit.py REPORT      # REPORT: what `pip-audit --format json` wrote

Ends with 0 when every finding is accepted, with 1 when one is not. Where the advisory service did
not answer, pip-audit skips packages and calls that clean; here it is said, and counts as nothing:
neither clean nor a failure, unless --strict is given, which ends with 3.
"""

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ACCEPTED = Path(__file__).resolve().parent.parent / "scripts" / "accepted-findings.yml"
EVERY = "*"
CLEAN, FOUND, WRONG, UNCHECKED = 0, 1, 2, 3


class AcceptedError(Exception):
    """The list of accepted findings cannot be used; the message says why."""


@dataclass(frozen=True)
class Finding:
    """An advisory that a locked package falls under; ``ids`` are its id and its aliases."""

    package: str
    version: str
    ids: frozenset[str]

    @property
    def name(self) -> str:
        """The package, its version, and what the advisory is called."""
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))}"


@dataclass(frozen=True)
class Acceptance:
    """A finding that is lived with: why, and until when somebody looks at it again.

    The id ``*`` stands for every finding of a package none of whose code is reached.
    """

    package: str
    id: str
    why: str
    until: date


@dataclass(frozen=True)
class Verdict:
    """What came of it: findings that are open or accepted, acceptances of nothing, what was skipped."""

    open: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    idle: tuple[Acceptance, ...]
    skipped: tuple[str, ...]
    checked: int


def acceptances(path: Path = ACCEPTED) -> list[Acceptance]:
    """The accepted findings.

    Raises:
        AcceptedError: an entry lacks something, or its reason is empty.
    """
    found = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        if set(entry) != {"package", "id", "why", "until"} or not str(entry["why"]).strip():
            raise AcceptedError(f"{path.name}: needs package, id, why and until: {entry}")
        if not isinstance(entry["until"], date):
            raise AcceptedError(f"{path.name}: until is no date: {entry['until']}")
        found.append(Acceptance(**entry))
    return found


def judge(report: dict[str, Any], accepted: list[Acceptance], today: date) -> Verdict:
    """Hold a report of pip-audit against what is accepted today."""
    findings, skipped, checked = [], [], 0
    for package in report["dependencies"]:
        if "skip_reason" in package:
            skipped.append(package["name"])
            continue
        checked += 1
        for advisory in package["vulns"]:
            ids = frozenset([advisory["id"], *advisory.get("aliases", ())])
            findings.append(Finding(package["name"], package["version"], ids))
    valid = [each for each in accepted if each.until >= today]
    lived_with = [f for f in findings if any(_is_meant(each, f) for each in valid)]
    idle = [each for each in accepted if not any(_is_meant(each, f) for f in findings)]
    return Verdict(
        open=tuple(f for f in findings if f not in lived_with),
        accepted=tuple(lived_with),
        idle=tuple(idle) if checked else (),
        skipped=tuple(skipped),
        checked=checked,
    )


def _is_meant(acceptance: Acceptance, finding: Finding) -> bool:
    return acceptance.package == finding.package and acceptance.id in {*finding.ids, EVERY}


def tell(verdict: Verdict, strict: bool) -> int:
    """Say what came of it; the exit code."""
    for finding in verdict.open:
        print(f"OPEN      {finding.name}")
    for finding in verdict.accepted:
        print(f"accepted  {finding.name}")
    for each in verdict.idle:
        print(f"idle      {each.package} {each.id}: accepted, but not found any more")
    print(f"{verdict.checked} packages looked up, {len(verdict.open)} findings open.")
    if verdict.open:
        return FOUND
    if verdict.skipped or not verdict.checked:
        print(
            f"NOT CHECKED: {len(verdict.skipped)} packages. The advisory service was not reachable "
            "or does not know them; this says nothing about whether they are sound."
        )
        return UNCHECKED if strict else CLEAN
    return CLEAN


def main(arguments: list[str]) -> int:
    """Read a report and tell."""
    paths = [word for word in arguments if not word.startswith("-")]
    try:
        text = Path(paths[0]).read_text(encoding="utf-8")
        report = json.loads(text) if text.strip() else {"dependencies": []}
        return tell(judge(report, acceptances(), date.today()), "--strict" in arguments)
    except (AcceptedError, IndexError, OSError, ValueError) as error:
        print(f"The audit cannot be made: {error}")
        return WRONG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
