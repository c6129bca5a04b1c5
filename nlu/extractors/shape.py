"""What the character tagger sees of a normalised text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from itertools import pairwise

from nlu.contract import CODED
from nlu.extractors.ages import find_ages
from nlu.extractors.case_numbers import find_case_numbers
from nlu.extractors.choices import hits
from nlu.extractors.negation import is_denied, is_of_grown_up
from nlu.extractors.phones import find_phones
from nlu.extractors.places import find_divisions
from nlu.features import sound
from nlu.tokeniser import Piece, tokenise

_NUMERAL = re.compile(r"[\d零一二两三四五六七八九十百半俩仨几]+")
_TIME = re.compile(
    r"(?:[大前昨今去上本这]+(?:天|日|晚|夜|年|早|晨|个月|周|星期|礼拜)+|(?:周|星期|礼拜)[一二三四五六日天]|"
    r"[\d一二两三四五六七八九十半几]+(?:个|多|来)*(?:小时|钟头|天|日|周|星期|礼拜|月|年|点|号|分)(?:半|多)?|"
    r"早上|上午|中午|下午|晚上|凌晨|半夜|刚才|刚刚|傍晚)+"
)
_PLACE = re.compile(r"[省市区县旗镇乡村屯寨路街巷弄号栋幢楼室组庄邨苑城湾沟坪坝坡岭桥站口厂]")
_ORGANISATION = re.compile(
    r"医院|学校|小学|中学|幼儿园|居委会|村委会|社区|派出所|公安局|街道办|民政|救助站|福利院|妇联|卫生院|一中|二中"
)
_SURNAME_TITLE = re.compile(
    r"[\u4e00-\u9fff](?:先生|女士|老师|医生|大夫|师傅|主任|阿姨|叔|婶|嫂|姐|哥|大爷|大妈|姓)"
)


_REACH = 4
"""How many tokens to each side are seen."""
_ONE = [(_REACH + d, f"c{d}=") for d in range(-4, 5)]
_TWO = [(_REACH + d, f"b{d}=") for d in range(-3, 3)]
_THREE = [(_REACH + d, f"t{d}=") for d in (-2, -1, 0)]
_HINT = [(d, f"h{d}:") for d in (-2, -1, 0, 1, 2)]
"""Where single tokens, pairs, triples and hints stand, and what the features of them are called."""


def _hints(text: str) -> list[list[str]]:
    """Names of lexicon and rule hits at each character."""
    at: list[list[str]] = [[] for _ in range(len(text) + 1)]

    def mark(name: str, start: int, end: int) -> None:
        for i in range(start, min(end, len(text))):
            at[i].append(("b:" if i == start else "i:") + name)

    _mark_words(text, mark)
    for start, end in find_divisions(text):
        mark("division", start, end)
    for fact in find_ages(text):
        mark("age", fact.start, fact.end)
    for fact in (*find_phones(text), *find_case_numbers(text)):
        mark(fact.entity, fact.start, fact.end)
    for name, pattern in (
        ("num", _NUMERAL),
        ("time", _TIME),
        ("org", _ORGANISATION),
        ("title", _SURNAME_TITLE),
    ):
        for match in pattern.finditer(text):
            mark(name, *match.span())
    return at


def _mark_words(text: str, mark: Callable[[str, int, int], None]) -> None:
    for family in sorted(CODED):
        for value, start, end in hits(family, text):
            mark(f"{family}={value}", start, end)
            if family in {"health", "carer"} and is_denied(text, start, end):
                mark(f"{family}!", start, end)
            if family == "health" and is_of_grown_up(text, start):
                mark("grownup", start, end)


def runs(pieces: Sequence[Piece]) -> tuple[list[str], list[str], list[str], list[str]]:
    """What stands around each token, alone, by pairs, by threes and by fours: itself is at its index and ``_REACH``."""
    forms = ["0" if piece.text.isdigit() else piece.text for piece in pieces]
    one = [*["<"] * _REACH, *forms, *[">"] * _REACH]
    two = [a + b for a, b in pairwise(one)]
    three = [a + b for a, b in zip(two, one[2:], strict=False)]
    return one, two, three, [a + b for a, b in zip(three, one[3:], strict=False)]


def seldom(texts: Iterable[str], least: int) -> Set[str]:
    """Runs of tokens that normalised texts hold less often together: no feature of them occurs more often."""
    counts = Counter(run for text in texts for kind in runs(tokenise(text))[1:] for run in kind)
    return {run for run, times in counts.items() if times < least}


def describe(text: str, without: Set[str] = frozenset()) -> tuple[list[Piece], list[list[str]]]:
    """Tokens of a normalised text and the features of each.

    Args:
        without: runs of tokens that are left out.
    """
    pieces = tokenise(text)
    hints = _hints(text)
    count = len(pieces)
    length = "len=" + ("short" if count < 7 else "middle" if count < 20 else "long")
    one, two, three, four = runs(pieces)
    named = [hints[piece.start] for piece in pieces]
    places = [bool(_PLACE.match(piece.text)) for piece in pieces]
    rows = []
    for i in range(count):
        row = ["bias", length, "s0=" + sound(one[i + _REACH])]
        row += [name + one[i + at] for at, name in _ONE]
        row += [name + two[i + at] for at, name in _TWO if two[i + at] not in without]
        row += [name + three[i + at] for at, name in _THREE if three[i + at] not in without]
        if four[i + _REACH - 1] not in without:
            row.append("q=" + four[i + _REACH - 1])
        if places[i]:
            row.append("place")
        ahead = next((d for d in range(1, 6) if i + d < count and places[i + d]), 0)
        if ahead:
            row.append(f"p{ahead}")
        for d, name in _HINT:
            if 0 <= i + d < count and named[i + d]:
                row += [name + hint for hint in named[i + d]]
        row.append("first" if i == 0 else "last" if i == count - 1 else "inside")
        rows.append(row)
    return pieces, rows
