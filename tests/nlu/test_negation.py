from __future__ import annotations

import pytest

from nlu.extractors.negation import is_denied, is_of_grown_up, is_set_right


@pytest.mark.parametrize(
    ("text", "denied"),
    [("没发烧", True), ("孩子不发烧了", True), ("发烧", False), ("不是没发烧", False)],
)
def test_a_denied_fever_is_none(text: str, denied: bool) -> None:
    at = text.index("发烧")
    assert is_denied(text, at, at + 2) is denied


@pytest.mark.parametrize(
    ("text", "grown_up"),
    [("我妈发烧", True), ("孩子发烧", False), ("我妈说孩子发烧", False), ("爸爸也发烧", True)],
)
def test_whose_fever_it_is(text: str, grown_up: bool) -> None:
    assert is_of_grown_up(text, text.index("发烧")) is grown_up


def test_the_wrong_value_in_a_correction_is_no_fact() -> None:
    assert is_set_right("是仨不是俩", 4)
    assert is_set_right("不是昨天走的", 2)
    assert not is_set_right("是不是俩", 3)
    assert not is_set_right("是仨不是俩", 1)
