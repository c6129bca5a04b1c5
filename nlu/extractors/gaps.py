"""How long a child has been without care, where the words beside a length of time say so.

Only a length that stands at a lack of care or at a guardian gone counts ("一天没人管", "隔离了三天");
a planned one does not ("要隔离十四天").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def find_gaps(text: str) -> list[Found]:
    """The lengths of time that a child has been without care, as ``since``, in a normalised text."""
    return list(_found(text))


def _found(text: str) -> Iterator[Found]:
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(text):
            if not _PLANNED.search(text[: match.start()]):
                yield Found("since", match.group(1), match.start(1), match.end(1))
