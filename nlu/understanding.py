"""The trained parts of language understanding, trained, stored and used together."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlu import classifier, told
from nlu.classifier import GramModel, joined
from nlu.contract import RETRIEVAL
from nlu.extractors import learnt
from nlu.extractors.combined import Extractor
from nlu.extractors.fitting import fitting
from nlu.extractors.found import Found
from nlu.features import GramSpace, Row
from nlu.network import Network, Reading
from nlu.normaliser import normalise
from nlu.thresholds import (
    ALONE,
    ALONE_LEAN,
    INTENT,
    OF_A_CHILD,
    TALK,
    TALK_FACTOR,
    URGENT_INTENTS,
    URGENT_LEAN,
)
from nlu.told import ToldModel
from nlu.training_data import Example

if TYPE_CHECKING:
    from nlu.network_training import Trained

FILES = frozenset(
    {
        "grams.json",
        "grams.npz",
        "network.json",
        "network.npz",
        "network.onnx",
        "spans.crfsuite",
        "told.json",
        "told.npz",
    }
)
_CHILD = re.compile(
    r"孩|娃|儿童|小朋友|宝宝|婴|崽|囡|妮子|妮儿|小子|小学|初[一二三中]|幼儿|年级|\bboys?\b|\bgirls?\b|\bchild|\bkids?\b|细路|细佬|细妹|伢|弟|妹"
    r"|[^\d十][1-9]岁|[一二三四五六七八九两]岁(?!数)|1[0-7]岁|十[一二三四五六七]?岁|我才|作业|老师(?=说|让|叫)"
)
"""Words by which a child is named, or shows that it writes."""
Ranking = tuple[tuple[str, float], ...]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Understood:
    """Intents with their confidence, likeliest first, and facts with spans in the text as written."""

    ranking: Ranking
    facts: tuple[Found, ...]


@dataclass(frozen=True)
class Understanding:
    """Network, n-gram models and extractors; several threads may share one."""

    network: Network
    grams: GramModel
    told: ToldModel
    extractor: Extractor

    def understand(self, text: str, now: datetime) -> Understood:
        """Understand one message, as written; an empty one has no ranking.

        Args:
            text: anything a person can send.
            now: aware time of the message.
        """
        normal = normalise(text)
        if not normal.text:
            return Understood((), ())
        reading = self.network.read(normal.text)
        row = self.grams.space.row(normal.text)
        ranking = self.ranking(normal.text, reading, row)
        voiced = self.told.margins(row)
        facts = self.extractor.find(normal, reading, now, voiced, dict(ranking))
        return Understood(ranking, tuple(fitting(facts, ranking[0][0], text)))

    def ranking(self, text: str, reading: Reading, row: Row) -> Ranking:
        """The intents with their confidence, the one to go by first.

        Args:
            text: the normalised message.
            reading: what the network says of it.
            row: its n-grams.
        """
        likely = joined(reading.intents, self.grams.margins(row))
        likely *= [TALK_FACTOR if label == TALK else 1.0 for label in self.grams.labels]
        likely /= likely.sum()
        ranked = [(self.grams.labels[i], float(likely[i])) for i in np.argsort(-likely)]
        return leaning(ranked, text)

    @classmethod
    def load(cls, folder: Path) -> Understanding:
        """Read what :func:`train` wrote.

        Raises:
            FileNotFoundError: a part is missing.
            ValueError: the parts were not trained together.
        """
        network = Network.load(folder)
        grams = GramModel.load(folder)
        if grams.labels != network.labels:
            raise ValueError("the parts of the language model were not trained together")
        return cls(network, grams, ToldModel.load(folder), Extractor.load(folder, network))


def leaning(ranking: Sequence[tuple[str, float]], text: str) -> Ranking:
    """The ranking with an urgent opener first where the urgent ones together are likely enough and nothing is plainly asked,
    and with an old person alone first where that is likely enough and no child is named, but before an urgent one only where
    it is likelier; it keeps its own share, so the dialogue asks.

    Args:
        ranking: likeliest first.
        text: the normalised message.
    """
    urgent = [reading for reading in ranking if reading[0] in URGENT_INTENTS]
    share = sum(value for _, value in urgent)
    asks = ranking[0][0].startswith(RETRIEVAL + "/") and ranking[0][1] >= INTENT
    if urgent and ranking[0] != urgent[0] and share >= URGENT_LEAN and not asks:
        ranking = _first((urgent[0][0], share), ranking)
    alone = next((reading for reading in ranking if reading[0] == ALONE), (ALONE, 0.0))
    if alone[1] >= ALONE_LEAN and _gives_way(ranking[0], alone) and not _CHILD.search(text):
        ranking = _first(alone, ranking)
    return tuple(ranking)


def _gives_way(first: tuple[str, float], alone: tuple[str, float]) -> bool:
    """Whether the likeliest reading is a report of a child, and no urgent one that is likelier than an old person alone."""
    return first[0] in OF_A_CHILD and (first[0] not in URGENT_INTENTS or alone[1] > first[1])


def _first(reading: tuple[str, float], ranking: Sequence[tuple[str, float]]) -> Ranking:
    return (reading, *(other for other in ranking if other[0] != reading[0]))


def train(
    examples: Sequence[Example],
    folder: Path,
    progress: Progress | None = None,
    beside: Sequence[Example] = (),
    begun: Trained | None = None,
) -> Understanding:
    """What :func:`write` writes, read."""
    write(examples, folder, progress, beside, begun)
    return Understanding.load(folder)


def write(
    examples: Sequence[Example],
    folder: Path,
    progress: Progress | None = None,
    beside: Sequence[Example] = (),
    begun: Trained | None = None,
) -> None:
    """Train all parts on annotated examples and write them to ``folder``.

    Args:
        examples: with full intent names; at least three intents and some annotated facts.
        folder: exists.
        beside: further examples, of which the facts are learnt and the intents are not.
        begun: the network as a long training left it; without it, it begins with these examples alone.
        progress: told in a few words what is being done.
    """
    from nlu import network_training

    tell = progress or (lambda words: None)
    # tagger and linear models hold Python's lock: they get processes of their own, and the network the other cores,
    # theirs, too, once they are done
    both = [*examples, *beside]
    cores = sorted(_cores())
    processes = 1 if len(cores) < 4 else 2
    with ProcessPoolExecutor(processes, get_context("spawn")) as other:
        tagging = other.submit(_train_tagger, both, folder)
        counting = other.submit(_train_linear, both, len(examples), folder)
        _keep_to(cores[processes:])
        for done in (tagging, counting)[-processes:]:
            done.add_done_callback(lambda _: _keep_to(cores))
        tell("network")
        learn = partial(
            network_training.train,
            examples,
            beside,
            progress=lambda done, all_: tell(f"network {done}/{all_}"),
            threads=len(cores),
        )
        begun = begun or learn(settings=network_training.BEGINNING)
        learn(begun=begun).save(folder)
        tell("tagger and linear models")
        tagging.result()
        counting.result()


def _cores() -> Set[int]:
    """The cores that this process may use, by their numbers."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _keep_to(cores: Sequence[int]) -> None:
    """Let all threads of this process use these cores and no others, where the system can (Linux); those that they begin
    do the same."""
    threads = Path("/proc/self/task")
    if not cores or not threads.exists():
        return
    for thread in threads.iterdir():
        with suppress(OSError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)


def _train_tagger(examples: Sequence[Example], folder: Path) -> None:
    learnt.train(examples, folder / learnt.FILE)


def _train_linear(examples: Sequence[Example], with_intent: int, folder: Path) -> None:
    """Train what n-grams say of the intent, learnt from the first of the examples, and of facts."""
    texts = [normalise(example.text).text for example in examples]
    space = GramSpace.fit(texts)
    intents = [example.intent for example in examples[:with_intent]]
    matrix = space.matrix(texts)
    classifier.train(space, matrix[:with_intent], intents).save(folder)
    told.train(matrix, examples).save(folder)
