"""Since when: relative days, weekdays, lengths of time and clock times, never in the future.

Everyday wordings are read here; dates and festivals that need a calendar go to jionlp.
A clock time is given only when one is said; then the result is an aware datetime, else a date.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from nlu.clock import SHANGHAI
from nlu.extractors.numerals import NUMERAL, chinese_value
from nlu.normaliser import normalise

Moment = date | datetime
_jionlp_lock = threading.Lock()

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
_SPAN = re.compile(
    r"(?P<n>(?:"
    + _NUMBER
    + r"))(?P<odd>来|多|几|余)?(?P<classifier>个)?(?P<half>半)?(?P<more>多|来)?"
    r"(?P<unit>小时|钟头|钟|分钟|刻钟|天|日|夜|宿|晚上|晚|宿|周|星期|礼拜|月|年|季度)(?P<tail>半)?"
)
_BIG_HALF = re.compile(
    r"(?P<size>大|小)?半(?P<unit>天|日|年|个月|个小时|个钟|小时|宿|夜)|一(?P<all>整天|宿|夜|晚上|晚|天一夜)"
)
_MONTH_BACK = re.compile(r"(?P<back>上上|上)个?月")
_MONTH_DAY = re.compile(
    r"(?:(?P<mon>\d+|[一二三四五六七八九十]+)月(?:份)?)?(?P<d>\d+|[一二三四五六七八九十廿]+)[号日](?![楼栋院线])"
)
_MONTH_ONLY = re.compile(r"(?P<mon>\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份|初|底|中)")
_YEAR_BACK = {
    "大前年": 3,
    "前年": 2,
    "去年": 1,
    "上年": 1,
    "旧年": 1,
    "年初": 0,
    "今年": 0,
    "开年": 0,
}
_CLOCK = re.compile(
    r"(?P<part>凌晨|半夜|后半夜|清早|清晨|一早|早上|早晨|早|上午|中午|下午|下昼|傍晚|黄昏|晚上|夜里|夜晚|夜|晚)?"
    r"[^\d零一二三四五六七八九十两个天,，]{0,2}?(?P<h>\d{1,2}|十[一二]?|[零一二两三四五六七八九])"
    r"(?:点钟?|时|:)(?P<rest>半|一刻|三刻|[0-5]?\d分?|[一二三四五]?十[一二三四五六七八九]?分?)?"
)
_CLOCK_EN = re.compile(r"\b(?P<h>\d{1,2})(?::(?P<m>\d\d))?\s*(?P<half>am|pm)\b")
_PARTS = re.compile(r"凌晨|后半夜|半夜|下午|下昼|傍晚|黄昏|晚|夜|中午|上午|早")
_FESTIVAL = re.compile(
    r"国庆|中秋|端午|清明|元旦|春节|过年|除夕|大年|正月|腊月|五一|六一|重阳|元宵|年三十|开学|暑假|寒假|放假|国庆节"
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
    plain = re.sub(r"不是[^,，。 是]{1,8}[,，。 ]?是", "", normalise(text).text)
    for reader in (
        _hours_ago,
        _day_and_clock,
        _weekday,
        _month_day,
        _length,
        _year_or_month,
        _calendar,
        _clock_today,
    ):
        moment = reader(plain, here)
        if moment is not None and not _future(moment, here):
            return moment
    return None


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
    ):
        hour += 12
    return hour % 24, _minutes(match["rest"])


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
    moment = datetime(day.year, day.month, day.day, clock[0], clock[1], tzinfo=SHANGHAI)
    if clock[0] < 5 and re.match(r"昨晚|昨夜|前晚|前夜", text):
        moment += timedelta(days=1)  # 昨晚两点 is two in the morning of today
    if moment > now and clock[0] >= 12 and not parts:
        moment -= timedelta(hours=12)
    return moment


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
        or (match.group() == "夜里" and _SPAN.search(text))
        or text[match.end() : match.end() + 1] == "年"
    ):
        return None
    return _at(now.date() - timedelta(days=_DAYS_AGO[match.group()]), text[match.start() :], now)


def _weekday(text: str, now: datetime) -> Moment | None:
    match = _WEEKDAY.search(text)
    if match:
        monday = now.date() - timedelta(days=now.weekday())
        day = monday + timedelta(days=_WEEKDAYS[match["day"]] - 7 * match["back"].count("上"))
        if day > now.date():
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
    day = int(chinese_value(match["d"]) or 0)
    explicit = int(chinese_value(match["mon"]) or 0) if match["mon"] else None
    if (
        match["mon"] is None
        and text[match.end() - 1] == "日"
        and not re.search("本月|上月|这个月|上个月", text)
    ):
        return None
    month = explicit or (now.month - 1 or 12 if re.search("上个?月", text) else now.month)
    for year, candidate in _month_years(now, month, explicit is None):
        with contextlib.suppress(ValueError):
            found = date(year, candidate, day)
            if found <= now.date():
                return _at(found, text[match.end() :], now)
    return None


def _month_years(now: datetime, month: int, slide: bool) -> list[tuple[int, int]]:
    before = (now.year, month - 1) if month > 1 else (now.year - 1, 12)
    return [(now.year, month), before if slide else (now.year - 1, month), (now.year - 1, month)]


def _length(text: str, now: datetime) -> Moment | None:
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
    return _back_months(now.date(), int(months)) - timedelta(days=15 if months % 1 else 0)


def _back_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        with contextlib.suppress(ValueError):
            return date(year, month + 1, min(day.day, last))
    return date(year, month + 1, 28)


def _year_or_month(text: str, now: datetime) -> Moment | None:
    if match := _MONTH_BACK.search(text):
        return _back_months(now.date().replace(day=1), len(match["back"]))
    if re.search(r"上(?:个)?(?:周|星期|礼拜)", text):
        return now.date() - timedelta(days=now.weekday() + 7)
    if re.search(r"(?:这|本)(?:个)?(?:周|星期|礼拜)", text):
        return now.date() - timedelta(days=now.weekday())
    for word, back in _YEAR_BACK.items():
        if word in text:
            month = re.search(r"(\d+|[一二三四五六七八九十]+)月", text)
            return date(now.year - back, int(chinese_value(month.group(1)) or 1) if month else 1, 1)
    if match := _MONTH_ONLY.search(text):
        month_number = int(chinese_value(match["mon"]) or 0)
        if 1 <= month_number <= 12:
            return date(now.year if month_number <= now.month else now.year - 1, month_number, 1)
    if re.search(r"(?:这个|本)月", text):
        return now.date().replace(day=1)
    return None


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


def _calendar(text: str, now: datetime) -> Moment | None:
    if "开学" in text:
        return date(
            now.year if now.month >= 9 else now.year - (now.month < 2),
            9 if now.month >= 9 or now.month < 2 else 2,
            1,
        )
    if "暑假" in text or "寒假" in text:
        return date(now.year, 7 if "暑假" in text else 1, 10)
    match = _FESTIVAL.search(text) or re.search(r"(?:农历|阴历|旧历).{1,8}", text)
    if not match:
        return None
    for year in (now.year, now.year - 1):
        found = _jionlp_date(f"{year}年{_proper_name(match.group())}", now)
        if found and found <= now.date():
            return found
    return None


def _proper_name(word: str) -> str:
    names = {
        "国庆": "国庆节",
        "中秋": "中秋节",
        "过年": "春节",
        "大年": "春节",
        "五一": "劳动节",
        "六一": "儿童节",
    }
    names |= {
        "端午": "端午节",
        "清明": "清明节",
        "正月": "农历正月初一",
        "腊月": "农历腊月初一",
        "年三十": "除夕",
    }
    names |= {"重阳": "重阳节", "元宵": "元宵节"}
    return names.get(word, word)


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
