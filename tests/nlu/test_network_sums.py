"""The sums of the training give what TensorFlow's own give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu import network_sums
from nlu.encoder import BRANCHES
from nlu.network_sums import convolved, dropped, multiplies_halves, normed

_MESSAGES, _LENGTH, _IN, _OUT = 3, 7, 4, 5


@pytest.mark.parametrize(("halves", "near"), [(False, 1e-5), (True, 5e-2)])
@pytest.mark.parametrize(("width", "left"), [*BRANCHES, (1, 0)])
def test_the_convolution_and_its_gradient_are_those_of_tensorflow(
    width: int, left: int, halves: bool, near: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf  # type: ignore[import-untyped] # installed without stubs

    monkeypatch.setattr(network_sums, "multiplies_halves", lambda: halves)
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
