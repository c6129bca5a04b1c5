"""The same house in different words is the same; the house next door is not."""

import pytest

from bot.cases.address import address_of
from tests.support.related import place

HOUSE = "新会区幸福小区3号楼2单元501"


def same_house(one: str, other: str) -> bool:
    first, second = address_of(place(one)), address_of(place(other))
    assert first is not None and second is not None
    assert first.same_house(second) == second.same_house(first)
    return first.same_house(second)


@pytest.mark.parametrize(
    "other",
    [
        "幸福小区3号楼2单元501",
        "我家住在新会区幸福小区三号楼二单元五〇一室",
        "幸福小区 3-2-501",
        "新会幸福小区３栋２单元５０１",
        "幸福小区3幢501",
        "新会区，幸福小区，3号楼",
    ],
)
def test_the_same_house_in_other_words(other: str) -> None:
    assert same_house(HOUSE, other)


@pytest.mark.parametrize(
    "other",
    [
        "幸福小区5号楼2单元501",
        "幸福小区3号楼2单元502",
        "幸福小区3号楼1单元501",
        "幸福花园3号楼2单元501",
        "幸福小区13号楼2单元501",
        "幸福小区",
        "幸福小区二单元",
    ],
)
def test_another_house_or_none_is_not_the_same(other: str) -> None:
    assert not same_house(HOUSE, other)


def test_a_place_without_a_number_fits_every_house_in_it() -> None:
    village = address_of(place("新会区石桥村"))
    group = address_of(place("石桥村二组"))
    other = address_of(place("石桥村第三组"))
    assert village and group and other
    assert village.fits(group) and group.fits(village)
    assert not group.fits(other)


def test_a_yard_and_a_house_in_it_fit_and_two_houses_in_it_do_not() -> None:
    yard = address_of(place("建国路5号院"))
    third, fourth = address_of(place("建国路5号院3号楼")), address_of(place("建国路5号院4号楼"))
    assert yard and third and fourth
    assert yard.fits(third) and not yard.same_house(third)
    assert not third.fits(fourth)


@pytest.mark.parametrize("text", ["新会区", "我家", "我们小区", "小区3号楼", "学校", "", "。"])
def test_words_that_name_no_place_of_its_own_are_no_address(text: str) -> None:
    assert address_of(place(text)) is None


def test_nothing_told_is_no_address() -> None:
    assert address_of(None) is None


@pytest.mark.parametrize(
    ("spelt", "value"),
    [("十", "10"), ("十二", "12"), ("二十", "20"), ("一百零三", "103"), ("五〇一", "501")],
)
def test_chinese_numbers_of_houses(spelt: str, value: str) -> None:
    address = address_of(place(f"幸福小区{spelt}号"))
    assert address is not None
    assert address.numbers == {"house": (value,)}
