"""The learnt extractor: a conditional random field over characters finds the spans of facts.

Its labels are the entities that have no code: network and n-grams hear the others (:mod:`nlu.extractors.coded`).
Which value a span has, the readers say (:mod:`nlu.extractors.combined`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.contract import CODED
from nlu.extractors.shape import describe, seldom
from nlu.normaliser import normalise
from nlu.training_data import Example

FILE = "spans.crfsuite"
OUTSIDE = "O"
_CERTAIN = 0.999
"""From this probability on a token is outside, and nothing else is asked of it."""
LEFT_TO_OTHERS = CODED | {"phone", "case_no"}
"""Facts that have a code are heard by network and n-grams (:mod:`nlu.extractors.coded`), these two read by rule."""


@dataclass(frozen=True)
class TaggerSettings:
    """Regularisation (L2) and turns of training, how often a feature must occur to be weighed, and of how many messages
    that tell nothing one is learnt from."""

    c2: float = 1.0
    turns: int = 8
    at_least: int = 4
    empty: int = 3


@dataclass(frozen=True)
class TokenOdds:
    """A token's span and the probability of each BIO label but O; none where O is certain."""

    start: int
    end: int
    labels: dict[str, float]


class SpanTagger:
    """A trained tagger; several threads may share it."""

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._local = threading.local()

    def _tagger(self) -> Any:
        if not hasattr(self._local, "tagger"):
            import pycrfsuite

            self._local.tagger = pycrfsuite.Tagger()
            self._local.tagger.open_inmemory(self._model)
        return self._local.tagger

    def marginals(self, text: str) -> list[TokenOdds]:
        """Probability of each entity at each token of normalised text."""
        pieces, rows = describe(text)
        if not rows:
            return []
        tagger = self._tagger()
        tagger.set(rows)
        labels = [label for label in tagger.labels() if label != OUTSIDE]
        return [
            TokenOdds(
                piece.start,
                piece.end,
                {label: tagger.marginal(label, i) for label in labels}
                if tagger.marginal(OUTSIDE, i) < _CERTAIN
                else {},
            )
            for i, piece in enumerate(pieces)
        ]


def labels_of(
    example: Example, without: Set[str] = frozenset()
) -> tuple[list[list[str]], list[str]]:
    """Features, without those of some runs of tokens, and BIO labels of one annotated example."""
    normal = normalise(example.text)
    pieces, rows = describe(normal.text, without)
    labels = [OUTSIDE] * len(pieces)
    for span in example.spans:
        if span.entity in LEFT_TO_OTHERS:
            continue
        start, end = normal.from_original(span.start, span.end)
        inside = [i for i, piece in enumerate(pieces) if piece.start < end and piece.end > start]
        for n, i in enumerate(inside):
            labels[i] = ("B-" if n == 0 else "I-") + span.entity
    return rows, labels


def _tells(example: Example) -> bool:
    return any(span.entity not in LEFT_TO_OTHERS for span in example.spans)


def train(
    examples: Sequence[Example], path: Path, settings: TaggerSettings | None = None
) -> SpanTagger:
    """Train on annotated examples, by stochastic gradient descent, and write the model to ``path``."""
    import pycrfsuite

    settings = settings or TaggerSettings()
    trainer = pycrfsuite.Trainer(algorithm="l2sgd", verbose=False)
    trainer.set_params(
        {
            "c2": settings.c2,
            "max_iterations": settings.turns,
            "feature.possible_transitions": True,
            "feature.minfreq": settings.at_least,
        }
    )
    examples = [e for i, e in enumerate(examples) if i % settings.empty == 0 or _tells(e)]
    # what occurs too seldom would not be weighed: handing it over would take as long as all the rest
    without = seldom((normalise(example.text).text for example in examples), settings.at_least)
    for example in examples:
        rows, labels = labels_of(example, without)
        if rows:
            trainer.append(rows, labels)
    trainer.train(str(path))
    return SpanTagger(path.read_bytes())
