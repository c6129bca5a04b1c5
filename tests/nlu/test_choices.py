from __future__ import annotations

import pytest

from nlu import lexicon
from nlu.contract import CODED, VALUES
from nlu.extractors.choices import (
    read_carer,
    read_health,
    read_needs,
    read_reasons,
    read_relation,
    read_sexes,
)


@pytest.mark.parametrize("family", sorted(CODED))
def test_a_word_list_names_every_value_of_the_contract_and_no_other(family: str) -> None:
    assert set(lexicon.load(family)) == set(VALUES[family])


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("就她自己在家", ["nobody"]),
        ("没大人", ["nobody"]),
        ("没有", ["nobody"]),
        ("冇人睇住", ["nobody"]),
        ("外婆带着", ["grandparent"]),
        ("放楼下李姐家了", ["neighbour"]),
        ("班主任先看着", ["teacher"]),
        ("不知道", []),
    ],
)
def test_who_is_with_the_child(answer: str, values: list[str]) -> None:
    assert read_carer(answer) == values


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("去方舱了", ["isolated"]),
        ("坐牢", ["detained"]),
        ("爸爸打工妈妈跑了", ["working_away", "missing"]),
        ("没有住院", []),
        ("忘了", []),
    ],
)
def test_why_the_guardians_are_away(answer: str, values: list[str]) -> None:
    assert read_reasons(answer) == values


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("没发烧", ["healthy"]),
        ("高烧", ["fever"]),
        ("有点咳嗽但没发烧", ["ill"]),
        ("都挺好", ["healthy"]),
        ("说不清", []),
    ],
)
def test_how_the_child_is(answer: str, values: list[str]) -> None:
    assert read_health(answer) == values


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("送点米和退烧药", ["food", "medicine"]),
        ("不用", []),
        ("找个人看着就行", ["care"]),
        ("不要钱，要奶粉", ["food"]),
    ],
)
def test_what_is_needed(answer: str, values: list[str]) -> None:
    assert read_needs(answer) == values


def test_relation_and_sexes() -> None:
    assert read_relation("我是他姥姥") == ["grandparent"]
    assert read_relation("我就是那个孩子") == ["self"]
    assert read_relation("天气不错") == []
    assert read_sexes("大的是儿子，小的是闺女") == ["male", "female"]
