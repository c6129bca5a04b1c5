"""Voices are weighed as much as they can be trusted."""

from __future__ import annotations

import numpy as np

from nlu.extractors import coded
from nlu.extractors.lone import VOICES
from nlu.measuring import weigh
from nlu.training_data import Example, Labelled, Span


def test_a_message_written_for_weighing_counts_more_than_a_held_out_one() -> None:
    held = weigh.Told.of(Example("俩娃", "inform", (Span("child_count", "2", 0, 1),)))
    written = weigh.Told.of(Labelled("俩娃", "inform", (("child_count", 2),)))
    assert held.facts == written.facts == {("child_count", 2.0)}
    assert written.counts > held.counts


def test_the_voice_that_tells_is_weighed_and_the_others_hardly() -> None:
    found, rng = weigh.Seen(), np.random.default_rng(1)
    for message in range(200):
        row = rng.normal(size=len(VOICES) + len(coded.KINDS)).tolist()
        found.add(row, row[0] > 0, message, 1.0, "")
        found.wanted += row[0] > 0
    bias, first, *others = weigh.fitted(found, "since")["all"]
    assert first > 3 * max(map(abs, others))
    assert abs(bias) < first


def test_where_too_little_was_heard_nothing_is_told() -> None:
    found = weigh.Seen()
    found.add([0.0] * (len(VOICES) + len(coded.KINDS)), True, 0, 1.0, "")
    assert weigh.fitted(found, "since")["all"][0] < 0


def test_of_each_message_the_candidate_that_weighs_most_is_looked_at() -> None:
    mask = weigh._best_of_each([0, 0, 1, 2, 2], np.array([0.1, 0.4, -1.0, 0.3, 0.2]))
    assert mask.tolist() == [False, True, True, True, False]


def test_the_border_heeds_how_often_a_message_counts() -> None:
    truth, scores = np.array([True, False, True, False]), np.array([2.0, 1.0, 0.5, 0.0])
    ones = np.ones(4)
    assert weigh._border(truth, scores, ones, 2.0) == 0.5
    assert weigh._border(truth, scores, np.array([9.0, 9.0, 1.0, 1.0]), 10.0) == 2.0
