"""A training goes on from what a long one left: its weights, by name of intent and fact, and the vectors of its pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu import begun, network_training
from nlu.network_training import NetworkSettings, Trained
from nlu.training_data import DATA, FACTS, Example, read_training


@pytest.fixture(scope="module")
def left(small_examples: list[Example]) -> Trained:
    """A short training."""
    return network_training.train(small_examples, settings=NetworkSettings(epochs=8, batch=8))


def test_what_is_kept_is_read_again(left: Trained, tmp_path: Path) -> None:
    path = tmp_path / "begun.npz"

    begun.keep(left, path)
    read = begun.load(path)

    assert (read.labels, read.facts, read.tuned) == (left.labels, left.facts, left.tuned)
    assert read.weights.keys() == left.weights.keys()
    for name, array in {**left.weights, "rows": left.rows}.items():
        again = read.rows if name == "rows" else read.weights[name]
        assert again.dtype == np.float32
        step = np.ptp(array, axis=-1 if name == "rows" else 0, keepdims=True) / 255
        assert (np.abs(again - array) <= step * 0.51 + 1e-7).all()


def test_a_training_goes_on_where_another_ended(
    left: Trained, small_examples: list[Example]
) -> None:
    still = NetworkSettings(epochs=1, batch=8, rate=0.0)

    on = network_training.train(small_examples, settings=still, begun=left)

    for name, array in left.weights.items():
        np.testing.assert_array_equal(on.weights[name], array)
    np.testing.assert_array_equal(on.rows, left.rows)


def test_it_is_told_how_far_the_training_has_come(small_examples: list[Example]) -> None:
    told: list[tuple[int, int]] = []
    settings = NetworkSettings(epochs=5, batch=2)

    network_training.train(
        small_examples, settings=settings, progress=lambda done, steps: told.append((done, steps))
    )

    assert told == [(50, 60)]


def test_intents_facts_and_pieces_are_gone_on_with_by_their_names(
    left: Trained, small_examples: list[Example]
) -> None:
    some = [example for example in small_examples if example.intent != "greet"]
    more = [*some, replace(small_examples[0], intent="a_new_one", text="鲲鹏展翅九万里")]
    still = NetworkSettings(epochs=1, batch=8, rate=0.0)

    on = network_training.train(more, settings=still, begun=left)

    assert "a_new_one" in on.labels and "greet" not in on.labels
    for label in set(on.labels) & set(left.labels):
        now, then = on.labels.index(label), left.labels.index(label)
        np.testing.assert_array_equal(
            on.weights["intent_W"][:, now], left.weights["intent_W"][:, then]
        )
    both = set(on.tuned) & set(left.tuned)
    assert both and both != set(on.tuned)
    for piece in both:
        np.testing.assert_array_equal(
            on.rows[on.tuned.index(piece)], left.rows[left.tuned.index(piece)]
        )


def test_what_comes_with_the_data_knows_all_its_intents_and_facts() -> None:
    held, beside = read_training(DATA), read_training(FACTS)
    kept = begun.load()

    assert set(kept.labels) == {example.intent for example in held}
    assert set(kept.facts) >= {
        network_training.fact_name(span) for example in [*held, *beside] for span in example.spans
    }
