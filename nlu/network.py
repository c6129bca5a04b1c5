"""Run the tuned network: one pass gives the intent's scores and, for each word piece, the facts it belongs to.

NumPy only. Nothing changes after loading, so threads may share it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import BRANCHES, Pieces, embeddings, epsilon, pieces

Floats = NDArray[np.float32]
FILE = "network"


@dataclass(frozen=True)
class Reading:
    """What the network says of a text: intent scores, and fact probabilities (pieces, facts)."""

    intents: Floats
    facts: Floats
    pieces: Pieces


@dataclass(frozen=True)
class Network:
    """Tuned weights; ``tuned`` maps a piece's id to its row in ``rows``."""

    labels: tuple[str, ...]
    facts: tuple[str, ...]
    weights: Mapping[str, Floats]
    tuned: Mapping[int, int]
    rows: Floats

    def read(self, text: str) -> Reading:
        """Read one normalised text."""
        parts = pieces(text)
        w = self.weights
        features = self._features(self._vectors(parts.ids))
        summed = features.sum(axis=0) / np.sqrt(np.float32(len(features)))
        mean = summed @ w["cnn_W"] + w["cnn_b"] * np.sqrt(np.float32(len(features)))
        first = np.maximum(mean @ w["d0"], 0)
        second = np.maximum(mean @ w["p1"] + first @ w["d1"], 0)
        third = np.maximum(second @ w["d2"], 0)
        sentence = np.tanh(second @ w["p3"] + third @ w["d3"])
        intents = sentence @ w["intent_W"] + w["intent_b"] + summed @ w["intent_S"]
        hidden = np.maximum(features @ w["fact_A"] + summed @ w["fact_S"] + w["fact_a"], 0)
        scores = hidden @ w["fact_B"] + w["fact_b"]
        return Reading(intents.astype(np.float32), _sigmoid(scores), parts)

    def _vectors(self, ids: NDArray[np.int64]) -> Floats:
        out = embeddings(ids)
        for i, piece in enumerate(ids):
            row = self.tuned.get(int(piece))
            if row is not None:
                out[i] = self.rows[row]
        return out

    def _features(self, vectors: Floats) -> Floats:
        w, eps = self.weights, epsilon()
        hidden = _layer_norm(vectors @ w["proj_W"] + w["proj_b"], w["ln_g_all"], w["ln_b_all"], eps)
        size = hidden.shape[1] // len(BRANCHES)
        out = [vectors]
        for i, (width, left) in enumerate(BRANCHES):
            own = hidden[:, i * size : (i + 1) * size]
            first = _convolve(own, w[f"w1_{i}"], w[f"b1_{i}"], width, left) + own
            out.append(_convolve(first, w[f"w2_{i}"], w[f"b2_{i}"], width, left) + first)
        return _layer_norm(np.concatenate(out, axis=1), w["ln_g"], w["ln_b"], eps)

    def save(self, folder: Path) -> None:
        """Write plain arrays, half precision."""
        text = {
            "labels": self.labels,
            "facts": self.facts,
            "tuned": sorted(self.tuned, key=self.tuned.__getitem__),
        }
        (folder / f"{FILE}.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
        arrays = {name: array.astype(np.float16) for name, array in self.weights.items()}
        np.savez(folder / f"{FILE}.npz", rows=self.rows.astype(np.float16), **arrays)

    @classmethod
    def load(cls, folder: Path) -> Network:
        """Read what :meth:`save` wrote."""
        text = json.loads((folder / f"{FILE}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{FILE}.npz", allow_pickle=False) as arrays:
            weights = {name: arrays[name].astype(np.float32) for name in arrays.files}
        rows = weights.pop("rows")
        tuned = {int(piece): i for i, piece in enumerate(text["tuned"])}
        return cls(tuple(text["labels"]), tuple(text["facts"]), weights, tuned, rows)


def _layer_norm(x: Floats, gain: Floats, offset: Floats, eps: float) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(eps))
    out: Floats = centred / scale * gain + offset
    return out


def _convolve(x: Floats, weights: Floats, bias: Floats, width: int, left: int) -> Floats:
    count = len(x)
    padded = np.zeros((count + width - 1, x.shape[1]), dtype=np.float32)
    padded[left : left + count] = x
    windows = np.concatenate([padded[i : i + count] for i in range(width)], axis=1)
    out: Floats = np.maximum(windows @ weights + bias, 0)
    return out


def _sigmoid(x: Floats) -> Floats:
    out: Floats = (1 / (1 + np.exp(-np.clip(x, -30, 30)))).astype(np.float32)
    return out
