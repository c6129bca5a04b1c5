"""Danger to life or limb, said of now, heard in any message whatever its intent."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu import lexicon
from nlu.contract import DANGERS
from nlu.extractors.negation import is_denied
from nlu.normaliser import normalise

_QUESTION = re.compile(
    r"怎么(?:报警|举报|预防|处理|办理)|该打(?:什么|哪个)|打(?:什么|哪个)电话|归谁|算不算|犯法|违法|如果|要是|万一|假如|会不会|能不能举报|"
    r"我想问|咨询|请问|政策|规定|流程|补助|补贴|申请"
)
_LONG_AGO = re.compile(
    r"以前|从前|过去|曾经|早年|前年|去年|小时候|那年|当年|早就|年前|个月前|上个?月|上上|上周|上个?(?:星期|礼拜)|已经(?:好|出院|没事|找到|救)|"
    r"住院|入院|送医|出院|去世|过世|火灾后|走失过|丢过|找到了|找回来|没事了|救回来|扑灭|灭了|好了"
)
_FICTION = re.compile(
    r"新闻|电视|小说|电影|抖音|视频里|朋友圈|故事|游戏|梦见|梦到|听说(?:别|人家|外地|那边)|演习|演练|作文|段子|剧"
)
_HYPERBOLE = re.compile(
    r"(?:多|累|忙|烦|气|笑|热|冷|困|急|愁|吓|馋|难受|丑|羡慕|吵|热)(?:得)?(?:得)?(?:都)?(?:快|要)?(?:想)?死|(?:手机|电脑|天)[^,，。]{0,3}(?:要)?(?:炸|爆)"
)
_SENTENCE = re.compile(r"[,，。;；!！\n]")


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = lexicon.load("danger")
    unknown = set(table) - set(DANGERS)
    if unknown:
        raise ValueError(f"danger.yml names kinds the contract does not: {sorted(unknown)}")
    return tuple(
        (kind, re.compile("|".join(f"(?:{line})" for line in lines)))
        for kind, lines in table.items()
    )


def find_dangers(text: str) -> list[str]:
    """Danger kinds of the contract that a message tells of as happening now.

    Args:
        text: the message as written.

    Returns:
        Kinds in the order of the contract's list, each once; empty for the denied, the long past, fiction,
        supposition and general questions.
    """
    plain = normalise(text).text
    if not plain or _FICTION.search(plain):
        return []
    found = {
        kind
        for kind, pattern in _patterns()
        if any(_now(plain, m) for m in pattern.finditer(plain))
    }
    if "other" in found and len(found) > 1:
        found.discard("other")
    return [kind for kind in DANGERS if kind in found]


def _now(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    if is_denied(text, start, end) or _HYPERBOLE.search(text[max(0, start - 6) : end + 2]):
        return False
    context = text[max(0, start - 24) : end + 12]
    if _LONG_AGO.search(context) and not re.search(
        r"现在|刚刚|刚才|正在|又在|马上|今天|今晚", context
    ):
        return False
    clause_start = max((m.end() for m in _SENTENCE.finditer(text, 0, start)), default=0)
    following = _SENTENCE.search(text, end)
    clause = text[clause_start : following.start() if following else len(text)]
    return not _QUESTION.search(clause)
