"""Which contract value a found span stands for: linear models over the span and the words around it.

"走了" is `deceased`, `missing` or `working_away`, "妈妈" is `mother` or `self`: the neighbourhood tells.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.contract import CODED
from nlu.extractors.choices import hits
from nlu.normaliser import normalise
from nlu.training_data import Example

FILE = "values"
_REACH = 8


def features(entity: str, text: str, start: int, end: int) -> list[str]:
    """Names of what is seen of a span of normalised text."""
    span = text[start:end]
    seen = ["span=" + span]
    marked = f"^{span}$"
    seen += ["g=" + marked[i : i + n] for n in (1, 2, 3) for i in range(len(marked) - n + 1)]
    left, right = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    seen += [f"l{n}=" + left[-n:] for n in (1, 2, 3)] + [f"r{n}=" + right[:n] for n in (1, 2, 3)]
    for side, words in (("L", left), ("R", right)):
        seen += [side + words[i : i + n] for n in (1, 2) for i in range(len(words) - n + 1)]
    for value, a, b in hits(entity, text):
        if a < end and b > start:
            seen.append("in=" + value)
        elif abs(a - end) < _REACH or abs(start - b) < _REACH:
            seen.append("near=" + value)
    return seen


@dataclass(frozen=True)
class ValueModel:
    """One linear model an entity: feature index, weights (features, values), bias, values."""

    index: dict[str, dict[str, int]]
    weights: dict[str, NDArray[np.float32]]
    bias: dict[str, NDArray[np.float32]]
    values: dict[str, tuple[str, ...]]

    def odds(self, entity: str, text: str, start: int, end: int) -> dict[str, float]:
        """Probability of each value of a span of normalised text; empty for an entity without codes."""
        if entity not in self.values:
            return {}
        index = self.index[entity]
        known = sorted(
            {index[name] for name in features(entity, text, start, end) if name in index}
        )
        scores = 3 * (
            self.weights[entity][known].astype(np.float32).sum(axis=0) + self.bias[entity]
        )
        shares = np.exp(scores - scores.max())
        return dict(zip(self.values[entity], (shares / shares.sum()).tolist(), strict=False))

    def save(self, folder: Path) -> None:
        """Write plain arrays and names."""
        names = {
            entity: sorted(table, key=table.__getitem__) for entity, table in self.index.items()
        }
        text = {"features": names, "values": self.values}
        (folder / f"{FILE}.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
        arrays = {f"w_{k}": v.astype(np.float16) for k, v in self.weights.items()}
        np.savez(folder / f"{FILE}.npz", **arrays, **{f"b_{k}": v for k, v in self.bias.items()})

    @classmethod
    def load(cls, folder: Path) -> ValueModel:
        """Read what :meth:`save` wrote."""
        text = json.loads((folder / f"{FILE}.json").read_text(encoding="utf-8"))
        index = {
            entity: {name: i for i, name in enumerate(names)}
            for entity, names in text["features"].items()
        }
        with np.load(folder / f"{FILE}.npz", allow_pickle=False) as arrays:
            weights = {entity: arrays[f"w_{entity}"] for entity in index}
            bias = {entity: arrays[f"b_{entity}"] for entity in index}
        return cls(index, weights, bias, {k: tuple(v) for k, v in text["values"].items()})


def train(examples: Sequence[Example]) -> ValueModel:
    """Train on the coded spans of annotated examples."""
    rows: dict[str, list[tuple[list[str], str]]] = {entity: [] for entity in sorted(CODED)}
    for example in examples:
        normal = normalise(example.text)
        for span in example.spans:
            if span.entity in rows:
                start, end = normal.from_original(span.start, span.end)
                rows[span.entity].append(
                    (features(span.entity, normal.text, start, end), span.value)
                )
    model = ValueModel({}, {}, {}, {})
    for entity, seen in rows.items():
        if len({value for _, value in seen}) > 1:
            _train_one(model, entity, seen)
    return model


def _train_one(model: ValueModel, entity: str, rows: list[tuple[list[str], str]]) -> None:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.svm import LinearSVC

    vectoriser = DictVectorizer()
    matrix = vectoriser.fit_transform([dict.fromkeys(names, 1.0) for names, _ in rows])
    values = tuple(sorted({value for _, value in rows}))
    truth = np.array([values.index(value) for _, value in rows])
    estimator = LinearSVC(C=0.3, dual=True, random_state=7).fit(matrix, truth)
    weights, bias = estimator.coef_.T, estimator.intercept_
    if len(values) == 2:
        weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    model.index[entity] = {str(name): i for i, name in enumerate(vectoriser.feature_names_)}
    model.weights[entity] = weights.astype(np.float32)
    model.bias[entity] = bias.astype(np.float32)
    model.values[entity] = values
