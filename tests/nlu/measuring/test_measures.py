from __future__ import annotations

from nlu.measuring.measures import Answer, Score, comparable, figures


def _answer(intent: str, said: str, confidence: float = 0.9, style: str = "plain") -> Answer:
    return Answer(
        intent, said, confidence, comparable([("age", 3)]), comparable([("age", 3.0)]), style
    )


def test_values_are_compared_by_what_they_mean() -> None:
    assert comparable([("age", 3), ("since", "2026-11-20T20:00:00+08:00")]) == comparable(
        [("age", "3.0"), ("since", "2026-11-20T12:00:00+00:00")]
    )


def test_figures_count_wrong_answers_above_the_threshold() -> None:
    result = figures([_answer("a", "a"), _answer("a", "b"), _answer("b", "b", 0.1)])
    assert result.accuracy == 2 / 3
    assert result.wrong_above == 0.5
    assert result.confusions == [("a", "b", 1)]
    assert result.entity_f1 == 1.0


def test_an_urgent_opener_taken_for_the_other_one_still_counts_as_heard() -> None:
    result = figures(
        [_answer("report_emergency", "child_seeking_help"), _answer("child_seeking_help", "greet")]
    )
    assert result.urgent_recall == 0.5


def test_styles_are_told_apart() -> None:
    result = figures([_answer("a", "a"), _answer("a", "b", style="terse")])
    assert result.styles["plain"][1] == 1.0
    assert result.styles["terse"][1] == 0.0


def test_an_empty_score_is_zero() -> None:
    assert Score().f1 == 0
