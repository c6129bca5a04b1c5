"""Find how the voices for facts are weighed: ``python -m nlu.measuring.weigh [FOLDER]``.

Trains on four fifths of the training data, of both folders (or takes what was trained on them from FOLDER),
asks the other fifth and the messages written for weighing (``nlu/data/weighing``), fits small networks for each
entity and writes ``nlu/data/lexicon/weights.yml``.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from nlu import lexicon, understanding
from nlu.contract import CODED
from nlu.extractors import coded, lone
from nlu.extractors.combined import Extractor, as_written, by_rule
from nlu.extractors.weighed import WEIGHTS, Scales, own_value
from nlu.measuring.compare import parts
from nlu.measuring.evaluate import REFERENCE, annotated_facts, held_out
from nlu.measuring.measures import Fact, comparable
from nlu.normaliser import normalise
from nlu.training_data import FACTS, WEIGHING, Example, Labelled, read_labelled, read_training
from nlu.understanding import Understanding

_HEAD = (
    "# How what is heard is weighed for facts, the kinds of intent beside it: small networks\n"
    "# (nlu/extractors/weighed.py, coded.py, lone.py). Written by `python -m nlu.measuring.weigh`, never by hand.\n"
)
_COUNTS = 3.0
"""How often a message counts that was written for weighing: as people write, not as hard pairs are made up."""

_UNITS, _MEAN_OF, _DECAY, _TURNS = 16, 3, 0.5, 60
"""Hidden units of a network, how many are fitted, how much weights are kept small, turns through the candidates."""
_FEWEST = 10
"""Candidates that were meant, and that were not, without which nothing is learnt."""


@dataclass(frozen=True)
class Told:
    """A message that was not trained on, what it tells, and how often it counts."""

    text: str
    facts: frozenset[Fact]
    counts: float = 1.0

    @classmethod
    def of(cls, message: Example | Labelled) -> Told:
        """From an annotated example, or a labelled message written for weighing."""
        if isinstance(message, Example):
            return cls(message.text, annotated_facts(message))
        return cls(message.text, comparable(message.facts), _COUNTS)


@dataclass
class Seen:
    """Of one entity: a row of numbers for each candidate, its value, its message, whether it was meant and how often
    that counts; and how often the entity is told in all messages."""

    rows: list[list[float]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    meant: list[bool] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    wanted: float = 0.0

    def add(self, row: list[float], meant: bool, message: int, counts: float, value: str) -> None:
        """One candidate more."""
        self.rows.append(row)
        self.values.append(value)
        self.messages.append(message)
        self.meant.append(meant)
        self.counts.append(counts)


def hearings(
    trained: Understanding, messages: Sequence[Told]
) -> Iterator[tuple[Told, coded.Hearing]]:
    """What is known of each message before its facts are chosen."""
    for message in messages:
        text = normalise(message.text).text
        reading = trained.network.read(text)
        row = trained.grams.space.row(text)
        ranking = trained.ranking(text, reading, row)
        told = trained.told.margins(row)
        tokens = trained.extractor.tagger.marginals(text)
        yield message, coded.Hearing(text, reading, tokens, told, dict(ranking))


def seen(trained: Understanding, messages: Sequence[Told]) -> dict[str, Seen]:
    """All candidates by entity."""
    out = {entity: Seen() for entity in sorted(CODED | lone.LONE)}
    for number, (message, hearing) in enumerate(hearings(trained, messages)):
        for entity, value, row, facts in _heard(trained.extractor, message.text, hearing):
            out[entity].add(row, facts <= message.facts, number, message.counts, value)
        for entity, _ in message.facts:
            if entity in out:
                out[entity].wanted += message.counts
    return out


def _heard(
    extractor: Extractor, text: str, hearing: coded.Hearing
) -> Iterator[tuple[str, str, list[float], frozenset[Fact]]]:
    """Entity, value where it has a code, numbers and facts of each candidate of a message."""
    likely, normal = coded.kinds(hearing.intents), normalise(text)
    for c in coded.candidates(hearing, extractor.fact_names):
        yield c.entity, c.value, coded.inputs(c, likely), frozenset({(c.entity, c.value)})
    stretches = extractor.stretches(hearing, by_rule(hearing.text), REFERENCE)
    for entity, rivals in lone.by_entity(stretches).items():
        for stretch in rivals:
            facts = comparable((f.entity, f.value) for f in as_written(normal, stretch.facts))
            yield entity, "", lone.inputs(stretch, rivals, len(hearing.text), likely), facts


def fitted(found: Seen, entity: str) -> Scales:
    """The network of one entity, with the bias that gave the best F1 in a cross-validation."""
    truth, counts = np.array(found.meant, dtype=bool), np.array(found.counts)
    values = tuple(sorted(set(found.values))) if entity in CODED else ()
    matrix = np.array(
        [[*row, *own_value(v, values)] for row, v in zip(found.rows, found.values, strict=True)]
    )
    if min(truth.sum(), (~truth).sum()) < _FEWEST:  # too little to learn from: nothing is told
        return Scales(np.zeros((1, 1 + matrix.shape[-1])), np.array([-1.0, 0.0]), values)
    scores = np.zeros(len(truth))
    for learnt, asked in StratifiedGroupKFold(5).split(matrix, truth, found.messages):
        part = _network(matrix[learnt], truth[learnt], counts[learnt])
        scores[asked] = [part.score(row) for row in matrix[asked]]
    chosen = np.ones(len(scores), dtype=bool)
    if entity in lone.LONE:
        chosen = _best_of_each(found.messages, scores)
    whole = _network(matrix, truth, counts, values)
    whole.out[0] -= _border(truth[chosen], scores[chosen], counts[chosen], found.wanted)
    return whole


def _network(
    matrix: NDArray[np.float64],
    truth: NDArray[np.bool_],
    counts: NDArray[np.float64],
    values: tuple[str, ...] = (),
) -> Scales:
    """The mean of some small networks, as one: what comes in is made alike before, which their weights then hold."""
    scaler = StandardScaler().fit(matrix)
    often = np.repeat(np.arange(len(truth)), counts.astype(int))
    hidden, out = [], []
    for seed in range(_MEAN_OF):
        one = MLPClassifier(
            (_UNITS,), alpha=_DECAY, max_iter=_TURNS, batch_size=256, random_state=seed
        )
        with warnings.catch_warnings():
            # the turns are counted, not waited for
            warnings.simplefilter("ignore", ConvergenceWarning)
            one.fit(scaler.transform(matrix[often]), truth[often])
        first = one.coefs_[0] / scaler.scale_[:, None]
        hidden.append(np.vstack([one.intercepts_[0] - scaler.mean_ @ first, first]).T)
        out.append(np.concatenate([one.intercepts_[1], one.coefs_[1][:, 0]]) / _MEAN_OF)
    bias = sum(float(each[0]) for each in out)
    return Scales(np.vstack(hidden), np.concatenate([[bias], *(each[1:] for each in out)]), values)


def _best_of_each(messages: Sequence[int], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which candidates weigh most in their message."""
    best: dict[int, int] = {}
    for i, message in enumerate(messages):
        if message not in best or scores[i] > scores[best[message]]:
            best[message] = i
    mask = np.zeros(len(scores), dtype=bool)
    mask[list(best.values())] = True
    return mask


def _border(
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
    counts: NDArray[np.float64],
    wanted: float,
) -> float:
    """The score that parts the candidates best, by F1, where so much was wanted."""
    order = np.argsort(-scores)
    right = np.cumsum((truth * counts)[order])
    f1 = 2 * right / (np.cumsum(counts[order]) + wanted)
    return float(scores[order][f1.argmax()])


def weights(trained: Understanding, messages: Sequence[Told]) -> dict[str, Scales]:
    """Networks by entity, fitted on messages that were not trained on."""
    return {entity: fitted(found, entity) for entity, found in seen(trained, messages).items()}


def apart() -> tuple[list[Example], list[Example], list[Told]]:
    """What is trained on for weighing (with intents, and beside them), and what is asked."""
    training, held = parts(1)
    facts = read_training(FACTS)
    out = held_out(len(facts), 0, 5)
    beside = [example for i, example in enumerate(facts) if i not in out]
    held += [facts[i] for i in sorted(out)]
    written = read_labelled(sorted(WEIGHING.glob("*.jsonl")))
    return training, beside, [Told.of(e) for e in held] + [Told.of(m) for m in written]


def main(folder: Path | None) -> None:
    """Fit and write the weights."""
    training, beside, asked = apart()
    with tempfile.TemporaryDirectory() as made:
        trained = (
            Understanding.load(folder)
            if folder
            else understanding.train(training, Path(made), beside=beside)
        )
        found = weights(trained, asked)
    kept = {entity: each.kept() for entity, each in found.items()}
    text = yaml.safe_dump(kept, default_flow_style=None, width=110, sort_keys=True)
    path = lexicon.FOLDER / f"{WEIGHTS}.yml"
    path.write_text(_HEAD + text, encoding="utf-8")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
