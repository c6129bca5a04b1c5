from __future__ import annotations

from datetime import datetime

import pytest

from nlu.extractors.ages import read_ages
from nlu.extractors.numerals import chinese_value, read_count
from nlu.extractors.times import read_since


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ("就俩", 2),
        ("四个娃", 4),
        ("兩個", 2),
        ("一儿一女", 2),
        ("两个男孩一个女孩", 3),
        ("三个，两个女儿一个儿子", 3),
        ("是四个不是三个", 4),
        ("姐妹俩", 2),
        ("三胞胎", 3),
        ("一个六岁一个九岁", 2),
        ("独生子", 1),
        ("哥哥跟妹妹", 2),
        ("不止一个", None),
        ("好几个", None),
        ("不清楚", None),
        ("六岁", None),
    ],
)
def test_an_answer_to_how_many_children(answer: str, count: int | None) -> None:
    assert read_count(answer) == count


@pytest.mark.parametrize("words", ["", "abc", "孩子", "两a"])
def test_what_is_no_numeral_has_no_value(words: str) -> None:
    assert chinese_value(words) is None


def test_a_numeral_of_hundreds_of_digits_is_read_as_none_and_breaks_nothing() -> None:
    now = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
    for digits in ("9" * 400, "九" * 400):
        for unit in ("", "个", "岁", "号", "天", "天前", "个月", "小时", "年前"):
            assert read_count(digits + unit) is None
            assert read_ages(digits + unit) == []
            assert read_since(digits + unit, now) is None
