from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from nlu.extractors.times import iso, read_since


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("昨天夜里十点多", "2026-11-20T22:00:00+08:00"),
        ("昨晚两点", "2026-11-21T02:00:00+08:00"),
        ("前天下午三点半", "2026-11-19T15:30:00+08:00"),
        ("大前天", "2026-11-18"),
        ("琴晚八點", "2026-11-20T20:00:00+08:00"),
        ("前儿个", "2026-11-19"),
        ("今儿一早", "2026-11-21"),
        ("礼拜二就没影了", "2026-11-17"),
        ("上周四", "2026-11-12"),
        ("礼拜天", "2026-11-15"),
        ("四天了", "2026-11-17"),
        ("两个多礼拜", "2026-11-07"),
        ("三个小时了", "2026-11-21T07:00:00+08:00"),
        ("半个月", "2026-11-06"),
        ("两个多月", "2026-09-21"),
        ("打从上个月", "2026-10-01"),
        ("十一月十二号", "2026-11-12"),
        ("12月3号", "2025-12-03"),
        ("国庆那天", "2026-10-01"),
        ("过完中秋", "2026-09-25"),
        ("yesterday 9 pm", "2026-11-20T21:00:00+08:00"),
        ("two days ago", "2026-11-19"),
        ("for three weeks", "2026-10-31"),
        ("昨日十九时", "2026-11-20T19:00:00+08:00"),
        ("15日20时", "2026-11-15T20:00:00+08:00"),
        ("昨晚十二点", "2026-11-21T00:00:00+08:00"),
        ("昨天半夜两点", "2026-11-21T02:00:00+08:00"),
        ("礼拜六晚上", "2026-11-14"),
        ("上个月十五", "2026-10-15"),
        ("上上个礼拜", "2026-11-02"),
        ("十月底", "2026-10-31"),
        ("十月二十三", "2026-10-23"),
        ("11/18", "2026-11-18"),
        ("五月走的", "2026-05-01"),
        ("去年八月", "2025-08-01"),
        ("去年国庆", "2025-10-01"),
        ("去年底", "2025-12-31"),
        ("去年冬天", "2025-12-01"),
        ("2024年3月5日", "2024-03-05"),
        ("今年正月", "2026-02-17"),
        ("大年初三", "2026-02-19"),
        ("八月十五", "2026-09-25"),
        ("霜降", "2026-10-23"),
        ("仨月", "2026-08-21"),
        ("成個月", "2026-10-21"),
        ("半拉月", "2026-11-06"),
        ("第三天", "2026-11-19"),
        ("周一下午", "2026-11-16"),
        ("好多天", "2026-11-18"),
        ("數週", "2026-10-31"),
        ("头七", "2026-11-14"),
        ("十号夜里", "2026-11-10"),
        ("夜里三点", "2026-11-21T03:00:00+08:00"),
        ("一整夜", "2026-11-20"),
        ("去年冬至", "2025-12-21"),
        ("月初", "2026-11-01"),
        ("上个月尾", "2026-10-31"),
        ("签天", "2026-11-19"),
        ("新期四", "2026-11-19"),
    ],
)
def test_since_when(said: str, moment: str, now: datetime) -> None:
    found = read_since(said, now)
    assert found is not None
    assert iso(found) == moment


@pytest.mark.parametrize("said", ["不记得", "没有", "七岁", "3号楼", "五岁半", ""])
def test_what_is_no_time_gives_none(said: str, now: datetime) -> None:
    assert read_since(said, now) is None


@pytest.mark.parametrize(
    "said", ["周五", "周六", "周日", "二十五号", "12月", "晚上九点", "中午", "除夕", "下午三点"]
)
def test_never_in_the_future(said: str, now: datetime) -> None:
    for shift in range(0, 400, 37):
        moment = now + timedelta(days=shift)
        found = read_since(said, moment)
        if isinstance(found, datetime):
            assert found <= moment
        elif isinstance(found, date):
            assert found <= moment.date()


def test_the_answer_does_not_depend_on_the_zone_of_the_clock(now: datetime) -> None:
    from datetime import timezone

    assert read_since("昨晚八点", now) == read_since("昨晚八点", now.astimezone(timezone.utc))
