"""Words beside a time tell whether it is since when nobody cares for a child."""

from __future__ import annotations

import pytest

from nlu.extractors.found import Found
from nlu.extractors.gaps import find_gaps


@pytest.mark.parametrize(
    ("text", "length"),
    [("一天没人管", "一天"), ("隔离了三天", "三天"), ("要隔离十四天", None), ("出差十四天", None)],
)
def test_a_length_counts_at_a_lack_of_care(text: str, length: str | None) -> None:
    assert [gap.value for gap in find_gaps(text, [])][:1] == ([length] if length else [])


@pytest.mark.parametrize(
    ("text", "words", "value", "day"),
    [
        ("妈妈昨晚送急诊,家里没人", "送急诊", "hospitalised", "昨晚"),
        ("爸爸上个月被抓走了", "抓走了", "detained", "上个月"),
        ("妈妈下周三手术", "手术", "hospitalised", None),
        ("如今早过世了", "过世", "deceased", None),
        ("昨天下雨,奶奶住院", "住院", "hospitalised", None),
        ("奶奶昨天摔了腰", "摔了腰", "incapacitated", None),
    ],
)
def test_the_day_before_a_reason_counts(text: str, words: str, value: str, day: str | None) -> None:
    start = text.index(words)
    reason = Found("absence_reason", value, start, start + len(words))
    assert [gap.value for gap in find_gaps(text, [reason])] == ([day] if day else [])
