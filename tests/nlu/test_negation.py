from __future__ import annotations

import pytest

from nlu.extractors.negation import (
    is_at_hand,
    is_denied,
    is_gone,
    is_need,
    is_of_grown_up,
    is_set_right,
)


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


@pytest.mark.parametrize(
    ("text", "gone"),
    [("奶奶住院了", True), ("奶奶前天走了", True), ("奶奶看着", False), ("奶奶腿不好", False)],
)
def test_who_is_dead_or_in_hospital_looks_after_nobody(text: str, gone: bool) -> None:
    assert is_gone(text, 2) is gone


@pytest.mark.parametrize(
    ("text", "need"),
    [("放学没人接", True), ("没人做饭", True), ("没人管", False), ("没大人", False)],
)
def test_nobody_for_one_thing_is_a_need_and_no_carer(text: str, need: bool) -> None:
    at = text.index("没")
    assert is_need(text, at, at + 2) is need


@pytest.mark.parametrize(
    ("text", "words", "there"),
    [
        ("有面包", "面包", True),
        ("家里有吃的", "吃的", True),
        ("吃的不缺", "吃的", True),
        ("我有面包吃,不饿", "面包", True),
        ("没有面包", "面包", False),
        ("只有面包", "面包", False),
        ("有面包吗", "面包", False),
    ],
)
def test_food_that_is_there_is_no_need(text: str, words: str, there: bool) -> None:
    at = text.index(words)
    assert is_at_hand(text, at, at + len(words)) is there
