"""The audit of dependencies: what nobody looked up is never called clean."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scripts.audit import ACCEPTED, Acceptance, AcceptedError, acceptances, judge, main, tell

TODAY = date(2026, 11, 21)
LIVED_WITH = Acceptance("leaky", "CVE-2026-1", "not used here", date(2026, 12, 31))


def package(name: str, *ids: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "vulns": [{"id": f"GHSA-{each}", "aliases": [each]} for each in ids],
    }


def skipped(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": "not found and could not be audited"}


def ends_with(
    packages: list[dict[str, Any]], accepted: tuple[Acceptance, ...] = (), strict: bool = False
) -> int:
    return tell(judge({"dependencies": packages}, list(accepted), TODAY), strict)


def test_sound_packages_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends_with([package("a"), package("b")]) == 0
    assert capsys.readouterr().out == "2 packages looked up, 0 findings open.\n"


def test_a_finding_that_nobody_accepted_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends_with([package("leaky", "CVE-2026-1")]) == 1
    assert "OPEN      leaky 1.0: CVE-2026-1, GHSA-CVE-2026-1" in capsys.readouterr().out


def test_an_accepted_finding_passes_under_any_of_its_names() -> None:
    assert ends_with([package("leaky", "CVE-2026-1")], (LIVED_WITH,)) == 0


def test_an_acceptance_is_for_its_package_its_finding_and_its_time() -> None:
    late = Acceptance("leaky", "CVE-2026-1", "not used here", date(2026, 11, 20))
    assert ends_with([package("leaky", "CVE-2026-1")], (late,)) == 1
    assert ends_with([package("other", "CVE-2026-1")], (LIVED_WITH,)) == 1
    assert ends_with([package("leaky", "CVE-2026-1", "CVE-2026-2")], (LIVED_WITH,)) == 1


def test_a_package_that_nothing_reaches_is_accepted_as_a_whole() -> None:
    whole = Acceptance("leaky", "*", "never started", date(2026, 12, 31))
    assert ends_with([package("leaky", "CVE-2026-1", "CVE-2026-2")], (whole,)) == 0
    assert ends_with([package("other", "CVE-2026-1")], (whole,)) == 1


def test_an_acceptance_of_what_is_not_found_any_more_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ends_with([package("leaky")], (LIVED_WITH,)) == 0
    assert "idle      leaky CVE-2026-1" in capsys.readouterr().out


@pytest.mark.parametrize("packages", [[], [skipped("a"), skipped("b")]])
def test_where_nobody_answered_nothing_is_called_clean(
    packages: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(packages, (LIVED_WITH,)) == 0
    said = capsys.readouterr().out
    assert "NOT CHECKED" in said and "0 packages looked up" in said
    assert "idle" not in said
    assert ends_with(packages, strict=True) == 3


def test_a_finding_counts_although_others_were_not_looked_up() -> None:
    assert ends_with([skipped("a"), package("leaky", "CVE-2026-1")]) == 1


def test_a_tool_that_wrote_nothing_is_not_taken_for_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").write_text("")
    assert main([str(tmp_path / "empty")]) == 0
    assert "NOT CHECKED" in capsys.readouterr().out
    (tmp_path / "broken").write_text("<html>")
    assert main([str(tmp_path / "broken")]) == 2
    (tmp_path / "open").write_text(json.dumps({"dependencies": [package("leaky", "CVE-1999-1")]}))
    assert main([str(tmp_path / "open")]) == 1


@pytest.mark.parametrize(
    "entry",
    [
        "- {package: a, id: b, until: 2027-01-01}",
        "- {package: a, id: b, why: '  ', until: 2027-01-01}",
        "- {package: a, id: b, why: c, until: soon}",
    ],
)
def test_an_acceptance_without_a_reason_or_a_day_is_refused(tmp_path: Path, entry: str) -> None:
    (tmp_path / "accepted.yml").write_text(entry, encoding="utf-8")
    with pytest.raises(AcceptedError):
        acceptances(tmp_path / "accepted.yml")


def test_the_list_of_the_house_can_be_read() -> None:
    assert ACCEPTED.is_file()
    assert all(each.why for each in acceptances())
