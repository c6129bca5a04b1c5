"""Compare ways to classify intents on one held-out part of the training data: ``python -m nlu.compare``.

Prints the rows of the table in ``docs/nlu/README.md``. The tuned network is measured by ``hutong evaluate``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import classifier
from nlu.encoder import frozen
from nlu.normaliser import normalise
from nlu.training_data import read_training

Floats = NDArray[np.float32]
DATA = Path(__file__).parent / "data" / "nlu"


class _Split:
    """Texts, vectors, n-grams and labels, the first fold of five held out."""

    def __init__(self) -> None:
        examples = read_training(DATA)
        order = np.random.default_rng(0).permutation(len(examples))
        self.labels = tuple(sorted({example.intent for example in examples}))
        self.truth = np.array([self.labels.index(example.intent) for example in examples])
        self.texts = [normalise(example.text).text for example in examples]
        self.vectors = frozen(self.texts)
        self.held = order[::5]
        self.rest = np.setdiff1d(order, self.held)
        rest_texts = [self.texts[i] for i in self.rest]
        self.grams = classifier.train(rest_texts, [self.labels[i] for i in self.truth[self.rest]])

    def margins(self) -> Floats:
        """Margins of the n-gram model on the held-out texts."""
        return np.array([self.grams.margins(self.texts[i]) for i in self.held])

    def regression(self) -> Floats:
        """Scores of logistic regression over the frozen embedding."""
        from sklearn.linear_model import LogisticRegression

        model: Any = LogisticRegression(C=5, max_iter=600)
        model.fit(self.vectors[self.rest], self.truth[self.rest])
        return np.asarray(model.decision_function(self.vectors[self.held]))

    def neighbours(self, count: int = 10) -> Floats:
        """Votes of the nearest examples by embedding and n-grams together."""
        space = self.grams.space
        sparse = space.matrix(self.texts)
        near = self.vectors[self.held] @ self.vectors[self.rest].T
        near = (near + (sparse[self.held] @ sparse[self.rest].T).toarray()) / 2
        best = np.argpartition(-near, count, axis=1)[:, :count]
        votes = np.zeros((len(self.held), len(self.labels)), dtype=np.float32)
        for row, chosen in enumerate(best):
            np.add.at(votes[row], self.truth[self.rest][chosen], np.exp(8 * near[row, chosen]))
        return votes


def rows() -> Sequence[tuple[str, float, float]]:
    """(name, accuracy, seconds) of each way."""
    split = _Split()
    wanted = split.truth[split.held]
    found: dict[str, Floats] = {}
    out = []
    ways: list[tuple[str, Callable[[], Floats]]] = [
        ("n-grams, linear SVM", split.margins),
        ("frozen embedding, logistic regression", split.regression),
        ("nearest neighbours", split.neighbours),
        (
            "SVM and regression together",
            lambda: (
                classifier.log_softmax(found["n-grams, linear SVM"] * 4)
                + classifier.log_softmax(found["frozen embedding, logistic regression"])
            ),
        ),
    ]
    for name, way in ways:
        begun = time.perf_counter()
        found[name] = way()
        accuracy = float((found[name].argmax(axis=1) == wanted).mean())
        out.append((name, accuracy, time.perf_counter() - begun))
    return out


if __name__ == "__main__":
    for name, accuracy, seconds in rows():
        sys.stdout.write(f"| {name} | {accuracy:.3f} | {seconds:.0f} |\n")
