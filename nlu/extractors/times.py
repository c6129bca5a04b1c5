"""Since when: relative days, weekdays, lengths of time and clock times, never in the future.

Everyday wordings are read here; what needs a calendar is read in :mod:`nlu.extractors.almanac`.
A clock time is given only when one is said; then the result is an aware datetime, else a date.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime, timedelta

from nlu.clock import SHANGHAI
from nlu.extractors.almanac import (
    months_back,
    part_of_last_month,
    read_calendar,
    read_year_or_month,
    year_of,
)
from nlu.extractors.numerals import ENGLISH, NUMERAL, chinese_value
from nlu.normaliser import normalise

Moment = date | datetime

_DAYS_AGO = {
    "大大前天": 4, "大前天": 3, "大前日": 3, "大前晚": 3, "前天": 2, "前日": 2, "前晚": 2, "前夜": 2, "前晌": 2,
    "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨个": 1, "昨早": 1, "昨下午": 1, "昨": 1, "夜来": 1, "夜里": 1,
    "今天": 0, "今日": 0, "今早": 0, "今晨": 0, "今晚": 0, "今": 0, "当天": 0, "刚刚": 0, "刚才": 0, "刚": 0,
    "yesterday": 1, "last night": 1, "today": 0, "this morning": 0, "day before yesterday": 2,
}  # fmt: skip
_DAY = re.compile("|".join(sorted(map(re.escape, _DAYS_AGO), key=len, reverse=True)))
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5} | {
    str(i + 1): i for i in range(6)
}
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    r"(?P<back>(?:上上|上|这|本)?)个?(?:周|星期|礼拜|拜)(?P<day>[一二三四五六日天末1-6])(?!个)"
)
_ENGLISH_DAY = re.compile(r"\b(last )?(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b")
_NUMBER = NUMERAL + r"|半|好几|几|个把"
_DAY_OF_THIS_MONTH = re.compile(rf"(?:本月|这个?月)(?:{NUMERAL})[日号]")
_SPAN = re.compile(
    r"(?P<n>(?:"
    + _NUMBER
    + r"))(?P<odd>来|多|几|余)?(?P<classifier>个)?(?P<half>半)?(?P<more>多|来)?"
    r"(?P<unit>小时|钟头|钟|分钟|刻钟|天|日|夜|宿|晚上|晚|宿|周|星期|礼拜|月|年|季度)(?P<tail>半)?"
)
_BIG_HALF = re.compile(
    r"(?P<size>大|小)?半(?P<unit>天|日|年|个月|个小时|个钟|小时|宿|夜)|一(?P<all>整天|宿|夜|晚上|晚|天一夜)"
)
_MONTH_DAY = re.compile(
    r"(?:(?P<mon>\d+|[一二三四五六七八九十]+)月(?:份)?)?(?P<d>\d+|[一二三四五六七八九十廿]+)[号日](?![楼栋院线])"
    r"|(?P<month>\d+|[一二三四五六七八九十]+)月(?P<bare>[二廿三]?十[一二三四五六七八九]?|[12]\d|3[01])(?![\d个多来几天年号日])"
)
_CLOCK = re.compile(
    r"(?P<part>凌晨|半夜|后半夜|清早|清晨|一早|早上|早晨|早|上午|中午|下午|下昼|傍晚|黄昏|晚上|夜里|夜晚|夜|晚)?"
    r"[^\d零一二三四五六七八九十两个天,，]{0,2}?(?P<h>\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
    r"(?:点钟?|时|:)(?P<rest>半|一刻|三刻|[0-5]?\d分?|[一二三四五]?十[一二三四五六七八九]?分?)?"
)
_CLOCK_EN = re.compile(r"\b(?P<h>\d{1,2})(?::(?P<m>\d\d))?\s*(?P<half>am|pm)\b")
_PARTS = re.compile(r"凌晨|后半夜|半夜|下午|下昼|傍晚|黄昏|晚|夜|中午|上午|早")
_ENGLISH_UNITS = {
    "day": "天",
    "night": "晚",
    "week": "周",
    "month": "个月",
    "year": "年",
    "hour": "小时",
}
_ENGLISH_SPAN = re.compile(
    r"\b(?P<n>\d+|" + "|".join(ENGLISH) + r")\s+(?P<unit>day|night|week|month|year|hour)s?\b"
)
_SPOKEN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"(?<=[前昨今])[填田添甜]|(?<=[一二两三四五六七八九十半几])[填田添甜](?=$|了|没)", "天"),
        (r"签[天填田]", "前天"),
        (r"昨[碗完玩]", "昨晚"),
        (r"[新心兴欣]期", "星期"),
        (r"仨(?=月|星期|礼拜|钟头)", "三个"),
        (r"俩(?=月|星期|礼拜|钟头)", "两个"),
        (r"半拉", "半个"),
        (r"(?<=[一二两三四五六七八九十半几])只(?=多?(?:月|礼拜|星期))", "个"),
        (r"(?<!\w)成(?=个?(?:月|星期|礼拜|年))", "一"),
        (r"一整(?=个?(?:月|星期|礼拜|年|周))", "一"),
        (r"朝早|朝头早|今朝", "早上"),
        (r"成日|(?<![周期拜])一(?:整个)?(?:下晌|后晌|下午|上午|头晌|早晨)", "今天"),
        (r"一整(?=[夜晚宿])", "一"),
        (r"(?:好[些多]|数)(?=[天日周]|个?(?:星期|礼拜|月))", "好几"),
        (r"头七", "七天"),
        (r"\blast week\b", "上周"),
        (r"\blast month\b", "上个月"),
        (r"\blast year\b", "去年"),
        (
            r"(?<![\d.])(1[0-2]|0?[1-9])[./-]([12]\d|3[01]|0?[1-9])(?!\d|[./-]\d|号?楼|单元|室)",
            r"\1月\2日",
        ),
    )
)
_UNITS_DAYS = {
    "天": 1,
    "日": 1,
    "夜": 1,
    "宿": 1,
    "晚": 1,
    "晚上": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
}
_HOURS = {"小时", "钟头", "钟"}


def iso(moment: Moment) -> str:
    """ISO 8601 text: ``2026-11-20``, or ``2026-11-20T20:00:00+08:00`` when a clock time was said."""
    if isinstance(moment, datetime):
        return moment.astimezone(SHANGHAI).replace(microsecond=0).isoformat()
    return moment.isoformat()


def read_since(text: str, now: datetime) -> Moment | None:
    """The moment since when, from a phrase or a bare answer.

    Args:
        text: "昨晚八点多起", "礼拜三就走了", "三天了", "打从上个月", "前儿个", "两个多月", …
        now: aware time of the message.

    Returns:
        A date, an aware datetime when a clock time (or hours) is said, None when nothing is understood.
        Never later than ``now``.
    """
    here = now.astimezone(SHANGHAI)
    plain = _spoken(re.sub(r"不是[^,，。 是]{1,8}[,，。 ]?是", "", normalise(text).text))
    for reader in (
        _hours_ago,
        _nth_day,
        _day_and_clock,
        _weekday,
        _month_day,
        read_calendar,
        _length,
        _year_or_month,
        _clock_today,
    ):
        moment = None
        with contextlib.suppress(OverflowError):  # before the first year that there is
            moment = reader(plain, here)
        if moment is not None and not _future(moment, here):
            return moment
    return None


def _spoken(text: str) -> str:
    """A phrase with its slips, tight numerals and English lengths in the words that are read here."""
    for pattern, plain in _SPOKEN:
        text = pattern.sub(plain, text)
    return _ENGLISH_SPAN.sub(
        lambda match: f"{ENGLISH.get(match['n'], match['n'])}{_ENGLISH_UNITS[match['unit']]}", text
    )


def _future(moment: Moment, now: datetime) -> bool:
    return moment > now if isinstance(moment, datetime) else moment > now.date()


def _amount(words: str) -> float | None:
    if words == "半":
        return 0.5
    if words in {"几", "好几"}:
        return 3.0
    if words == "个把":
        return 1.0
    return chinese_value(words)


def _hours_ago(text: str, now: datetime) -> Moment | None:
    match = _SPAN.search(text)
    if match and match["unit"] in _HOURS | {"分钟", "刻钟"}:
        amount = (_amount(match["n"]) or 0) + (0.5 if match["half"] or match["tail"] else 0)
        minutes = amount * {"分钟": 1, "刻钟": 15}.get(match["unit"], 60)
        return (now - timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    big = _BIG_HALF.search(text)
    if big and big["unit"] in {"个小时", "个钟", "小时"}:
        return (now - timedelta(minutes=30)).replace(second=0, microsecond=0)
    return None


def _clock(text: str, part_of: str = "") -> tuple[int, int] | None:
    if match := _CLOCK_EN.search(text):
        hour = int(match["h"]) % 12 + (12 if match["half"] == "pm" else 0)
        return hour, int(match["m"] or 0)
    match = _CLOCK.search(text)
    if not match:
        return None
    hour = int(chinese_value(match["h"]) or 0)
    if hour > 24:
        return None
    part = match["part"] or part_of
    if (
        (hour < 12 and re.search(r"下午|下昼|傍晚|黄昏", part))
        or (re.search(r"晚|夜", part) and not re.search("后半夜|半夜", part) and 5 <= hour < 12)
        or ("中午" in part and hour in {1, 2})
        or (hour == 12 and re.search(r"晚|夜", part))
    ):
        hour += 12
    return hour, _minutes(match["rest"])


def _minutes(words: str | None) -> int:
    if not words:
        return 0
    fixed = {"半": 30, "一刻": 15, "三刻": 45}
    return fixed[words] if words in fixed else min(int(chinese_value(words.rstrip("分")) or 0), 59)


def _at(day: date, text: str, now: datetime) -> Moment:
    parts = _PARTS.findall(text)
    clock = _clock(text, parts[-1] if parts else "")
    if clock is None:
        return day
    hour = clock[0] % 24
    moment = datetime(day.year, day.month, day.day, hour, clock[1], tzinfo=SHANGHAI)
    if clock[0] == 24:
        moment += timedelta(days=1)
    elif hour < 5 and re.match(r"[昨前](?:天)?(?:晚|夜|半夜)|夜里", text):
        moment += timedelta(days=1)  # 昨晚两点 is two in the morning of today
    if moment > now and hour >= 12 and not parts:
        moment -= timedelta(hours=12)
    return moment


def _nth_day(text: str, now: datetime) -> Moment | None:
    """ "第三天": the first of the days was two days ago."""
    match = re.search(r"第(" + NUMERAL + r")[天日]", text)
    amount = chinese_value(match.group(1)) if match else None
    return now.date() - timedelta(days=max(0, int(amount) - 1)) if amount else None


def _day_and_clock(text: str, now: datetime) -> Moment | None:
    if match := re.search(r"(" + NUMERAL + r")天(?:以|之)?前", text):
        return _at(
            now.date() - timedelta(days=int(chinese_value(match.group(1)) or 0)),
            text[match.end() :],
            now,
        )
    if re.search(
        r"前两天|前两日|前几天|前几日|前些天|这几天|这两天|这些天|前段时间|这段时间|最近", text
    ):
        days = 2 if "两" in text else 7 if re.search("段时间|最近", text) else 3
        return now.date() - timedelta(days=days)
    match = _DAY.search(text)
    if (
        not match
        or (match.group() == "夜里" and (_SPAN.search(text) or _MONTH_DAY.search(text)))
        or text[match.end() : match.end() + 1] == "年"
    ):
        return None
    return _at(now.date() - timedelta(days=_DAYS_AGO[match.group()]), text[match.start() :], now)


def _weekday(text: str, now: datetime) -> Moment | None:
    match = _WEEKDAY.search(text)
    if match:
        monday = now.date() - timedelta(days=now.weekday())
        day = monday + timedelta(days=_WEEKDAYS[match["day"]] - 7 * match["back"].count("上"))
        evening = re.match(r"[^,，]{0,2}?(?:下午|傍晚|晚|夜)", text[match.end() :])
        if day > now.date() or (day == now.date() and evening and now.hour < 12):
            day -= timedelta(days=7)
        return _at(day, text[match.end() :], now)
    english = _ENGLISH_DAY.search(text)
    if english:
        ahead = _ENGLISH_DAYS.index(english.group(2)) - now.weekday()
        day = now.date() + timedelta(
            days=ahead if ahead <= 0 and not english.group(1) else ahead - 7
        )
        return _at(day, text[english.end() :], now)
    return None


def _month_day(text: str, now: datetime) -> Moment | None:
    match = _MONTH_DAY.search(text)
    if not match:
        return None
    if match.group().startswith("八月十五"):
        return None  # mid-autumn
    day = int(chinese_value(match["d"] or match["bare"]) or 0)
    named = match["mon"] or match["month"]
    explicit = int(chinese_value(named) or 0) if named else None
    if (
        explicit is None
        and text[match.end() - 1] == "日"
        and not re.search("本月|上月|这个月|上个月", text)
        and not _CLOCK.match(text, match.end())
    ):
        return None
    month = explicit or (now.month - 1 or 12 if re.search("上个?月", text) else now.month)
    said = now.year if _DAY_OF_THIS_MONTH.search(text) else year_of(text, now)
    for year, candidate in [(said, month)] if said else _month_years(now, month, explicit is None):
        with contextlib.suppress(ValueError):
            found = date(year, candidate, day)
            if found <= now.date():
                return _at(found, text[match.end() :], now)
    return None


def _month_years(now: datetime, month: int, slide: bool) -> list[tuple[int, int]]:
    before = (now.year, month - 1) if month > 1 else (now.year - 1, 12)
    return [(now.year, month), before if slide else (now.year - 1, month), (now.year - 1, month)]


def _length(text: str, now: datetime) -> Moment | None:
    if _DAY_OF_THIS_MONTH.search(text):
        return None
    match = _SPAN.search(text)
    if not match:
        big = _BIG_HALF.search(text)
        if not big:
            return None
        if big["unit"] in {"年", "个月"}:
            days = {("大", "年"): 240, ("大", "个月"): 20}.get((big["size"] or "", big["unit"]), 0)
            return now.date() - timedelta(days=days or (182 if big["unit"] == "年" else 15))
        return now.date() - timedelta(days=1 if big["all"] or big["unit"] in {"宿", "夜"} else 0)
    amount = _amount(match["n"])
    if amount is None or amount > 400:
        return None
    if match["unit"] in {"月", "年", "季度"}:
        return _months_ago(match, amount, now)
    unit = _UNITS_DAYS.get(match["unit"])
    if unit is None:
        return None
    days_gone = amount * unit + (0.5 * unit if match["half"] else 0)
    return now.date() - timedelta(days=int(days_gone))


def _months_ago(match: re.Match[str], amount: float, now: datetime) -> Moment | None:
    if match["unit"] == "月" and not match["classifier"] and match["n"] not in {"半", "个把"}:
        return None
    months = amount * {"月": 1, "季度": 3, "年": 12}[match["unit"]]
    months += (
        {"月": 0.5, "季度": 1.5, "年": 6}[match["unit"]] if match["half"] or match["tail"] else 0
    )
    return months_back(now.date(), int(months)) - timedelta(days=15 if months % 1 else 0)


def _year_or_month(text: str, now: datetime) -> Moment | None:
    if moment := part_of_last_month(text, now):
        return moment
    weeks = re.search(r"(大上|上上|上|这|本)个?(?:周|星期|礼拜)", text)
    if weeks:
        back = 7 * (weeks.group(1).count("上") + ("大" in weeks.group(1)))
        return now.date() - timedelta(days=now.weekday() + back)
    return read_year_or_month(text, now)


def _clock_today(text: str, now: datetime) -> Moment | None:
    if _clock(text) is None and not re.search(
        r"早上|一早|清早|上午|凌晨|天没亮|天亮|天刚亮|半夜|刚走|中午|现在|morning", text
    ):
        return None
    if match := _CLOCK.search(text):
        moment = _at(now.date(), match.group(), now)
        return (
            moment - timedelta(days=1) if isinstance(moment, datetime) and moment > now else moment
        )
    return now.date()
