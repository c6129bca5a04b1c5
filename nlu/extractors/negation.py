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


_GONE = re.compile(
    r"(?:她|他|们|俩|两个|家|也|都|又|还|前天|昨天|昨晚|上个?月|上周|前几天|去年|年初|突然|刚刚?|已经|早就?|一|先)*"
    r"(?:走了|没了|没有了|去世|过世|过了?身|死|殁|断气|病逝|病故|不在了|离世|亡|猝死|住了?院|住进?医院|入了?院"
    r"|[被让]?送(?:去|到|进)?医院|进了?(?:医院|icu)|被救护车|走哒|走掉|走撇|拒领|拒绝)"
)
_NEED_OF_SOMEBODY = re.compile(
    r"(?:没|无)有?(?:一?个)?大?人(?:接|给|来|做|煮|送|能|领|要|去|喂|签|敢|说|打|可|告|叫|帮|知|听|倒|联|修|发|换|烧|会|想|买|欺)"
)


def is_gone(text: str, end: int) -> bool:
    """Whether who is named before ``end`` is said to be dead or in hospital: "外婆走了", "奶奶住院"."""
    return bool(_GONE.match(text, end))


def is_need(text: str, start: int, end: int) -> bool:
    """Whether at ``[start:end]`` somebody is missed for one thing ("没人接", "没人做饭"), not for all care."""
    return any(m.start() < end and m.end() > start for m in _NEED_OF_SOMEBODY.finditer(text))


_THERE_IS = re.compile(
    r"(?:家里|冰箱里?|锅里|屋里|这里|都|也|还|现在|今天|我们?|^|[,.!、;: ])"
    r"还?有(?:[点些]|[一两半几](?:[点些箱袋盒个瓶罐包])?|大?半?[箱袋盒瓶罐])?$"
)
_ENOUGH = re.compile(r"^(?:的?(?:都|还|也)?(?:不缺|够|有|足|管够)|[^,.!?没不]{0,3}够)")
_HUNGRY = re.compile(
    r"没[饭吃有得米]|(?<!不)饿(?!不)|断[粮顿奶]|求|只有|就剩|谁|哪|能不能|可以|有没有|没有|[吗么]|吃完|给[我他她孩]|完了|没了|不够|馊|坏|要"
)


def is_at_hand(text: str, start: int, end: int) -> bool:
    """Whether the food at ``[start:end]`` is said to be there: "有面包", "吃的不缺", not "只有面包"."""
    if _HUNGRY.search(text):
        return False
    span = text[start:end]
    before = bool(_THERE_IS.search(text[:start])) or bool(re.match("还?有", span))
    return before or bool(_ENOUGH.match(text[end:])) or "不饿" in text


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
