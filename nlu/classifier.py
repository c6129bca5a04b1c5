"""The intent classifier: one flat choice among the contract's 49 intents.

The tuned network's scores and the margins of a linear model over character and sound n-grams are
added: the one knows what words mean, the other how people spell. Factors found by cross-validation
make the probabilities honest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.features import GramSpace, Row
from nlu.thresholds import GRAM_SHARE, TEMPERATURE

Floats = NDArray[np.float32]
FILE = "grams"
_NEAR = 0.1
"""How near the solver comes: the margins differ by a five-hundredth of their spread, in two thirds of the time."""


@dataclass(frozen=True)
class GramModel:
    """A linear model over n-grams; ``weights`` has shape (grams, labels)."""

    labels: tuple[str, ...]
    space: GramSpace
    weights: Floats
    bias: Floats

    def margins(self, row: Row) -> Floats:
        """Distance of one text, given as its row of the space, from each label's border."""
        index, values = row
        out: Floats = values @ self.weights[index].astype(np.float32) + self.bias
        return out

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays: nothing in it can run when read."""
        grams = sorted(self.space.vocabulary, key=self.space.vocabulary.__getitem__)
        text = {"labels": self.labels, "grams": grams}
        (folder / f"{FILE}.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
        weights = self.weights.astype(np.float16)
        np.savez(folder / f"{FILE}.npz", idf=self.space.idf, weights=weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> GramModel:
        """Read what :meth:`save` wrote."""
        text = json.loads((folder / f"{FILE}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{FILE}.npz", allow_pickle=False) as arrays:
            space = GramSpace({gram: i for i, gram in enumerate(text["grams"])}, arrays["idf"])
            return cls(tuple(text["labels"]), space, arrays["weights"], arrays["bias"])


def train(
    space: GramSpace, matrix: csr_matrix, intents: Sequence[str], c: float = 0.7, seed: int = 7
) -> GramModel:
    """Train on messages and their full intent names.

    Args:
        space: the n-grams that count.
        matrix: the messages' rows of the space.
        intents: as many names.
        c: inverse regularisation.
        seed: of the solver.

    Raises:
        ValueError: fewer than three intents.
    """
    from sklearn.svm import LinearSVC

    labels = tuple(sorted(set(intents)))
    if len(labels) < 3:
        raise ValueError("the intent classifier needs three intents or more")
    truth = np.array([labels.index(intent) for intent in intents])
    estimator = LinearSVC(C=c, tol=_NEAR, dual=True, random_state=seed).fit(matrix, truth)
    return GramModel(
        labels, space, estimator.coef_.T.astype(np.float32), estimator.intercept_.astype(np.float32)
    )


def joined(
    network: Floats, margins: Floats, share: float = GRAM_SHARE, temperature: float = TEMPERATURE
) -> Floats:
    """Probabilities from the network's scores and the n-gram margins (last axis: labels in the same order)."""
    return softmax(
        (log_softmax(network) + log_softmax(margins * np.float32(share))) * np.float32(temperature)
    )


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    out: Floats = (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)
    return out


def log_softmax(scores: Floats) -> Floats:
    """Logarithms of the probabilities along the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    out: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return out
