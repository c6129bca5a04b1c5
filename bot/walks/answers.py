"""How an answer to an open question is read: text in, the field's value out, or nothing.

Only what the question asks for counts: "三个" is a number of children after "几个孩子", and
nothing after "孩子多大".
"""

import re
from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

from nlu.extractors import ages, choices, danger, numerals, people, phones, places, times

Reader = Callable[[str, datetime], Any]

_NOTHING_WRONG = re.compile("^(没有?|冇|无|都?好好?的?|没事|挺好|安全|正常)")
_YES_WORDS = "是|对|對|嗯|好|可以|同意|愿意|願意|行|中|成|要得|得|ok|okay|yes|sure|没错|冇错|没问题|没意见|提交|确认|系"
_FILLERS = "[的了吧啊呀哦嘛呢啦嘞我你您就都记记录請请,，。.!！~～ ]"
_YES = re.compile(
    f"(我?({_YES_WORDS})({_YES_WORDS}|{_FILLERS}|谢谢|謝謝|多谢|唔该)*|我?(同意|可以|好的|好|行)[，,。！! ].*)",
    re.IGNORECASE,
)
_NO = re.compile(
    f"(我?(不|唔|没有|没|冇|不要|不用|不行|不好|不可以|不是|算了|别|no|nope)({_FILLERS}|要|好|行)*"
    "|我?(不同意|唔同意|不愿意|不願意|拒绝|拒絕|不想留).*)",
    re.IGNORECASE,
)


def _since(text: str, now: datetime) -> str | None:
    moment = times.read_since(text, now)
    return times.iso(moment) if moment is not None else None


def place_as_fact(text: str) -> dict[str, Any] | None:
    """Words for a place, to the fact ``location`` (text, divisions, adcode), or ``None``."""
    if not re.search(r"\w", text):
        return None
    place = places.read_place(text)
    if place is None:
        return {"text": text.strip()}
    names = ("text", "province", "city", "county", "township", "detail", "adcode")
    return {name: getattr(place, name) for name in names if getattr(place, name)}


def _organisation(text: str, now: datetime) -> str | None:
    return people.read_organisation(text)


def _dangers(text: str, now: datetime) -> list[str] | None:
    found = danger.find_dangers(text)
    return found or ([] if _NOTHING_WRONG.search(text.strip()) else None)


def _agreed(text: str, now: datetime) -> bool | None:
    plain = text.strip()
    if _NO.fullmatch(plain):
        return False
    return True if _YES.fullmatch(plain) else None


_ORDINAL = re.compile("第[一二三四五六七八九十两\\d]+")


def _child_count(text: str, now: datetime) -> int | None:
    """Ordinals ("第一医院") count no children."""
    return numerals.read_count(_ORDINAL.sub(" ", text))


def _some(read: Callable[[str], list[str]]) -> Reader:
    return lambda text, now: read(text) or None


READERS: MappingProxyType[str, Reader] = MappingProxyType(
    {
        "consent": _agreed,
        "confirm": _agreed,
        "role": lambda text, now: next(iter(choices.read_relation(text)), None),
        "danger": _dangers,
        "child_count": _child_count,
        "ages": lambda text, now: ages.read_ages(text) or None,
        "sexes": _some(choices.read_sexes),
        "carer": lambda text, now: next(iter(choices.read_carer(text)), None),
        "since": _since,
        "reason": _some(choices.read_reasons),
        "health": _some(choices.read_health),
        "location": lambda text, now: place_as_fact(text),
        "needs": _some(choices.read_needs),
        "phone": lambda text, now: phones.read_phone(text),
        "name": lambda text, now: people.read_name(text),
        "organisation": _organisation,
    }
)
