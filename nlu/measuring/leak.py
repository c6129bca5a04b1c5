"""Prove that no message that is kept apart for tests or weighing, nor a near copy, is learnt (``make check`` runs it).

Two messages are near copies when, after normalisation and without punctuation, their character
bigrams have a Jaccard similarity of 0.75 or more, or their edit similarity is 0.85 or more. The
bounds catch a changed name, number or particle in a message of usual length; independent messages of
the same intent stay below 0.6. Stock phrases of up to six characters ("谢谢你", "转人工") are said by
everybody, so only their exact copies count.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from nlu.normaliser import normalise
from nlu.training_data import ASKED, DATA, FACTS, WEIGHING, read_labelled, read_training

JACCARD = 0.75
EDITS = 0.85
SHORT = 6
_NOT_WORDS = re.compile(r"[\W_]+")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Leak:
    """A message that is kept apart, its place among its kind, and the message that it resembles."""

    number: int
    training: int
    similarity: float


def bare(text: str) -> str:
    """Normalised, without punctuation and blanks."""
    return _NOT_WORDS.sub("", normalise(text).text)


def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset({text})


def find_leaks(training: Sequence[str], tests: Iterable[str]) -> list[Leak]:
    """Test messages that stand in the training data, exactly or nearly.

    Args:
        training: training messages.
        tests: test messages.
    """
    plain = [bare(text) for text in training]
    grams = [_bigrams(text) for text in plain]
    holders: dict[str, list[int]] = defaultdict(list)
    for i, found in enumerate(grams):
        for gram in found:
            holders[gram].append(i)
    exact = {text: i for i, text in enumerate(plain)}
    leaks = []
    for number, test in enumerate(map(bare, tests)):
        if test in exact:
            leaks.append(Leak(number, exact[test], 1.0))
        elif len(test) > SHORT:
            leaks.extend(_near(number, test, plain, grams, holders))
    return leaks


def _near(
    number: int,
    test: str,
    plain: Sequence[str],
    grams: Sequence[frozenset[str]],
    holders: dict[str, list[int]],
) -> list[Leak]:
    own = _bigrams(test)
    shared: dict[int, int] = defaultdict(int)
    for gram in own:
        for i in holders.get(gram, ()):
            shared[i] += 1
    for i, count in shared.items():
        jaccard = count / len(own | grams[i])
        if jaccard >= JACCARD:
            return [Leak(number, i, jaccard)]
        if jaccard >= 0.45:
            ratio = SequenceMatcher(None, test, plain[i], autojunk=False).ratio()
            if ratio >= EDITS:
                return [Leak(number, i, ratio)]
    return []


def main(
    training: Sequence[Path] = (DATA, FACTS),
    tests: Path = ROOT / "tests/nlu/messages",
    weighing: Path = WEIGHING,
    asked: Path = ASKED,
) -> int:
    """Check the repository's own files; print places, never a message. 1 when something leaks.

    Messages for weighing and those that a model is asked are kept apart from the training data, and test messages from
    all of them.
    """
    learnt = [example.text for folder in training for example in read_training(folder)]
    tested = [message.text for message in read_labelled(sorted(tests.glob("**/*.jsonl")))]
    weighed = [message.text for message in read_labelled(sorted(weighing.glob("*.jsonl")))]
    unseen = [example.text for example in read_training(asked)]
    found = [
        *_said(find_leaks(learnt, unseen), "message for asking", "the training data"),
        *_said(find_leaks(unseen, tested), "test message", "the messages for asking"),
        *_said(find_leaks(learnt, tested), "test message", "the training data"),
        *_said(find_leaks(learnt, weighed), "message for weighing", "the training data"),
        *_said(find_leaks(weighed, tested), "test message", "the messages for weighing"),
    ]
    for line in found:
        print(line)
    return 1 if found else 0


def _said(leaks: Sequence[Leak], kind: str, data: str) -> list[str]:
    return [
        f"{kind} {leak.number + 1} is in {data} (number {leak.training + 1}, {leak.similarity:.2f})"
        for leak in leaks
    ]


if __name__ == "__main__":
    sys.exit(main())
