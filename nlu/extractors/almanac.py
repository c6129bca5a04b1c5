"""Days that need a calendar: years and months by name, seasons, festivals and lunar dates.

Where only a month, a season or a year is said, its first day stands; of "月底" and "年底" the last.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from nlu.extractors.numerals import chinese_value

_jionlp_lock = threading.Lock()
_YEARS_BACK = {"大前年": 3, "前年": 2, "去年": 1, "上年": 1, "旧年": 1, "今年": 0, "本年": 0}
_YEAR = re.compile(
    r"(?P<word>大前年|前年|去年|上年|旧年|今年|本年)"
    r"|(?<!\d)(?P<four>20\d\d)(?=年|[./-]\d)|(?<!\d)(?P<two>[12]\d)年(?=\d|初|底|[上下]半年)"
    r"|(?P<chinese>二[零〇][零〇一二三四五六七八九]{2})年"
)
_SEASONS = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
_SEASON = re.compile(
    r"[开入立]?(?P<season>[春夏秋冬])(?:天|上|里|季|头|末|初|$)|[开入](?P<early>[春夏秋冬])"
)
_MONTH = re.compile(
    r"(?<![个零一二三四五六七八九十\d半俩仨])(?P<mon>1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])月(?:份)?(?P<part>初|底|末|中)?"
)
_LUNAR = re.compile(
    r"(?P<month>正月|冬月|腊月|(?:农历|阴历|旧历)(?:闰)?[一二三四五六七八九十]{1,2}月"
    r"|[一二三四五六七八九十]{1,2}月(?=初[一二三四五六七八九十](?![天个点周])))"
    r"(?P<day>初[一二三四五六七八九十]|[一二三四五六七八九十廿]{1,3})?"
)
_LUNAR_DAY = re.compile(
    r"(?:^|[那从自打到是,. ])"
    r"(?P<day>初[四五六七八九十](?=$|[那早晚夜下上中凌起就走,. ]|一大?早)|初[一二三](?=那[天日晚]|[早晚夜]|一大?早))"
)
"""A day of the moon without its month; 初一 to 初三 are school years, too."""
_LUNAR_MONTHS = (
    "正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月"
)  # fmt: skip
_NEW_YEAR = re.compile(r"大年(?P<day>初[一二三四五六七八九十])")
_FESTIVALS = {
    "国庆": "国庆节", "中秋": "中秋节", "八月节": "中秋节", "八月十五": "中秋节", "端午": "端午节",
    "五月节": "端午节", "清明": "清明节", "元旦": "元旦", "春节": "春节", "过年": "春节", "过完年": "春节",
    "过了年": "春节", "除夕": "除夕", "年三十": "除夕", "五一": "劳动节", "六一": "儿童节", "重阳": "重阳节",
    "元宵": "元宵节", "正月十五": "元宵节", "腊八": "农历腊月初八", "小年": "农历腊月廿三", "七夕": "七夕",
    "中元": "农历七月十五", "大年": "春节", "立春": "立春", "立夏": "立夏", "立秋": "立秋", "立冬": "立冬",
    "霜降": "霜降", "寒露": "寒露", "白露": "白露", "小雪": "小雪", "秋分": "秋分", "夏至": "夏至", "春分": "春分",
    "冬至": "冬至", "大雪": "大雪", "小寒": "小寒", "大寒": "大寒", "惊蛰": "惊蛰", "谷雨": "谷雨", "芒种": "芒种", "处暑": "处暑",
}  # fmt: skip
_FESTIVAL = re.compile("|".join(sorted(_FESTIVALS, key=len, reverse=True)))


def year_of(text: str, now: datetime) -> int | None:
    """The year that normalised text names: "去年", "2024年", "前年"."""
    match = _YEAR.search(text)
    if not match:
        return None
    if match["word"]:
        return now.year - _YEARS_BACK[match["word"]]
    if match["chinese"]:
        return int(chinese_value(match["chinese"]) or now.year)
    return int(match["four"] or "20" + match["two"])


def read_calendar(text: str, now: datetime) -> date | None:
    """A festival, lunar date or school holiday, the last that is not in the future."""
    year = year_of(text, now)
    if "开学" in text or "暑假" in text or "寒假" in text:
        return _school(text, now, year)
    if match := _NEW_YEAR.search(text):
        name = "农历正月" + match["day"]
    elif (match := _LUNAR.search(text)) and match["month"][-2:] not in ("五一", "六一"):
        month = re.sub("农历|阴历|旧历", "", match["month"])
        name = f"农历{month}{match['day'] or '初一'}"
    elif match := _FESTIVAL.search(text):
        name = _FESTIVALS[match.group()]
    elif match := _LUNAR_DAY.search(text):
        return _last_lunar_day(match["day"], now)
    else:
        return None
    for candidate in [year] if year else [now.year, now.year - 1]:
        found = _jionlp_date(f"{candidate}年{name}", now)
        if found and found <= now.date():
            return found
    return None


def _last_lunar_day(day: str, now: datetime) -> date | None:
    """ "初六" alone: the last one. A lunar month begins in the solar month of its number or in the next; leap months are not read."""
    months = [months_back(now.date(), back) for back in range(4)]
    found = [
        _jionlp_date(f"{month.year}年农历{_LUNAR_MONTHS[month.month - 1]}{day}", now)
        for month in months
    ]
    return max((one for one in found if one and one <= now.date()), default=None)


def _school(text: str, now: datetime, year: int | None) -> date:
    if "开学" in text:
        if year and year < now.year:
            return date(year, 9, 1)
        autumn = now.month >= 9 or now.month < 2
        return date(now.year - (now.month < 2), 9 if autumn else 2, 1)
    return date(year or now.year, 7 if "暑假" in text else 1, 10)


def read_year_or_month(text: str, now: datetime) -> date | None:
    """The first day of a year, half-year, season or month; the last of "月底", "年底"."""
    year = year_of(text, now)
    month = _month_of(text)
    if month:
        part = re.search(r"月(?:份)?(初|底|末|中|下旬)", text)
        chosen = year or (now.year if month <= now.month else now.year - 1)
        return _part_of_month(chosen, month, part.group(1) if part else "")
    if year or re.search(r"年[初底末]|[上下]半年", text):
        year = year or now.year - bool(re.search(r"年[底末]", text))
        if re.search(r"年[底末]", text):
            return date(year, 12, 31)
        return date(year, 7 if "下半年" in text else 1, 1)
    return None


def _month_of(text: str) -> int | None:
    if match := _MONTH.search(text):
        return int(chinese_value(match["mon"].lstrip("0")) or 0) or None
    if match := _SEASON.search(text):
        return _SEASONS[match["season"] or match["early"]]
    return None


def _part_of_month(year: int, month: int, part: str) -> date:
    last = monthrange(year, month)[1]
    return date(
        year, month, {"中": 15, "下旬": 21, "底": last, "末": last, "尾": last}.get(part, 1)
    )


def months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or its last where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def part_of_last_month(text: str, now: datetime) -> date | None:
    """ "上个月", "上上个月", "这个月" with "初", "中", "底" or a day without 号: "上个月十五"."""
    match = re.search(
        r"(?P<back>大?上上|大上|上|这|本)个?月(?:份)?(?P<part>[初头底末尾中]|下旬)?"
        r"(?P<day>[二廿三]?十[一二三四五六七八九]?|\d{1,2})?(?![个多来几天年])",
        text,
    )
    if not match:
        return _part_of_this_month(text, now)
    back = 2 if match["back"] in ("大上", "上上", "大上上") else int(match["back"] == "上")
    first = months_back(now.date().replace(day=1), back)
    if match["day"]:
        with contextlib.suppress(ValueError):
            return first.replace(day=int(chinese_value(match["day"]) or 0))
    return _part_of_month(first.year, first.month, match["part"] or "")


def _part_of_this_month(text: str, now: datetime) -> date | None:
    """ "月初" alone is this month's, "月底" the last one that is over."""
    match = re.search(r"(?<![个份零一二三四五六七八九十正冬腊\d])月(?P<part>[初头底末尾])", text)
    if not match:
        return None
    first = now.date().replace(day=1)
    if match["part"] in "初头":
        return first
    before = months_back(first, 1)
    return _part_of_month(before.year, before.month, match["part"])


@lru_cache(maxsize=1)
def _parser() -> Callable[..., Any]:
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp

        return jionlp.parse_time


def _jionlp_date(words: str, now: datetime) -> date | None:
    with _jionlp_lock:
        try:
            result = _parser()(words, time_base=now.timestamp())
        except Exception:  # jionlp raises whatever its rules meet; an unread date is no date
            return None
    times = result.get("time") if isinstance(result, dict) else None
    if not isinstance(times, list) or "inf" in times[0]:
        return None
    return datetime.fromisoformat(times[0]).date()
