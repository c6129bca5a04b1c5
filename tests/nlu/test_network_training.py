"""What the network's training reckons: its convolution beside TensorFlow's own, and messages that do not touch each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu import network_training
from nlu.encoder import BRANCHES
from nlu.network_training import (
    NetworkSettings,
    _Trainer,
    convolved,
    dropped,
    multiplies_halves,
    normed,
)

_MESSAGES, _LENGTH, _IN, _OUT = 3, 7, 4, 5


@pytest.mark.parametrize(("halves", "near"), [(False, 1e-5), (True, 5e-2)])
@pytest.mark.parametrize(("width", "left"), [*BRANCHES, (1, 0)])
def test_the_convolution_and_its_gradient_are_those_of_tensorflow(
    width: int, left: int, halves: bool, near: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf  # type: ignore[import-untyped] # installed without stubs

    monkeypatch.setattr(network_training, "multiplies_halves", lambda: halves)
    rng = np.random.default_rng(width)
    x = tf.constant(rng.normal(size=(_MESSAGES, _LENGTH, _IN)).astype(np.float32))
    kernel = tf.constant(rng.normal(size=(width, _IN, _OUT)).astype(np.float32))
    weight = tf.constant(rng.normal(size=(_MESSAGES, _LENGTH, _OUT)).astype(np.float32))

    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        padded = tf.pad(x, [[0, 0], [left, width - 1 - left], [0, 0]])
        wanted = tf.nn.conv1d(padded, kernel, 1, "VALID")
        total = tf.reduce_sum(wanted * weight)
    wanted_gradients = tape.gradient(total, [x, kernel])

    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        rows, flat = tf.reshape(x, (-1, _IN)), tf.reshape(kernel, (-1, _OUT))
        found = tf.reshape(convolved(rows, flat, _LENGTH, width, left), wanted.shape)
        total = tf.reduce_sum(found * weight)
    gradients = tape.gradient(total, [x, kernel])

    assert np.allclose(found, wanted, rtol=1e-6, atol=1e-6) is not halves
    for one, other in [(found, wanted), *zip(gradients, wanted_gradients, strict=True)]:
        scale = float(
            np.abs(other).max()
        )  # bfloat16 keeps eight bits of each number that is multiplied
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=near * scale)


def test_only_a_processor_that_knows_numbers_of_16_bits_multiplies_them(tmp_path: Path) -> None:
    new, old, none = tmp_path / "new", tmp_path / "old", tmp_path / "none"
    new.write_text("flags\t: fpu avx512f avx512_bf16 vnni\n")
    old.write_text("flags\t: fpu avx2 avx512f\n")

    assert multiplies_halves(new)
    assert not multiplies_halves(old)
    assert not multiplies_halves(none)


def test_rows_are_normed_and_so_is_their_gradient() -> None:
    import tensorflow as tf

    rng = np.random.default_rng(3)
    x = tf.constant(rng.normal(2, 3, size=(5, 11)).astype(np.float32))
    weight = tf.constant(rng.normal(size=(5, 11)).astype(np.float32))

    def plainly(x: Any) -> Any:
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        variance = tf.reduce_mean(centred * centred, -1, keepdims=True)
        return centred * tf.math.rsqrt(variance + 1e-3)

    outcomes = []
    for norm in (plainly, lambda x: normed(x, 1e-3)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            out = norm(x)
            total = tf.reduce_sum(out * weight)
        outcomes.append((out, tape.gradient(total, x)))

    (wanted, wanted_gradient), (found, gradient) = outcomes
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradient, wanted_gradient, rtol=1e-4, atol=1e-6)
    assert np.abs(gradient).max() > 0.01


@pytest.mark.parametrize("rate", [0.1, 0.15])
def test_a_share_of_the_numbers_is_dropped_and_their_mean_stays(rate: float) -> None:
    import tensorflow as tf

    tf.random.set_seed(5)
    x = tf.ones((301, 67))
    found = dropped(x, rate).numpy()

    assert found.shape == (301, 67)
    assert np.mean(found == 0) == pytest.approx(rate, abs=0.01)
    assert found.mean() == pytest.approx(1, abs=0.01)
    assert len(np.unique(found)) == 2
    assert (dropped(x, rate).numpy() != found).any()


def test_messages_of_a_batch_do_not_touch_each_other(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(network_training, "multiplies_halves", lambda: False)
    monkeypatch.setattr(network_training, "dropped", lambda x, _rate: x)
    pieces = np.arange(100, 120)
    settings = NetworkSettings(piece_dropout=0)
    trainer = _Trainer(settings, ("a", "b", "c"), ("since", "sex=male"), pieces)
    rng = np.random.default_rng(1)
    ids = np.array([[3, 7, 2, 0, 0, 0], [5, 1, 9, 4, 8, 6]], dtype=np.int32)
    intents = np.array([2, -1], dtype=np.int32)
    facts = rng.integers(0, 2, size=(2, 6, 2)).astype(np.float32)
    fresh = ("intent_W", "intent_S", "fact_A", "fact_S", "fact_B", "attend_near", "attend_o")
    for name in fresh:  # far from nothing
        array = trainer.weights[name]
        array.assign(rng.normal(size=array.shape).astype(np.float32) * 0.1)

    together = trainer._loss(ids, intents, facts)
    short = trainer._loss(ids[:1, :3], intents[:1], facts[:1, :3])
    long = trainer._loss(ids[1:], intents[1:], facts[1:])

    assert float(together) == pytest.approx((float(short) + float(long)) / 2, rel=1e-5)
    assert float(short) != pytest.approx(float(long), rel=1e-2)


def test_a_coded_fact_is_told_wherever_it_stands_and_only_where_it_is_heard() -> None:
    trainer = _Trainer(NetworkSettings(), ("a", "b"), ("since", "sex=male"), np.arange(100, 110))
    present = np.array([[1, 1, 1, 0]], dtype=np.float32)

    def lost(*scores: float, at: int | None) -> float:
        facts = np.zeros((1, 4, 2), dtype=np.float32)
        if at is not None:
            facts[0, at] = 1
        both = np.repeat(np.array(scores, dtype=np.float32)[None, :, None], 2, axis=2)
        return float(trainer._told(both, facts, present)[0])

    assert lost(4, -5, -5, 9, at=0) == pytest.approx(lost(-5, -5, 4, 9, at=1), rel=1e-5)
    assert lost(4, -5, -5, -9, at=0) < 0.05 < 3 < lost(4, -5, -5, -9, at=None)
    assert (
        lost(-5, -5, -5, 9, at=None) < 0.05 < 3 < lost(-5, -5, -5, 9, at=0)
    )  # padding tells nothing
