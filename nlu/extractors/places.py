"""Places: province, city, county, township and code of an address, and where addresses stand in a text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from nlu import sounds
from nlu.extractors import gazetteer
from nlu.normaliser import written_form

_BEYOND = ("香港", "澳门", "台湾")
_TOWNSHIP = re.compile(
    r"^(?P<name>[\u4e00-\u9fff]{1,8}?(?:街道(?:办事处)?|镇|乡|苏木|民族乡))(?P<rest>.*)$"
)
_LEAD = re.compile(
    r"^(?:我(?:们)?(?:家|这里|这边)?|他(?:们)?家?|她(?:们)?家?|孩子|娃|人|地址|位置|就)*"
    r"(?:就?住在|住|在|是|位于|地址[是:：]|这里是|家在|搬到)+(?=.{2})"
)
_TAIL = re.compile(r"(?:这边|那边|这里|那里|这儿|那儿|里面|呢|啊|吧|哦|了|的|哈)+$")
_NOWHERE = re.compile(
    r"^(?:不知道|不清楚|没有|不方便|不想说|随便|家里?|家|外面|学校|这里|那里|医院|哪里)$"
)

_LETTERS = re.compile(r"[A-Za-z]{4}")
_FIGURE = r"(?:\d{1,4}|[一二三四五六七八九十百]{1,4})"
_UNIT = r"(?:号[楼院门]|号(?!走|去|离|就|早|晚|上|下|那|开|起|到)|单元|[家座楼栋幢室户组队社弄层院])(?![里的人长庭小])"
_DOOR = re.compile(
    rf"(?:(?<=[\d一二三四五六七八九十百]){_UNIT}|(?<=号)楼(?![上下道])"
    rf"|[-\s]?{_FIGURE}{_UNIT}|(?<=[室楼栋号幢座元院])[-\s]?\d{{3,4}}(?![\d个岁天]))+"
)
_PEOPLES = re.compile(
    r"(?:各族|(?:蒙古|维吾尔|哈萨克|柯尔克孜|锡伯|塔吉克|达斡尔|鄂温克|鄂伦春|朝鲜|撒拉|土家|布依|仡佬|仫佬|毛南|拉祜|傈僳|哈尼"
    r"|景颇|布朗|普米|独龙|纳西|裕固|保安|东乡|[回满苗侗瑶壮彝藏畲黎白傣羌佤怒水土京])族)+$"
)
_VAGUE = re.compile(r"(?:[这那](?:边|里|儿|块儿?|头|面)?|的)+$")


@dataclass(frozen=True)
class Place:
    """An address as written and what is surely known of it; unknown parts are None, never guessed."""

    text: str
    province: str | None = None
    city: str | None = None
    county: str | None = None
    township: str | None = None
    detail: str | None = None
    adcode: str | None = None


@dataclass(frozen=True)
class _Divisions:
    """Codes of the mainland's divisions, and how often a county name occurs."""

    codes: dict[tuple[str, str | None, str | None], str]
    counties: Counter[str]
    parents: dict[str, tuple[str, str]]


@lru_cache(maxsize=1)
def _divisions() -> _Divisions:
    codes: dict[tuple[str, str | None, str | None], str] = {}
    counties: Counter[str] = Counter()
    parents: dict[str, tuple[str, str]] = {}
    for province, below in gazetteer.tree().items():
        if not isinstance(below, dict) or province.startswith("_"):
            continue
        codes[province, None, None] = below.get("_admin_code", "")
        for city, under in below.items():
            if city.startswith("_") or not isinstance(under, dict):
                continue
            codes[province, city, None] = under.get("_admin_code", "")
            for county, inside in under.items():
                if county.startswith("_") or not isinstance(inside, dict):
                    continue
                codes[province, city, county] = inside.get("_admin_code", "")
                counties[county] += 1
                parents[county] = (province, city)
    return _Divisions(codes, counties, parents)


@lru_cache(maxsize=1)
def _names_of_divisions() -> frozenset[str]:
    names = set()
    for province, city, county in _divisions().codes:
        for name in (province, city, county):
            if name and len(name) > 1:
                names.add(name)
                short = re.sub(r"(?:特别行政区|自治[区州县旗]|地区|[省市区县旗盟])$", "", name)
                short = _PEOPLES.sub("", short) if short[-1:] == "族" else short
                if len(short) > 1:
                    names.add(short)
    return frozenset(names)


@lru_cache(maxsize=1)
def _latin_names() -> dict[str, str]:
    """Provinces and cities by their names in Latin letters, guangdong → 广东; not where two are written alike."""
    names = {
        "hong kong": "香港",
        "macau": "澳门",
        "macao": "澳门",
        "inner mongolia": "内蒙古",
        "tibet": "西藏",
    }
    names |= {
        "shaanxi": "陕西",
        "taiwan": "台湾",
        "taipei": "台北",
        "harbin": "哈尔滨",
        "urumqi": "乌鲁木齐",
    }
    told: dict[str, set[str]] = {}
    for province, city, county in _divisions().codes:
        name = city or province
        if not county and name and name.endswith(("省", "市")):
            told.setdefault(sounds.of_name(name[:-1]), set()).add(name[:-1])
    alone = {latin: next(iter(same)) for latin, same in told.items() if len(same) == 1}
    return alone | names


@lru_cache(maxsize=1)
def _latin() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:" + "|".join(sorted(_latin_names(), key=len, reverse=True)) + r")\b", re.IGNORECASE
    )


def find_latin_places(text: str) -> list[tuple[int, int]]:
    """Spans of names of provinces and cities written in Latin letters: "Guangdong"."""
    return [match.span() for match in _latin_matches(text)]


def _from_latin(text: str) -> str:
    """An address in Latin letters with its provinces and cities in Chinese, the larger first."""
    found = [_latin_names()[match.group().lower()] for match in _latin_matches(text)]
    return "".join(reversed(found)) if found and text.isascii() else text


def _latin_matches(text: str) -> list[re.Match[str]]:
    return list(_latin().finditer(text)) if _LETTERS.search(text) else []


@lru_cache(maxsize=8)
def find_divisions(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of names of provinces, cities and counties in normalised text, longest first at each place.

    Asked for every place of a message: the last few texts are remembered.
    """
    names = _names_of_divisions()
    found = []
    at = 0
    while at < len(text) - 1:
        end = next(
            (at + n for n in range(min(11, len(text) - at), 1, -1) if text[at : at + n] in names), 0
        )
        if end:
            found.append((at, end))
        at = end or at + 1
    return tuple(found)


def whole_place(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a place that was cut off or cut too wide really stands: up to its door, without "这边"."""
    if match := _DOOR.match(text, end):
        end = match.end()
    elif match := _VAGUE.search(text, start, end):
        end = match.start() if match.start() > start + 1 else end
    return start, end


def warm_up() -> None:
    """Load the gazetteer (a quarter of a second) before the first message."""
    read_place("北京市")


def read_place(text: str) -> Place | None:
    """Read the answer to "在哪里".

    Args:
        text: an address, with or without words around it.

    Returns:
        The place; province and city stay None where a county's name occurs in several of them.
        None when nothing is left that could be a place.
    """
    written = written_form(text).strip(" ,，。.!！?？;；~")
    stripped = _TAIL.sub("", _LEAD.sub("", written)).strip(" ,，。.!！") or written
    if len(stripped) < 2 or _NOWHERE.match(stripped):
        return None
    found = gazetteer.parse_location(_from_latin(stripped))
    province, city, county = found.get("province"), found.get("city"), found.get("county")
    divisions = _divisions()
    if county and not _trusted(stripped, county, province, city):
        province, city, county, found = None, None, None, {}
    if county and county not in divisions.counties and not (province or "").startswith(_BEYOND):
        county, found = None, {}
    if county and not (province or city) and divisions.counties[county] == 1:
        province, city = divisions.parents[county]
    if county and divisions.counties[county] > 1 and not _names(stripped, province, city):
        province = city = None
    township, detail = _township(found.get("detail") or "")
    if county is None and city is None and province is None:
        township, detail = _township(stripped)
    code = _code(divisions, province, city, county)
    return Place(stripped, province, city, county, township, detail or None, code)


def _names(text: str, province: str | None, city: str | None) -> bool:
    """Whether the text itself names the province or the city."""
    return any(name and name.rstrip("省市自治区州盟")[:2] in text for name in (province, city))


def _trusted(text: str, county: str, province: str | None, city: str | None) -> bool:
    """Whether a county was meant: 平房 in the middle of a sentence is a house, not 平房区 of Harbin."""
    return county in text or text.startswith(county[:2]) or _names(text, province, city)


def _township(detail: str) -> tuple[str | None, str]:
    match = _TOWNSHIP.match(detail)
    return (match["name"], match["rest"]) if match else (None, detail)


def _code(
    divisions: _Divisions, province: str | None, city: str | None, county: str | None
) -> str | None:
    if not province:
        return None
    return divisions.codes.get((province, city, county)) or None
