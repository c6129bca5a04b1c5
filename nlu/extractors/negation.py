"""What is said not to be so, or said of somebody else."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"(?:没有|没|不是|不|未|无|并未|并非|没再|不再|不太|没怎么|别|否认|从没|从来没|也不|也没|都没|都不|又不|又没|no|not)"
    r"(?:有|在|是|什么|啥|出现|见|再)?$"
)
_DOUBLE = re.compile(r"(?:不是没|不能不|没法不|没有不|不得不)$")
_AFTER = re.compile(
    r"^(?:也|都|又|就|人)?(?:没有|不在|没得|没空|不是|不管用|不行|不了|不到|不来|没来|管不了|顾不上|带不动)"
)
_SET_RIGHT = re.compile(r"(?<!是)(?:不是|并非|而非|不系)(?:我说的|在|住|有|叫|说)?$")
_GROWN_UP = re.compile(
    r"(?:我(?:自己|妈|爸|娘|爹|婆婆|公公|老公|老婆|爱人|丈夫|媳妇|也|先)|爸爸|妈妈|爷爷|奶奶|外公|外婆|姥姥|姥爷|爹|娘|爸|妈|"
    r"父亲|母亲|父母|家长|大人|老人|老公|老婆|丈夫|妻子|两口子|夫妻|舅舅|叔叔|邻居|老师|司机|保姆)"
    r"(?!的(?:孩子|娃|儿子|女儿))[^,，。;；!！?？]{0,6}$"
)
_CHILD = re.compile(
    r"(?:孩|娃|儿子|女儿|闺女|小子|丫头|宝|弟弟|妹妹|崽|囡|伢|妮|他|她|小的|大的|孙|婴|仔)[^,，。;；!！?？]{0,8}$"
)


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether the words at ``[start:end]`` of normalised text are denied: "没发烧", "奶奶不在"."""
    before = text[max(0, start - 6) : start]
    if _DOUBLE.search(before):
        return False
    return bool(_BEFORE.search(before) or _AFTER.match(text[end : end + 6]))


def is_set_right(text: str, start: int) -> bool:
    """Whether what stands at ``start`` is the wrong value that a correction names: "是仨不是俩", "不是昨天"."""
    return bool(_SET_RIGHT.search(text[max(0, start - 8) : start]))


def is_of_grown_up(text: str, start: int) -> bool:
    """Whether what stands at ``start`` is said of a grown-up: "我妈发烧", not "孩子发烧"."""
    before = text[max(0, start - 14) : start]
    grown_up = _GROWN_UP.search(before)
    child = _CHILD.search(before)
    return bool(grown_up) and not (child and grown_up and child.start() > grown_up.start())
