"""Addresses made comparable: the place without its divisions, and the numbers of the house."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DIGITS = "零〇一二两三四五六七八九十百"
_VALUES = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5} | {
    "六": 6, "七": 7, "八": 8, "九": 9
}  # fmt: skip
_KINDS = {
    "号楼": "house", "栋": "house", "幢": "house", "座": "house", "号院": "house", "号": "house",
    "号门": "unit", "单元": "unit", "室": "room", "房": "room", "户": "room",
    "楼": "floor", "层": "floor", "组": "group", "队": "group", "弄": "lane", "巷": "lane",
}  # fmt: skip
_ENDINGS = "|".join(sorted(_KINDS, key=len, reverse=True))
_SPELT = re.compile(f"第?([{_DIGITS}]+)(?={_ENDINGS})")
_CHAIN = re.compile(r"(?<![\dA-Z])(\d+)-(?:(\d+)-)?(\d{3,4})(?!\d)")
_NUMBER = re.compile(rf"第?(\d+[A-Z]?|(?<![A-Z])[A-Z]\d*)({_ENDINGS})|(?<=\D)(\d{{3,4}})$")
_NOISE = re.compile(r"[^\w]|_")
_SHORT = re.compile("(特别行政区|自治[区州县]|地区|[省市区县旗盟])$")
_OWN = re.compile("^(我们|我|咱们|咱|他们|她们|他|她)?(家)?(就)?(住在|住|在)?(我们|咱们|本)?")
_ANYWHERE = frozenset(
    {
        "小区", "社区", "村", "村里", "村子", "村口", "家里", "学校", "楼上", "楼下", "对门", "隔壁",
        "隔离", "附近", "这里", "那里", "路边", "街上", "医院",
    }
)  # fmt: skip
"""Words for a place that every place has."""
_DIVISIONS = ("province", "city", "county", "township")


@dataclass(frozen=True)
class Address:
    """A place by its name, and what is known of the house.

    Args:
        name: the estate, village or street, without divisions, numbers and signs.
        numbers: of the house, unit, room, group, lane: their values by kind, in the order in which
            they stand ("5号院3号楼" has two houses); may be empty.
    """

    name: str
    numbers: Mapping[str, tuple[str, ...]]

    def fits(self, other: "Address") -> bool:
        """Whether both can be the same: the same name, and no number that differs."""
        if self.name != other.name:
            return False
        return all(
            mine == yours
            for kind in self.numbers.keys() & other.numbers.keys()
            for mine, yours in zip(self.numbers[kind], other.numbers[kind], strict=False)
        )

    def agrees_with(self, other: "Address") -> bool:
        """Whether two that fit agree in full on a house or a room."""
        return any(
            kind in self.numbers and self.numbers[kind] == other.numbers.get(kind)
            for kind in ("house", "room")
        )

    def same_house(self, other: "Address") -> bool:
        """Whether both name the same house: they fit, and agree in full on a house or a room."""
        return self.fits(other) and self.agrees_with(other)


def address_of(place: Mapping[str, Any] | None) -> Address | None:
    """The address of the fact ``location``; ``None`` when it names no estate, village or street.

    "幸福小区三号楼" and "幸福小区3栋" are the same; "3-2-501" is house 3, unit 2, room 501.
    """
    text = unicodedata.normalize("NFKC", (place or {}).get("text") or "").upper()
    for field in _DIVISIONS:
        name = (place or {}).get(field) or ""
        for spelling in (name, _SHORT.sub("", name)):
            if len(spelling) > 1 and spelling in text:
                text = text.replace(spelling, " ", 1)
                break
    text = _OWN.sub("", text.strip())
    text = _SPELT.sub(lambda found: str(_value(found[1])), text)
    numbers: dict[str, tuple[str, ...]] = {}
    text = _CHAIN.sub(lambda found: _keep_chain(found, numbers), text)
    text = _NUMBER.sub(lambda found: _keep_number(found, numbers), text)
    name = _NOISE.sub("", text)
    return Address(name, numbers) if len(name) > 1 and name not in _ANYWHERE else None


def _keep_chain(found: re.Match[str], numbers: dict[str, tuple[str, ...]]) -> str:
    for kind, value in zip(("house", "unit", "room"), found.groups(), strict=True):
        if value:
            numbers[kind] = (*numbers.get(kind, ()), value)
    return " "


def _keep_number(found: re.Match[str], numbers: dict[str, tuple[str, ...]]) -> str:
    kind = _KINDS[found[2]] if found[2] else "room"
    numbers[kind] = (*numbers.get(kind, ()), found[1] or found[3])
    return " "


def _value(spelt: str) -> int:
    """A Chinese number below a thousand; digits one by one ("五〇一") count, too."""
    if not set(spelt) & {"十", "百"}:
        return int("".join(str(_VALUES[digit]) for digit in spelt))
    total = held = 0
    for sign in spelt:
        if sign in _VALUES:
            held = _VALUES[sign]
        else:
            total += (held or 1) * (10 if sign == "十" else 100)
            held = 0
    return total + held
