"""Find how the voices for coded facts are weighed: ``python -m nlu.measuring.weigh [FOLDER]``.

Trains on four fifths of the training data, of both folders (or takes what was trained on them from FOLDER),
asks the other fifth, fits one logistic regression an entity and writes ``nlu/data/lexicon/weights.yml``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from nlu import lexicon, understanding
from nlu.classifier import joined
from nlu.contract import CODED
from nlu.extractors import coded
from nlu.measuring.compare import parts
from nlu.measuring.evaluate import held_out
from nlu.normaliser import normalise
from nlu.told import coded_facts
from nlu.training_data import FACTS, Example, read_training
from nlu.understanding import Understanding, leaning

Rows = list[tuple[coded.Candidate, list[float], bool]]
_HEAD = (
    "# How network, tagger and n-grams are weighed for coded facts, and the kinds of intent beside them\n"
    "# (nlu/extractors/coded.py). Written by `python -m nlu.measuring.weigh`, never by hand.\n"
)


def hearings(
    trained: Understanding, examples: Sequence[Example]
) -> Iterator[tuple[Example, coded.Hearing]]:
    """What is known of each example before its coded facts are chosen."""
    for example in examples:
        text = normalise(example.text).text
        reading = trained.network.read(text)
        row = trained.grams.space.row(text)
        values = joined(reading.intents, trained.grams.margins(row))
        ranking = leaning(
            [(trained.grams.labels[i], float(values[i])) for i in np.argsort(-values)]
        )
        told = trained.told.margins(row)
        tokens = trained.extractor.tagger.marginals(text)
        yield example, coded.Hearing(text, reading, tokens, told, dict(ranking))


def rows(trained: Understanding, examples: Sequence[Example]) -> tuple[dict[str, Rows], int]:
    """Candidates by entity with the kinds of intent and whether they were meant; facts nobody heard."""
    out: dict[str, Rows] = {entity: [] for entity in sorted(CODED)}
    unheard = 0
    for example, hearing in hearings(trained, examples):
        likely = coded.kinds(hearing.intents)
        meant = coded_facts(example)
        heard = coded.candidates(
            hearing, trained.extractor.fact_names, trained.extractor.value_model
        )
        for c in heard:
            out[c.entity].append((c, likely, (c.entity, c.value) in meant))
        unheard += len(meant - {(c.entity, c.value) for c in heard})
    return out, unheard


def fitted(found: Rows, c: float = 0.1) -> dict[str, Any]:
    """Weights of one entity, with the bias that gave the best F1 in a cross-validation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    truth = np.array([meant for _, _, meant in found])
    values = sorted({candidate.value for candidate, _, _ in found})
    matrix = np.array([_features(candidate, likely, values) for candidate, likely, _ in found])
    plain = len(coded.VOICES) + len(coded.KINDS)
    folds = min(5, int(truth.sum()), int((~truth).sum()))
    if folds < 2:  # too little was heard to learn from: nothing is told
        return {"all": [-1.0, *[0.0] * plain]}
    estimator = LogisticRegression(C=c, max_iter=2000)
    scores = cross_val_predict(estimator, matrix, truth, cv=folds, method="decision_function")
    estimator.fit(matrix, truth)
    weights = [round(float(w), 3) for w in estimator.coef_[0]]
    bias = round(float(estimator.intercept_[0]) - _border(truth, scores), 3)
    out: dict[str, Any] = {"all": [bias, *weights[:plain]]}
    own = (len(weights) - plain) // len(values)
    out["values"] = {
        value: weights[plain + i * own : plain + (i + 1) * own] for i, value in enumerate(values)
    }
    return out


def _features(
    candidate: coded.Candidate, likely: Sequence[float], values: Sequence[str]
) -> list[float]:
    row = coded.inputs(candidate, likely)[1:]
    own = coded.own_inputs(candidate, likely)
    for value in values:
        row += own if value == candidate.value else [0.0] * len(own)
    return row


def _border(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The score that parts the candidates best, by F1."""
    order = np.argsort(-scores)
    right = np.cumsum(truth[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + truth.sum())
    return float(scores[order][f1.argmax()])


def weights(trained: Understanding, held: Sequence[Example]) -> tuple[dict[str, Any], int]:
    """Weights by entity, fitted on messages that were not trained on; and the facts nobody heard."""
    found, unheard = rows(trained, held)
    return {entity: fitted(rows_) for entity, rows_ in found.items()}, unheard


def main(folder: Path | None) -> None:
    """Fit and write the weights."""
    training, held = parts(1)
    facts = read_training(FACTS)
    apart = held_out(len(facts), 0, 5)
    beside = [example for i, example in enumerate(facts) if i not in apart]
    with tempfile.TemporaryDirectory() as made:
        trained = (
            Understanding.load(folder)
            if folder
            else understanding.train(training, Path(made), beside=beside)
        )
        found, unheard = weights(trained, [*held, *(facts[i] for i in sorted(apart))])
    text = yaml.safe_dump(found, default_flow_style=None, width=110, sort_keys=True)
    path = lexicon.FOLDER / f"{coded.WEIGHTS}.yml"
    path.write_text(_HEAD + text, encoding="utf-8")
    sys.stdout.write(f"{path}; facts that no voice hears: {unheard}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
