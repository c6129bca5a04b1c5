"""In which script or language a message is written."""

import re
from functools import cache
from typing import Any

from bot.conversation.messages import sound

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}")
_ENGLISH = re.compile(
    r"\b(the|a|an|is|are|my|i|you|and|for|help|please|child|children|kid|kids|no|yes|need|alone|"
    r"hello|hi|what|who|how|can|have|there|years?|old|at|in|to|of|thanks?)\b",
    re.IGNORECASE,
)
_TRADITIONAL_TAGS = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


@cache
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)


def written_in(text: str, hint: str = "") -> str | None:
    """The language to answer in: ``zh_Hans``, ``zh_Hant``, ``en``, or ``None`` when nothing tells.

    Args:
        hint: BCP 47 tag of the person's device; counts only where the text does not tell.
    """
    text = sound(text)
    if _HAN.search(text):
        if _converter("t2s").convert(text) != text:
            return "zh_Hant"
        if _converter("s2t").convert(text) != text:
            return "zh_Hans"
        return "zh_Hant" if hint.lower().startswith(_TRADITIONAL_TAGS) else None
    if len(_LATIN_WORDS.findall(text)) >= 2 and _ENGLISH.search(text):
        return "en"
    tag = hint.lower()
    if tag.startswith(_TRADITIONAL_TAGS):
        return "zh_Hant"
    return "en" if tag.startswith("en") else None
