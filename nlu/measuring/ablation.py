"""What each component is worth: ``python -m nlu.measuring.ablation [every]`` takes them away one at a time.

Trained on four fifths of the training data. On half of the other fifth the voices for coded facts are weighed,
each time anew, so that what is left makes the best of it; the other half is asked. A component is taken away
by putting an empty one in its place, in training as in use; ``docs/nlu/ablation.md`` gets the table.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from nlu import network_training, understanding
from nlu.extractors import coded
from nlu.extractors.learnt import SpanTagger, TokenOdds
from nlu.interpreter import Interpreter
from nlu.measuring import weigh
from nlu.measuring.compare import parts
from nlu.measuring.evaluate import ROOT, ask
from nlu.measuring.measures import Figures
from nlu.network import Network, Reading
from nlu.network_training import NetworkSettings, Trained
from nlu.normaliser import Normalised
from nlu.told import ToldModel
from nlu.training_data import FACTS, Example, read_training
from nlu.understanding import Understanding

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
    )
    with ExitStack() as stack:
        for user in users:
            stack.enter_context(patch(f"{user}.normalise", _untouched))
        yield


def _no_words(text: str, mark: Callable[[str, int, int], None]) -> None:
    """No word of any list is marked."""


def _intents_only() -> Any:
    whole = network_training.train

    def train(
        examples: Sequence[Example],
        beside: Sequence[Example],
        settings: NetworkSettings | None = None,
        **others: Any,
    ) -> Trained:
        alone = replace(settings or NetworkSettings(), fact_weight=0.0, told_weight=0.0)
        return whole(examples, beside, alone, **others)

    return patch("nlu.network_training.train", train)


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


@contextmanager
def _no_network_facts() -> Iterator[None]:
    read = Network.read

    def silent(network: Network, text: str) -> Reading:
        reading = read(network, text)
        return replace(reading, facts=np.zeros_like(reading.facts))

    with (
        patch.object(Network, "read", silent),
        patch("nlu.extractors.combined.TAGGER_SHARE", 1.0),
    ):
        yield


@contextmanager
def _no_tagger() -> Iterator[None]:
    marginals = SpanTagger.marginals

    def silent(tagger: SpanTagger, text: str) -> list[TokenOdds]:
        return [replace(token, labels={}) for token in marginals(tagger, text)]

    with (
        patch.object(SpanTagger, "marginals", silent),
        patch("nlu.extractors.combined.TAGGER_SHARE", 0.0),
    ):
        yield


ASKED: tuple[tuple[str, Without], ...] = (
    ("without n-grams for the intent", _no_grams),
    ("without the network for the intent", _no_network),
    ("without the network for facts", _no_network_facts),
    ("without the tagger", _no_tagger),
    (
        "without n-grams for facts",
        lambda: patch.object(ToldModel, "margins", lambda model, row: {}),
    ),
    (
        "without what the kind of intent says of facts",
        lambda: patch("nlu.extractors.coded.kinds", lambda intents: [0.0] * len(coded.KINDS)),
    ),
    (
        "without the borders of places and names",
        lambda: patch("nlu.extractors.combined.bordered", lambda span, text: span),
    ),
    (
        "without what is fitting for the writer",
        lambda: patch("nlu.understanding.fitting", lambda facts, intent, text: facts),
    ),
    (
        "without the rule for gaps",
        lambda: patch("nlu.extractors.combined.find_gaps", lambda text, facts: iter(())),
    ),
)
"""Components that can be left out of the whole as trained."""


def _in_this_process() -> Any:
    """Training in a process of its own would not know what is taken away here."""
    return patch("nlu.understanding.ProcessPoolExecutor", lambda *_: ThreadPoolExecutor(1))


def rows(
    training: Sequence[Example], beside: Sequence[Example], tests: Sequence[Example]
) -> Iterator[tuple[str, Figures]]:
    """Each component's name and the figures without it; the whole comes first."""
    for name, without in TRAINED:
        with tempfile.TemporaryDirectory() as folder, without(), _in_this_process():
            trained = understanding.train(training, Path(folder), beside=beside)
            yield name, _asked(trained, tests)
            if name == "the whole":
                for less, omitting in ASKED:
                    with omitting():
                        yield less, _asked(trained, tests)


def _asked(trained: Understanding, held: Sequence[Example]) -> Figures:
    """Figures on every other held-out message, with voices weighed on the rest."""
    weights = weigh.weights(trained, [weigh.Told.of(example) for example in held[::2]])
    with (
        patch("nlu.extractors.coded.scales", weights.__getitem__),
        patch("nlu.extractors.lone.scales", weights.__getitem__),
    ):
        return ask(Interpreter(trained), held[1::2])


def main(every: int) -> None:
    """Write the table."""
    training, tests = parts(every)
    lines = [
        "# What each component is worth",
        "",
        f"Made by `python -m nlu.measuring.ablation {every}`: trained on {len(training)} messages of the training data,"
        f" asked {len(tests[1::2])} others of it, one component taken away at a time. How the voices for coded facts are"
        f" weighed is found anew each time, on {len(tests[::2])} further messages.",
        "",
        "| | intent accuracy | urgent recall | entity F1 |",
        "| --- | --- | --- | --- |",
    ]
    for name, found in rows(training, read_training(FACTS)[::every], tests):
        lines.append(
            f"| {name} | {found.accuracy:.3f} | {found.urgent_recall:.3f} | {found.entity_f1:.3f} |"
        )
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
