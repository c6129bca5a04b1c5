"""Bare answers to questions with a fixed choice, by word lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from nlu import lexicon
from nlu.contract import VALUES
from nlu.extractors.negation import is_denied
from nlu.normaliser import normalise

_Check = Callable[[str, int, int], bool]


@cache
def patterns(family: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each value of a family with the pattern of its wordings, longest wording first."""
    table = lexicon.load(family)
    return tuple(
        (
            value,
            re.compile(
                "|".join(
                    _bounded(word) for word in sorted(str(words).split(), key=len, reverse=True)
                )
            ),
        )
        for value, words in table.items()
    )


def _bounded(word: str) -> str:
    return rf"\b{word}\b" if re.match(r"[a-z]", word) else word


@lru_cache(maxsize=32)
def hits(family: str, text: str) -> tuple[tuple[str, int, int], ...]:
    """(value, start, end) of every wording of a family in normalised text, longest first where they overlap.

    Asked for every fact of a message: the last few texts are remembered.
    """
    found = [
        (value, *match.span())
        for value, pattern in patterns(family)
        for match in pattern.finditer(text)
    ]
    found.sort(key=lambda hit: (hit[1] - hit[2], hit[1]))
    kept: list[tuple[str, int, int]] = []
    for hit in found:
        if all(hit[2] <= other[1] or hit[1] >= other[2] for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: hit[1]))


def _read(family: str, text: str, keep: _Check | None = None) -> list[str]:
    plain = normalise(text).text
    allowed = keep or (lambda words, start, end: not is_denied(words, start, end))
    values = [value for value, start, end in hits(family, plain) if allowed(plain, start, end)]
    return list(dict.fromkeys(value for value in values if value in VALUES[family]))


def read_carer(text: str) -> list[str]:
    """Who is with the child, from "奶奶看着", "没人", "隔壁王婶"; empty when not understood."""
    plain = normalise(text).text

    def present(words: str, start: int, end: int) -> bool:
        return words[start] in "没无谁都" or not is_denied(words, start, end)

    values = _read("carer", plain, present)
    if not values and re.fullmatch(r"(?:没|没有|无|没得|none|no)[了啊的呢吧。. ]*", plain):
        return ["nobody"]
    others = [value for value in values if value != "nobody"]
    if "nobody" in values and others:
        return ["nobody"] if re.search(r"(?:不在|走了|没空|上班|去世|回去|住院)", plain) else others
    return values


def read_reasons(text: str) -> list[str]:
    """Why the guardians are away: one or several contract reasons; empty when not understood."""

    def said(words: str, start: int, end: int) -> bool:
        return words[start] in "不没" or not is_denied(words, start, end)

    values = _read("absence_reason", text, said)
    return [value for value in values if value != "other"] or values


def read_relation(text: str) -> list[str]:
    """Who the writer is to the child: "我是他奶奶", "邻居", "老师"; at most one value."""
    plain = normalise(text).text
    if re.search(
        r"我是(?:小孩|孩子|学生|小朋友)|我自己$|就是我|我就是(?:那个)?(?:孩子|小孩)", plain
    ):
        return ["self"]
    if re.search(r"(?:我)?是?(?:他|她|孩子|娃|小孩|学生)的?(?:班主任|老师)", plain):
        return ["teacher"]
    return _read("relation", plain)[:1]


def read_health(text: str) -> list[str]:
    """The children's state: "发烧", "没病", "有哮喘"; ``healthy`` only alone."""
    plain = normalise(text).text
    values = [
        value
        for value, start, end in hits("health", plain)
        if value == "healthy" or not is_denied(plain, start, end)
    ]
    values = list(dict.fromkeys(values))
    sick = [value for value in values if value != "healthy"]
    if sick:
        return sick
    denied_something = bool(hits("health", plain)) or re.fullmatch(
        r"(?:都)?没有?[了啊的呢吧。. ]*|都?好的?|no", plain
    )
    return ["healthy"] if values or denied_something else []


def read_needs(text: str) -> list[str]:
    """What is needed: "送点吃的，还要有人看着"; empty for "不用" and when not understood."""

    def wanted(words: str, start: int, end: int) -> bool:
        before = words[max(0, start - 3) : start]
        return (
            not re.search(r"(?:不要|不用|不需要|不缺)$", before)
            and words[max(0, start - 4) : start][-2:] != "不是"
        )

    if re.fullmatch(
        r"(?:都)?(?:不用|不需要|没有|没|不缺|什么都不缺|暂时不用|不要)[了啊的呢吧。. ]*",
        normalise(text).text,
    ):
        return []
    return _read("need", text, wanted)


def read_sexes(text: str) -> list[str]:
    """Sexes in the order said: "一男一女" → male, female; each once."""
    return _read("sex", text)
