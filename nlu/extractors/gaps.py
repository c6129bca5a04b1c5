"""Since when a child has been without care, where the words beside a time say so.

A length of time counts that stands at a lack of care or at a guardian gone ("一天没人管", "隔离了三天"), a day that stands
before why a guardian is gone ("妈妈昨晚送急诊"); a planned one does not ("要隔离十四天", "下周三手术").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlu.extractors.found import Found

_LENGTH = (
    r"(?:[一二两三四五六七八九十半几\d]+个?多?(?:天|晚上|晚|宿|夜|周|星期|礼拜|月|小时|钟头)半?多?)"
)
_NOBODY = (
    r"(?:都|也|就|全)?(?:没人|没有人|没大人|没有大人|没个大人|无人|不见大人|没见(?:着|到)?(?:人|大人|家长)"
    r"|没回|没着家|不着家|没音[信讯]|没消息|不接电话|联系不上)"
)
_BEFORE = re.compile(rf"({_LENGTH})了?{_NOBODY}")
_GONE = (
    r"(?:(?:隔离|住院|走|出去|离家|拉走|带走|抓走|关|拘|跑|进去|出门)(?:了|咗|哒)"
    r"|[不唔]见(?:了|咗)|没人影|没音[信讯]|一去)"
)
_LACK = r"(?:没人[管看带理顾](?:着)?|没人照[顾看料]|没人陪|无人照[看料]|不见人影?|失踪|没回(?:来|家)过?|没露面|联系不上)了?"
_AFTER = re.compile(rf"(?:{_GONE}|{_LACK})(?:都|已经|快|有|差不多|整整)?({_LENGTH})")
_PLANNED = re.compile(r"(?:要|得|需要?|将|还要|至少|可能|大概要|估计)[^,，。]{0,4}$")

_DAY = (
    r"(?:今[天日儿早晚朝晨夜]|昨[天日儿晚夜]|前[天晚儿]|大前天|前几[天日]|[上前]+一?个?(?:周|礼拜|星期|月)[一二三四五六日天初末底]?"
    r"|前年|去年|(?<!下)(?<!下个)(?:周|礼拜|星期)[一二三四五六日天])"
    r"(?:一早|大?清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|凌晨|[\d一二三四五六七八九十]+点(?:半|多)?)*"
)
_AT_REASON = re.compile(
    rf"(?<!如)(?<!到)({_DAY})(?:起|就|又|才|刚|被|给|让|突然|忽然|临时|因|在|去)?[^,。; !?]{{0,2}}$"
)


def find_gaps(text: str, facts: Sequence[Found]) -> Iterator[Found]:
    """Times since when a child has been without care, as ``since``: lengths first, then days before a reason.

    Args:
        text: normalised.
        facts: that the message tells, in it; frailty has no day.
    """
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(text):
            if not _PLANNED.search(text[: match.start()]):
                yield Found("since", match.group(1), *match.span(1))
    for fact in facts:
        if fact.entity == "absence_reason" and fact.value != "incapacitated":
            day = _AT_REASON.search(text[: fact.start])
            if day:
                yield Found("since", day.group(1), *day.span(1))
