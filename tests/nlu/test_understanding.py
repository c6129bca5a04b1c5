from __future__ import annotations

import numpy as np
import pytest

from nlu.classifier import evened
from nlu.understanding import leaning


def test_an_urgent_reading_that_is_likely_enough_comes_first() -> None:
    ranking = [("inform", 0.6), ("report_emergency", 0.2), ("child_seeking_help", 0.1)]
    found = leaning(ranking, 0.3)
    assert found[0] == ("report_emergency", 0.3)
    assert [name for name, _ in found][1:] == ["inform", "child_seeking_help"]


def test_a_faint_urgent_reading_changes_nothing() -> None:
    ranking = [("greet", 0.9), ("report_emergency", 0.05)]
    assert leaning(ranking, 0.05) == tuple(ranking)


def test_a_clear_urgent_reading_keeps_its_own_share() -> None:
    ranking = [("report_emergency", 0.7), ("child_seeking_help", 0.2)]
    assert leaning(ranking, 0.9) == tuple(ranking)


def test_what_was_written_seldom_is_not_drowned_by_what_was_written_often() -> None:
    shares = np.log(np.array([0.8, 0.2], dtype=np.float32))
    told = np.array([0.8, 0.2], dtype=np.float32)
    assert evened(told, shares, 0.0) == pytest.approx(told, abs=1e-5)
    assert evened(told, shares, 1.0) == pytest.approx([0.5, 0.5], abs=1e-5)
    assert evened(np.array([0.6, 0.4], dtype=np.float32), shares).argmax() == 1
