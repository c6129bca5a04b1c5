from __future__ import annotations

from nlu.understanding import leaning


def test_an_urgent_reading_that_is_likely_enough_comes_first() -> None:
    ranking = [("inform", 0.6), ("report_emergency", 0.2), ("child_seeking_help", 0.1)]
    assert leaning(ranking)[0][0] == "report_emergency"
    assert [name for name, _ in leaning(ranking)][1:] == ["inform", "child_seeking_help"]


def test_a_faint_urgent_reading_changes_nothing() -> None:
    ranking = [("greet", 0.9), ("report_emergency", 0.05)]
    assert leaning(ranking) == tuple(ranking)


def test_a_clear_urgent_reading_keeps_its_own_share() -> None:
    ranking = [("report_emergency", 0.7), ("child_seeking_help", 0.2)]
    assert leaning(ranking) == tuple(ranking)
