"""Which region a message or a report speaks of."""

import re
from collections.abc import Iterable
from typing import Any

from bot.help.region import Region
from bot.walks.answers import place_as_fact
from nlu.extractors.places import find_divisions, read_place
from nlu.normaliser import written_form

_WORKS_THERE = re.compile("(那边|这边|那儿)?(打工|上班|务工|工作|做工|出差|干活|出车|跑车)")
_COUNTY = re.compile(".*[区县市旗]")


def region_in(text: str, places: Iterable[str] = ()) -> Region | None:
    """The region that a text names, or ``None``.

    Args:
        text: as the person wrote it.
        places: the places that were found in it as the child's; they come before any other name.

    Where somebody works ("我在广东打工") is not where the child is. A county counts by its full
    name only: its short name may be an everyday word (平安, 和平).
    """
    for place in sorted(places, key=len, reverse=True):
        if region := Region.of_place(place_as_fact(place)):
            return region
    found = None
    plain = written_form(text)
    for start, end in find_divisions(plain):
        if _WORKS_THERE.match(plain[end:]):
            continue
        region = Region.of_place(place_as_fact(plain[start:end]))
        if region and (region.adcode.endswith("00") or _COUNTY.fullmatch(plain[start:end])):
            found = region  # the last one: "从河南来广东" is in Guangdong
    return found


def code_of(name: str) -> str | None:
    """The code of the division that a name in full means (GB/T 2260), or ``None``."""
    place = read_place(name)
    return place.adcode if place else None


def region_of_case(case: dict[str, Any]) -> Region | None:
    """The region of a filed case as the turn hands it over."""
    return Region.of_place(case.get("place"))
