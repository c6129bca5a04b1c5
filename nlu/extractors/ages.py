"""Children's ages in years, from years, months, grades and birthdays.

Grades follow the usual age of entry in the mainland, Hong Kong and Taiwan: first grade at 7,
first year of junior middle school (初一, 国一, 中一, form 1) at 13; 四(2)班 is a class of the fourth grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nlu.extractors.found import Found
from nlu.extractors.numerals import ENGLISH, NUMERAL, chinese_value
from nlu.normaliser import normalise

OLDEST_CHILD = 17.9
_YEAR = r"(?:周岁|岁|歲|sui|(?<![俩仨两])碎|碎(?![娃女儿妹弟怂])|随|遂|years? old|yrs?|yo\b)"
_YEARS = re.compile(
    r"(?<![老第])(?P<a>"
    + NUMERAL
    + r")(?P<about>几|来|多)?"
    + _YEAR
    + r"(?:零|又|多)?(?:(?P<half>半|版(?![本画块]))|(?P<m>"
    + NUMERAL
    + r")个?月)?"
)
_HALF_YEAR = re.compile(r"(?:大)?半岁|岁半|周岁|足岁")
_MONTHS = re.compile(
    r"(?P<m>" + NUMERAL + r")个?(?P<half>半)?月(?:大|多大|的?(?:婴|奶|娃|宝|孩|小|毛)|多)?"
)
_DAYS = re.compile(r"(?:才|刚|出生|生下来|落地)(?:了|才)?(?P<d>" + NUMERAL + r")天")
_NEWBORN = re.compile(
    r"(?:刚|才|还没|没|未)?(?:出)?满月|(?:刚|才)(?:出生|生下来?|落地)|新生儿|月子里"
)
_HUNDRED_DAYS = re.compile(r"百天|百日|百岁宴")
_GRADE = re.compile(
    r"(?P<school>小学|国小|初中|国中|高中)?(?P<g>[一二两三四五六七八九1-9])(?:年级|(?<![\d十百].)年纪(?![念律检录元大老轻小]))"
    r"|(?P<kind>(?<!\d)小|(?<!月)初|国|高|中)(?P<y>[一二三四五六1-6])(?![个岁月点天号楼栋]|子(?!女))"
    r"|(?<![十\d周期拜大研第])(?P<room>[一二三四五六七八九])(?:\((?:\d{1,2}|[一二三四五六七八九十]{1,2})\)|\d{1,2})班(?![车船倒次])"
    r"|(?<![a-z0-9座库场站汇下住为])(?<!in )(?P<hongkong>p|form ?)(?P<form>[1-6])(?![a-z0-9层出停车口手])"
    r"|(?P<nursery>托班|小班|中班|大班|学前班|幼儿园|幼稚园|k[123]\b)"
    r"|(?P<level>小学生|初中生|高中生|中学生)"
)
_OFFSET = {"小": 6, "初": 12, "国": 12, "高": 15, "中": 12}
_NURSERY = {
    "托班": 3,
    "小班": 4,
    "中班": 5,
    "大班": 6,
    "学前班": 6,
    "k1": 4,
    "k2": 5,
    "k3": 6,
    "幼儿园": 5,
    "幼稚园": 5,
}
_LEVEL = {"小学生": 8, "初中生": 14, "高中生": 16, "中学生": 14}
_BARE = re.compile(r"(?<![\d.])(" + NUMERAL + r")(半)?(?!\d)")
_ENGLISH = re.compile(r"\b(" + "|".join(ENGLISH) + r")\b")
_WORD = r"(?:\d{1,2}|" + "|".join(ENGLISH) + ")"
_IN_ENGLISH = re.compile(
    rf"\b(?P<y>{_WORD})(?P<half> and a half)?[ -]?(?:years?[ -]old|yrs?(?:[ -]old)?|y/?o)\b"
    rf"|\b(?P<m>{_WORD})[ -]months?(?:[ -]old)?\b"
    rf"|\b(?:aged?|turn(?:ed|ing)) (?P<a>{_WORD})\b"
    rf"|\bgrade (?P<g>{_WORD})\b"
)
_ADULT = re.compile(
    r"(爸|妈|爹|娘|父|母|爷|奶|姥|外公|外婆|公公|婆婆|家长|老人|老太|老头|大爷|大妈|叔|姨|舅|姑|伯|我(?:今年|都|也|已经)?)"
    r"[^,，。;；、 和跟娃孩儿女弟妹]{0,5}$"
)
_LENGTH = re.compile(r"(?:判[咗了]?|(?:干|等|欠|拖)了|已达|过完)$")
_NEVER = re.compile(r"(?:瘦得跟|[比大]我大|打成|前述[“\"'「]?)$")
_SAID_WRONG, _PUT_RIGHT = (
    re.compile(r"刚[刚才]?(?:讲|说|写)$"),
    re.compile(r"其实|应该|不是|错|改|糊涂"),
)
_SINCE_THEN = re.compile(r".{1,6}?(?:起|开始|就)")
_OF_LIFE = re.compile(r".{0,4}?(?:岁|百天|百日|满月|年级)")
_DENIED = re.compile(r"(?:不是|并非|不到)$")


def is_no_age(text: str, start: int) -> bool:
    """Whether what stands at ``start`` is a length of time, a date, an age of before or a wrong one: "判了[十个月]",
    "下个月[初三]", "从[四岁]起就", "瘦得跟[八岁]似的".
    """
    before, after = text[max(0, start - 8) : start], text[start : start + 14]
    if _LENGTH.search(before) and not _OF_LIFE.match(after):
        return True
    if before.endswith("从") and _SINCE_THEN.match(after):
        return True
    if _SAID_WRONG.search(before) and _PUT_RIGHT.search(after):
        return True
    return bool(_NEVER.search(before)) or (before.endswith("月") and after.startswith("初"))


def months_to_years(months: float) -> float:
    """Years with two decimals, whole numbers where it comes out whole."""
    return round(months / 12, 2)


@lru_cache(maxsize=8)
def find_ages(text: str, bare_numbers: bool = False) -> tuple[Found, ...]:
    """Children's ages in normalised text, in order.

    Args:
        text: normalised text.
        bare_numbers: also take "5 8" or "七，九" without 岁, as in an answer to "多大".

    Returns:
        Facts of entity ``age``; ages of grown-ups and ages above 17 are left out. Asked for every
        age of a message: the last few texts are remembered.
    """
    taken: list[Found] = []
    for found in _candidates(text, bare_numbers):
        free = all(found.end <= other.start or found.start >= other.end for other in taken)
        if free and _a_childs(text, found):
            taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.start))


def read_ages(text: str) -> list[float]:
    """Ages in a bare answer to "孩子多大".

    Args:
        text: "五六岁" ([5]), "一个五岁一个八岁" ([5, 8]), "5 8", "刚满月" ([0.08]), "上二年级" ([8]).

    Returns:
        Years in the order said, empty when the answer holds no age.
    """
    plain = re.sub(r"(?:不是|不到)" + NUMERAL + _YEAR, "", normalise(text).text)
    found = find_ages(plain)
    if not found and not re.search(
        r"\d{3,}|[个名位俩仨]\s*$|(?:两|三|四|几)个(?:孩|娃|人|小)", plain
    ):
        found = find_ages(plain, bare_numbers=True)
    return [float(fact.value) for fact in found]


def _a_childs(text: str, found: Found) -> bool:
    before = text[: found.start]
    if not 0 <= float(found.value) <= OLDEST_CHILD:
        return False
    if _DENIED.search(before):
        return False
    return not (float(found.value) > 15 and _ADULT.search(before))


def _candidates(text: str, bare_numbers: bool) -> Iterator[Found]:
    for match in _YEARS.finditer(text):
        years = chinese_value(match["a"])
        if years is None:
            continue
        extra = 0.5 if match["half"] else 0.0
        if match["m"]:
            extra = months_to_years(chinese_value(match["m"]) or 0)
        start = match.start()
        yield Found("age", _tidy(years + extra), start, match.end())
    for match in _HALF_YEAR.finditer(text):
        value = {"岁半": 1.5, "周岁": 1.0, "足岁": 1.0}.get(match.group(), 0.5)
        yield Found("age", _tidy(value), *match.span())
    yield from _in_english(text)
    yield from _months(text)
    yield from _grades(text)
    if bare_numbers:
        yield from _bare(text)


def _in_english(text: str) -> Iterator[Found]:
    for match in _IN_ENGLISH.finditer(text):
        kind = match.lastgroup if match.lastgroup != "half" else "y"
        word = match[kind or "y"]
        value = float(ENGLISH.get(word, word))
        if kind == "m":
            value = months_to_years(value)
        elif kind == "g":
            value += 6
        yield Found("age", _tidy(value + (0.5 if match["half"] else 0)), *match.span())


def _months(text: str) -> Iterator[Found]:
    for match in _MONTHS.finditer(text):
        if "个" not in match.group() and not re.search(
            r"月(?:大|的|龄)", match.group() + text[match.end() : match.end() + 1]
        ):
            continue
        months = (chinese_value(match["m"]) or 0) + (0.5 if match["half"] else 0)
        if 0 < months <= 36:
            end = match.start() + match.group().index("月") + 1
            yield Found("age", _tidy(months_to_years(months)), match.start(), end)
    for match in _NEWBORN.finditer(text):
        yield Found(
            "age", 0.08 if "月" in match.group() and "子" not in match.group() else 0, *match.span()
        )
    for match in _HUNDRED_DAYS.finditer(text):
        yield Found("age", 0.27, *match.span())
    for match in _DAYS.finditer(text):
        yield Found(
            "age", round((chinese_value(match["d"]) or 0) / 365, 2), match.start("d"), match.end()
        )


def _grades(text: str) -> Iterator[Found]:
    for match in _GRADE.finditer(text):
        if match["g"]:
            grade = int(chinese_value(match["g"]) or 0)
            base = {"初中": 12, "国中": 12, "高中": 15}.get(match["school"] or "", 6)
            value = base + grade
        elif match["room"]:
            value = 6 + int(chinese_value(match["room"]) or 0)
        elif match["hongkong"]:
            value = (6 if match["hongkong"] == "p" else 12) + int(match["form"])
        elif match["kind"]:
            value = _OFFSET[match["kind"]] + int(chinese_value(match["y"]) or 0)
        else:
            value = _NURSERY.get(match["nursery"] or "") or _LEVEL.get(match["level"] or "") or 0
        yield Found("age", value, *match.span())


def _bare(text: str) -> Iterator[Found]:
    for match in _ENGLISH.finditer(text):
        yield Found("age", ENGLISH[match.group(1)], *match.span())
    for match in _BARE.finditer(text):
        if text[match.end() : match.end() + 1] in {
            "个",
            "名",
            "位",
            "只",
            "天",
            "点",
            "号",
            "楼",
            "栋",
            "月",
            "日",
        }:
            continue
        if match.group(1) in {"俩", "仨"}:
            continue
        value = chinese_value(match.group(1))
        if value is not None and value <= OLDEST_CHILD:
            yield Found("age", _tidy(value + (0.5 if match.group(2) else 0)), *match.span())


def _tidy(value: float) -> float | int:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
