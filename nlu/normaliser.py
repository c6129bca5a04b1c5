"""Bring what people type into one shape, and remember where every character came from.

Order: lone surrogates, NUL and zero-width, NFKC, Traditional to Simplified, Cantonese and
mistyped words, elongation, blanks. Entities are found in the normalised text and reported
in the text as written, so each normalised character carries its span there.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlu import lexicon

MAX_CHARS = 2000
_ELONGATED = re.compile(r"([^\W\d_一二三四五六七八九零两])\1{2,}|([^\w\s])\2+")
_BLANKS = re.compile(r"\s+")
_opencc_lock = threading.Lock()


@dataclass(frozen=True)
class Normalised:
    """A message in normal form.

    ``starts[i]`` and ``ends[i]`` give the span in ``original`` that character ``i`` of ``text`` stands for.
    """

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the normalised text into the span of the original text it came from."""
        if not self.text or start >= end:
            return (0, 0)
        return self.starts[start], max(self.ends[start:end])

    def from_original(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the original text into the normalised span that covers it."""
        inside = [
            i
            for i, (a, b) in enumerate(zip(self.starts, self.ends, strict=False))
            if a < end and b > start
        ]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


_Pieces = tuple[list[str], list[int], list[int]]


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


_WIDE_POINTS = frozenset("，：；！？（）")


def to_simplified(text: str) -> str:
    """Convert Traditional characters to Simplified, keeping the number of characters.

    A Cantonese one whose simplified form nobody can type (嗰, 劏) stays.
    """
    if text.isascii():
        return text
    with _opencc_lock:
        converter = _converter()
        out: str = converter.convert(text)
        if len(out) != len(text):
            out = "".join((converter.convert(char) or char)[:1] for char in text)
    if _is_typed(out):
        return out
    return "".join(new if _is_typed(new) else old for old, new in zip(text, out, strict=True))


def _is_typed(text: str) -> bool:
    """Whether all characters are those of common typefaces and input methods (GBK)."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def written_form(text: str) -> str:
    """Text as written but in simplified characters, letters and digits of normal width, for place and person names."""
    chars, starts, _ = _clean(text)
    written = [
        text[at] if text[at] in _WIDE_POINTS else char
        for char, at in zip(chars, starts, strict=True)
    ]
    return _BLANKS.sub(" ", to_simplified("".join(written))).strip()


def _dropped(char: str) -> bool:
    if char in "\t\n\r\x0b\x0c\u2028\u2029\x85":
        return False
    return unicodedata.category(char) in {"Cs", "Cc", "Cf", "Mn", "Co"}


def _clean(text: str) -> _Pieces:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text[:MAX_CHARS]):
        if _dropped(char):
            continue
        for part in unicodedata.normalize("NFKC", char)[:8]:
            if _dropped(part):
                continue
            chars.append(part)
            starts.append(at)
            ends.append(at + 1)
    return chars, starts, ends


@lru_cache(maxsize=1)
def _replacements() -> tuple[re.Pattern[str], dict[str, str]]:
    table: dict[str, str] = {}
    for group in lexicon.load("normaliser").values():
        table.update({str(key): str(value) for key, value in group.items()})
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), table


def _replace(pieces: _Pieces) -> _Pieces:
    chars, starts, ends = pieces
    pattern, table = _replacements()
    text = "".join(chars)
    out: _Pieces = ([], [], [])
    last = 0
    for match in pattern.finditer(text):
        a, b = match.span()
        new = table[match.group()]
        _extend(out, text[last:a], starts[last:a], ends[last:a])
        if len(new) == b - a:
            _extend(out, new, starts[a:b], ends[a:b])
        else:
            _extend(out, new, [starts[a]] * len(new), [ends[b - 1]] * len(new))
        last = b
    _extend(out, text[last:], starts[last:], ends[last:])
    return out


def _extend(out: _Pieces, text: str, starts: list[int], ends: list[int]) -> None:
    out[0].extend(text)
    out[1].extend(starts)
    out[2].extend(ends)


def _squeeze(pieces: _Pieces, pattern: re.Pattern[str], keep: str | None) -> _Pieces:
    chars, starts, ends = pieces
    text = "".join(chars)
    out: _Pieces = ([], [], [])
    last = 0
    for match in pattern.finditer(text):
        a, b = match.span()
        _extend(out, text[last:a], starts[last:a], ends[last:a])
        _extend(out, keep or text[a], [starts[a]], [ends[b - 1]])
        last = b
    _extend(out, text[last:], starts[last:], ends[last:])
    return out


def _strip(pieces: _Pieces) -> _Pieces:
    text = "".join(pieces[0])
    a = len(text) - len(text.lstrip())
    b = len(text.rstrip())
    return (pieces[0][a:b], pieces[1][a:b], pieces[2][a:b])


@lru_cache(maxsize=4096)
def normalise(text: str) -> Normalised:
    """Normalise a message.

    Args:
        text: what the person wrote, anything at all; beyond ``MAX_CHARS`` it is cut.

    Returns:
        The normalised text with its map to the original.
    """
    chars, starts, ends = _clean(text)
    simplified = to_simplified("".join(chars)).lower()
    if len(simplified) == len(chars):
        chars = list(simplified)
    pieces = _replace((chars, starts, ends))
    pieces = _squeeze(pieces, _ELONGATED, None)
    pieces = _strip(_squeeze(pieces, _BLANKS, " "))
    return Normalised(text, "".join(pieces[0]), tuple(pieces[1]), tuple(pieces[2]))
