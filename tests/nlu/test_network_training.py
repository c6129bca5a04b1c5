"""The convolution that is trained, checked against TensorFlow's own."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.encoder import BRANCHES
from nlu.network_training import convolved

_MESSAGES, _LENGTH, _IN, _OUT = 3, 7, 4, 5


@pytest.mark.parametrize(("width", "left"), BRANCHES)
def test_the_convolution_and_its_gradient_are_those_of_tensorflow(width: int, left: int) -> None:
    import tensorflow as tf  # type: ignore[import-untyped] # installed without stubs

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

    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    for one, other in zip(gradients, wanted_gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
