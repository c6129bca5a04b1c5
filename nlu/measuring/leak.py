"""Prove that no message that is kept apart for tests, weighing or asking, nor a near copy, is learnt (``make check`` runs it).

Two messages are near copies when, after normalisation and without punctuation, their character
bigrams have a Jaccard similarity of 0.75 or more, or their edit similarity is 0.85 or more. The
bounds catch a changed name, number or particle in a message of usual length; independent messages of
the same intent stay below 0.6. Stock phrases of up to six characters ("谢谢你", "转人工") are said by
everybody, so only their exact copies count.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from nlu.normaliser import normalise
from nlu.training_data import ASKED, DATA, FACTS, WEIGHING, read_labelled, read_training

JACCARD = 0.75
EDITS = 0.85
SHORT = 6
_WORTH_A_LOOK = 0.45
"""Bigrams in common from which the edits, too, are counted."""
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


def find_leaks(training: Sequence[str], tests: Sequence[str]) -> list[Leak]:
    """Test messages that stand in the training data, exactly or nearly.

    Args:
        training: training messages.
        tests: test messages.
    """
    plain, asked = [bare(text) for text in training], [bare(text) for text in tests]
    exact = {text: i for i, text in enumerate(plain)}
    leaks = [Leak(i, exact[text], 1.0) for i, text in enumerate(asked) if text in exact]
    long = [i for i, text in enumerate(asked) if text not in exact and len(text) > SHORT]
    if not plain or not long:
        return leaks
    counted = CountVectorizer(analyzer=_bigrams, dtype=np.int32)
    grams = counted.fit_transform([*plain, *(asked[i] for i in long)])
    sizes, holders = grams.getnnz(axis=1), grams[: len(plain)].T.tocsr()
    for row, number in enumerate(long, len(plain)):
        shared = (grams[row] @ holders).tocoo()
        jaccard = shared.data / (sizes[shared.col] + sizes[row] - shared.data)
        near = _near(asked[number], plain, shared.col, jaccard)
        leaks += [Leak(number, *near)] if near else []
    return sorted(leaks, key=lambda leak: leak.number)


def _near(
    test: str, plain: Sequence[str], numbers: NDArray[np.int32], jaccard: NDArray[np.float64]
) -> tuple[int, float] | None:
    """The first training message that is a near copy, of those that share a bigram, and how near."""
    order = np.argsort(numbers)
    for at in order[jaccard[order] >= _WORTH_A_LOOK]:
        if jaccard[at] >= JACCARD:
            return int(numbers[at]), float(jaccard[at])
        ratio = SequenceMatcher(None, test, plain[numbers[at]], autojunk=False).ratio()
        if ratio >= EDITS:
            return int(numbers[at]), ratio
    return None


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
    apart = {
        "test message": tested,
        "message for weighing": weighed,
        "message for asking": unseen,
    }
    tests_alone = {"test message": tested}
    found = [
        *_said(apart, learnt, "the training data"),
        *_said(tests_alone, weighed, "the messages for weighing"),
        *_said(tests_alone, unseen, "the messages for asking"),
    ]
    for line in found:
        print(line)
    return 1 if found else 0


def _said(apart: Mapping[str, Sequence[str]], data: Sequence[str], name: str) -> list[str]:
    """A line for each message that stands in some data, by its kind and its place among its kind."""
    places = [(kind, i + 1) for kind, texts in apart.items() for i in range(len(texts))]
    return [
        f"{places[leak.number][0]} {places[leak.number][1]} is in {name} (number {leak.training + 1}, {leak.similarity:.2f})"
        for leak in find_leaks(data, [text for texts in apart.values() for text in texts])
    ]


if __name__ == "__main__":
    sys.exit(main())
