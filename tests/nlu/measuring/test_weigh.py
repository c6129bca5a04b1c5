"""Voices are weighed as much as they can be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.extractors import coded
from nlu.extractors.lone import VOICES
from nlu.extractors.weighed import Scales
from nlu.measuring import weigh
from nlu.training_data import Example, Labelled, Span


def test_a_message_written_for_weighing_counts_more_than_a_held_out_one() -> None:
    held = weigh.Told.of(Example("俩娃", "inform", (Span("child_count", "2", 0, 1),)))
    written = weigh.Told.of(Labelled("俩娃", "inform", (("child_count", 2),)))
    assert held.facts == written.facts == {("child_count", 2.0)}
    assert written.counts > held.counts


def test_the_voice_that_tells_is_heeded_and_the_others_are_not() -> None:
    found, rng = weigh.Seen(), np.random.default_rng(1)
    for message in range(2000):
        row = rng.normal(size=len(VOICES) + len(coded.KINDS)).tolist()
        found.add(row, row[0] > 0, message, 1.0, "")
        found.wanted += row[0] > 0
    learnt = weigh.fitted(found, "since")
    rows = rng.normal(size=(400, len(VOICES) + len(coded.KINDS)))
    right = [(learnt.score(row.tolist()) > 0) == (row[0] > 0) for row in rows]
    assert np.mean(right) > 0.85


def test_voices_may_tell_only_together() -> None:
    found, rng = weigh.Seen(), np.random.default_rng(2)
    for message in range(1200):
        row = rng.normal(size=4).tolist()
        found.add(row, row[0] * row[1] > 0, message, 1.0, "nobody" if message % 2 else "sibling")
        found.wanted += row[0] * row[1] > 0
    learnt = weigh.fitted(found, "carer")
    rows = rng.normal(size=(400, 4))
    right = [(learnt.score(row.tolist(), "nobody") > 0) == (row[0] * row[1] > 0) for row in rows]
    assert np.mean(right) > 0.8  # no sum of single weights does better than half


def test_where_too_little_was_heard_nothing_is_told() -> None:
    found = weigh.Seen()
    found.add([0.0] * (len(VOICES) + len(coded.KINDS)), True, 0, 1.0, "")
    assert weigh.fitted(found, "since").score([9.0] * (len(VOICES) + len(coded.KINDS))) < 0


def test_a_network_is_kept_and_read_again() -> None:
    rng = np.random.default_rng(3)
    made = Scales(rng.normal(size=(4, 6)), rng.normal(size=5), ("male", "female"))
    again = Scales.of(made.kept())
    assert again.values == made.values
    numbers = rng.normal(size=3).tolist()
    assert again.score(numbers, "female") == pytest.approx(made.score(numbers, "female"), abs=0.02)


def test_of_each_message_the_candidate_that_weighs_most_is_looked_at() -> None:
    mask = weigh._best_of_each([0, 0, 1, 2, 2], np.array([0.1, 0.4, -1.0, 0.3, 0.2]))
    assert mask.tolist() == [False, True, True, True, False]


def test_the_border_heeds_how_often_a_message_counts() -> None:
    truth, scores = np.array([True, False, True, False]), np.array([2.0, 1.0, 0.5, 0.0])
    ones = np.ones(4)
    assert weigh._border(truth, scores, ones, 2.0) == 0.5
    assert weigh._border(truth, scores, np.array([9.0, 9.0, 1.0, 1.0]), 10.0) == 2.0
