"""Pinyin (pypinyin): of single characters from the start, of names once somebody asks for one.

A name needs the library's list of phrases (重庆 is no zhongqing), which takes a fifth of a second and
30 MB; most messages only ask how single characters sound.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

_SWITCHES = ("PYPINYIN_NO_PHRASES", "PYPINYIN_NO_DICT_COPY")
"""The library's own switches: read no phrases when it is imported, keep no second copy."""


@lru_cache(maxsize=1)
def _library() -> Any:
    for switch in _SWITCHES:
        os.environ.setdefault(switch, "true")
    import pypinyin

    return pypinyin


@lru_cache(maxsize=1)
def _with_phrases() -> Any:
    library = _library()
    from pypinyin import phrases_dict

    library.load_phrases_dict(phrases_dict.phrases_dict)
    return library


def of_character(char: str) -> str:
    """The commonest pinyin of one character, without its tone; what is none stays as it is."""
    _library()
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    return str(to_normal(PINYIN_DICT.get(ord(char), char).split(",")[0]))


def of_name(name: str) -> str:
    """The pinyin of a name, without tones, in one word: 重庆 → chongqing."""
    return "".join(_with_phrases().lazy_pinyin(name))
