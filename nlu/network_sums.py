"""The sums of the network's training that TensorFlow would make in a slower way: products, the norm, what is dropped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any


def normed(x: Any, eps: float) -> Any:
    """Rows with mean 0 and spread 1 (Ba et al. 2016, without gain and offset); the gradient takes two passes, not seven.

    Args:
        x: shape (rows, columns).
        eps: what is added to the variance.
    """
    import tensorflow as tf  # type: ignore[import-untyped] # installed without stubs

    @tf.custom_gradient
    def norm(x: Any) -> Any:
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        scale = tf.math.rsqrt(tf.reduce_mean(centred * centred, -1, keepdims=True) + eps)
        out = centred * scale

        def gradient(above: Any) -> Any:
            mean = tf.reduce_mean(above, -1, keepdims=True)
            return (above - mean - out * tf.reduce_mean(above * out, -1, keepdims=True)) * scale

        return out, gradient

    return norm(x)


def dropped(x: Any, rate: float) -> Any:
    """Numbers of which a share, rounded to a 256th, is set to zero, the others made larger by as much (dropout).

    Four are drawn from the bits of one random number: to draw one for each takes a tenth of a step.
    """
    import tensorflow as tf

    shape = tf.shape(x)
    count = tf.reduce_prod(shape)
    bits = tf.random.uniform([(count + 3) // 4], tf.int32.min, tf.int32.max, tf.int32)
    drawn = tf.reshape(tf.reshape(tf.bitcast(bits, tf.uint8), [-1])[:count], shape)
    least = round(rate * 256)
    return x * (tf.cast(drawn >= least, tf.float32) * (256 / (256 - least)))


@lru_cache
def multiplies_halves(about: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies numbers of 16 bits (bfloat16) by itself; elsewhere that would be slow."""
    return about.exists() and "avx512_bf16" in about.read_text(encoding="ascii", errors="ignore")


def kind_of_products() -> Any:
    """What products are made in: bfloat16 where the processor knows it."""
    import tensorflow as tf

    return tf.bfloat16 if multiplies_halves() else tf.float32


def convolved(x: Any, kernel: Any, length: Any, width: int, left: int) -> Any:
    """A convolution as one product of matrices, as is its gradient: the same with the kernel turned round.

    Left to itself, TensorFlow would add up a matrix for each place of the kernel. What goes into the products and what
    comes out is rounded to bfloat16 where the processor knows it (Kalamkar et al. 2019); weights and sums over steps are not.

    Args:
        x: shape (messages times length, columns).
        kernel: shape (width times columns, new columns).
        length: pieces of a message, with padding.
        width: pieces that are seen at once.
        left: how many of them stand before the piece itself.

    Returns:
        shape (messages times length, new columns).
    """
    import tensorflow as tf

    kind = kind_of_products()

    @tf.custom_gradient
    def product(x: Any, kernel: Any) -> Any:
        seen = _windows(tf, tf.cast(x, kind), length, width, left)
        rounded = tf.cast(kernel, kind)

        def gradient(above: Any) -> tuple[Any, Any]:
            above = tf.cast(above, kind)
            places = tf.reverse(tf.reshape(rounded, (width, -1, kernel.shape[1])), [0])
            turned = tf.reshape(tf.transpose(places, (0, 2, 1)), (-1, x.shape[1]))
            around = _windows(tf, above, length, width, width - 1 - left)
            of_kernel = tf.matmul(seen, above, transpose_a=True)
            return tf.cast(around @ turned, tf.float32), tf.cast(of_kernel, tf.float32)

        return tf.cast(seen @ rounded, tf.float32), gradient

    return product(x, kernel)


def _windows(tf: Any, x: Any, length: Any, width: int, left: int) -> Any:
    """Each row beside those of its neighbours in the same message, shape (rows, width times columns)."""
    columns = x.shape[1]
    by_message = tf.reshape(x, (-1, length, columns))
    padded = tf.pad(by_message, [[0, 0], [left, width - 1 - left], [0, 0]])
    beside = tf.concat([padded[:, i : i + length] for i in range(width)], -1)
    return tf.reshape(beside, (-1, width * columns))
