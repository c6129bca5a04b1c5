"""What each component is worth: ``python -m nlu.measuring.ablation [every]`` takes them away one at a time.

Trained on four fifths of the training data, asked the other fifth. A component is taken away by putting
an empty one in its place, in training as in use; ``docs/nlu/ablation.md`` gets the table.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nlu import network_training, understanding
from nlu.interpreter import Interpreter
from nlu.measuring.compare import parts
from nlu.measuring.evaluate import ROOT, ask
from nlu.measuring.measures import Figures
from nlu.normaliser import Normalised
from nlu.training_data import Example

REPORT = ROOT / "docs" / "nlu" / "ablation.md"
Without = Callable[[], Any]


def _untouched(text: str) -> Normalised:
    kept = text.encode("utf-8", "ignore").decode()
    places = tuple(range(len(kept)))
    return Normalised(kept, kept, places, tuple(place + 1 for place in places))


@contextmanager
def _no_normaliser() -> Iterator[None]:
    users = (
        "nlu.understanding",
        "nlu.network_training",
        "nlu.extractors.learnt",
        "nlu.extractors.values",
    )
    with ExitStack() as stack:
        for user in users:
            stack.enter_context(patch(f"{user}.normalise", _untouched))
        yield


def _no_words(text: str, mark: Callable[[str, int, int], None]) -> None:
    """No word of any list is marked."""


def _intents_only() -> Any:
    settings = replace(network_training.NetworkSettings(), fact_weight=0.0)
    return patch("nlu.network_training.train", partial(network_training.train, settings=settings))


def _no_grams() -> Any:
    joined = understanding.joined
    return patch("nlu.understanding.joined", lambda a, b: joined(a, b, share=0.0))


def _no_network() -> Any:
    joined = understanding.joined
    return patch("nlu.understanding.joined", lambda a, b: joined(a * 0, b))


TRAINED: tuple[tuple[str, Without], ...] = (
    ("the whole", ExitStack),
    ("without the normaliser", _no_normaliser),
    ("without syllables among the n-grams", lambda: patch("nlu.features._SOUND_LENGTHS", ())),
    (
        "without word lists in the tagger",
        lambda: patch("nlu.extractors.shape._mark_words", _no_words),
    ),
    ("without facts in the network's training", _intents_only),
)
"""Components whose absence needs a training of its own."""

ASKED: tuple[tuple[str, Without], ...] = (
    ("without n-grams", _no_grams),
    ("without the network for the intent", _no_network),
    ("without the network for facts", lambda: patch("nlu.extractors.combined.TAGGER_SHARE", 1.0)),
    ("without the tagger", lambda: patch("nlu.extractors.combined.TAGGER_SHARE", 0.0)),
    (
        "without the rule for gaps",
        lambda: patch("nlu.extractors.combined.find_gaps", lambda text: []),
    ),
)
"""Components that can be left out of the whole as trained."""


def rows(training: Sequence[Example], tests: Sequence[Example]) -> Iterator[tuple[str, Figures]]:
    """Each component's name and the figures without it; the whole comes first."""
    for name, without in TRAINED:
        with tempfile.TemporaryDirectory() as folder, without():
            trained = Interpreter(understanding.train(training, Path(folder)))
            yield name, ask(trained, tests)
            if name == "the whole":
                for less, omitting in ASKED:
                    with omitting():
                        yield less, ask(trained, tests)


def main(every: int) -> None:
    """Write the table."""
    training, tests = parts(every)
    lines = [
        "# What each component is worth",
        "",
        f"Made by `python -m nlu.measuring.ablation {every}`: trained on {len(training)} messages of the training data,"
        f" asked {len(tests)} others of it, one component taken away at a time.",
        "",
        "| | intent accuracy | urgent recall | entity F1 |",
        "| --- | --- | --- | --- |",
    ]
    for name, found in rows(training, tests):
        lines.append(
            f"| {name} | {found.accuracy:.3f} | {found.urgent_recall:.3f} | {found.entity_f1:.3f} |"
        )
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
