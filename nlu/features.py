"""What the intent classifier sees beside the embedding: characters, and how they sound.

Sounds catch dictation errors: 隔离 and 格离 are the same syllables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu import sounds

Row = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Indices and values of a text's vector."""
_SPACES = re.compile(r"[\s,，。.、~…!！]+")
_DIGITS = re.compile(r"\d+")
_CHAR_LENGTHS = (1, 2, 3, 4)
_SOUND_LENGTHS = (2, 3)


@lru_cache(maxsize=20000)
def sound(char: str) -> str:
    """Toneless pinyin of a character, with n/l, h/f and retroflex sounds as dialects merge them."""
    if not "\u4e00" <= char <= "\u9fff":
        return char
    syllable = re.sub(r"^([zcs])h", r"\1", sounds.of_character(char))
    return re.sub(r"^l(?=[aeiou])", "n", re.sub(r"ng$", "n", syllable))


def grams(text: str) -> Counter[str]:
    """Count the character and sound n-grams of a normalised text."""
    plain = "^" + _DIGITS.sub("0", _SPACES.sub("", text)) + "$"
    counts: Counter[str] = Counter()
    for n in _CHAR_LENGTHS:
        counts.update(plain[i : i + n] for i in range(len(plain) - n + 1))
    heard = [sound(char) for char in plain]
    for n in _SOUND_LENGTHS:
        counts.update("~" + "_".join(heard[i : i + n]) for i in range(len(heard) - n + 1))
    counts.update(("#short" if len(plain) < 8 else "#middle" if len(plain) < 24 else "#long",))
    return counts


class GramSpace:
    """Vocabulary and weights (idf) that turn n-grams into a sparse unit vector."""

    def __init__(self, vocabulary: dict[str, int], idf: NDArray[np.float32]) -> None:
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str], min_documents: int = 3) -> GramSpace:
        """Learn the vocabulary of normalised texts; rarer grams than ``min_documents`` are left out."""
        documents: Counter[str] = Counter()
        for text in texts:
            documents.update(grams(text).keys())
        kept = sorted(gram for gram, n in documents.items() if n >= min_documents)
        counts = np.array([documents[gram] for gram in kept], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls({gram: i for i, gram in enumerate(kept)}, idf.astype(np.float32))

    def row(self, text: str) -> Row:
        """One normalised text's vector."""
        found = [(self.vocabulary[g], n) for g, n in grams(text).items() if g in self.vocabulary]
        index = np.array([i for i, _ in found], dtype=np.int64)
        counts = np.array([n for _, n in found], dtype=np.float32)
        values = (1 + np.log(np.maximum(counts, 1))) * self.idf[index] if found else counts
        norm = float(np.sqrt((values**2).sum())) or 1.0
        return index, (values / norm).astype(np.float32)

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Sparse matrix of shape (len(texts), len(vocabulary))."""
        rows = [self.row(text) for text in texts]
        pointer = np.cumsum([0] + [len(index) for index, _ in rows])
        index = np.concatenate([i for i, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        values = np.concatenate([v for _, v in rows]) if rows else np.zeros(0, dtype=np.float32)
        return csr_matrix((values, index, pointer), shape=(len(rows), len(self.vocabulary)))
