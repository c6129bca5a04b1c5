"""Whether a coded fact is told anywhere in a message: a linear model over the n-grams of the whole.

The tagger and the network look at places; this looks at the message. What they say together is weighed
in :mod:`nlu.extractors.coded`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.contract import CODED
from nlu.extractors.kin import implied_sexes
from nlu.features import Row
from nlu.training_data import Example

Floats = NDArray[np.float32]
FILE = "told"
LEAST_EXAMPLES = 5


@dataclass(frozen=True)
class ToldModel:
    """One linear model a fact (``entity=value``) over the grams of the intent's n-gram model."""

    facts: tuple[str, ...]
    weights: Floats
    bias: Floats

    def margins(self, row: Row) -> dict[str, float]:
        """Distance of a message, given as a row of the grams' space, from each fact's border."""
        index, values = row
        margins = values @ self.weights[index].astype(np.float32) + self.bias
        return dict(zip(self.facts, margins.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write plain arrays, half precision."""
        (folder / f"{FILE}.json").write_text(json.dumps(self.facts), encoding="utf-8")
        np.savez(folder / f"{FILE}.npz", weights=self.weights.astype(np.float16), bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> ToldModel:
        """Read what :meth:`save` wrote."""
        facts = json.loads((folder / f"{FILE}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{FILE}.npz", allow_pickle=False) as arrays:
            return cls(tuple(facts), arrays["weights"], arrays["bias"])


def coded_facts(example: Example) -> set[tuple[str, str]]:
    """The coded facts that an annotated example tells, with the sexes that its words for kin hold."""
    kin = [example.text[s.start : s.end] for s in example.spans if s.entity == "relation"]
    return {(s.entity, s.value) for s in example.spans if s.entity in CODED} | {
        ("sex", value) for value in implied_sexes(kin)
    }


def train(matrix: csr_matrix, examples: Sequence[Example], c: float = 0.5) -> ToldModel:
    """Train on the grams of annotated examples, in their order.

    Args:
        matrix: the examples' rows of the grams' space.
        examples: as many, annotated.
        c: inverse regularisation.
    """
    from sklearn.svm import LinearSVC

    told = [{f"{entity}={value}" for entity, value in coded_facts(e)} for e in examples]
    counts = {name: sum(name in one for one in told) for name in set().union(*told)}
    facts = tuple(sorted(name for name, n in counts.items() if LEAST_EXAMPLES <= n < len(examples)))
    weights = np.zeros((matrix.shape[1], len(facts)), dtype=np.float32)
    bias = np.zeros(len(facts), dtype=np.float32)
    for i, name in enumerate(facts):
        truth = np.array([name in one for one in told])
        estimator = LinearSVC(C=c, tol=1e-2, dual=True, random_state=7).fit(matrix, truth)
        weights[:, i], bias[i] = estimator.coef_[0], estimator.intercept_[0]
    return ToldModel(facts, weights, bias)
