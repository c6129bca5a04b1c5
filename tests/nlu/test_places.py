from __future__ import annotations

import pytest

from nlu.extractors.places import Place, read_place, whole_place


def test_a_full_address_is_taken_apart() -> None:
    assert read_place("四川省成都市武侯区玉林街道玉林西路12号") == Place(
        "四川省成都市武侯区玉林街道玉林西路12号",
        "四川省",
        "成都市",
        "武侯区",
        "玉林街道",
        "玉林西路12号",
        "510107",
    )


def test_a_county_of_one_name_brings_its_province() -> None:
    place = read_place("我家住在兴文县大坝乡")
    assert place is not None
    assert (place.province, place.county, place.township, place.adcode) == (
        "四川省",
        "兴文县",
        "大坝乡",
        "511528",
    )


@pytest.mark.parametrize("county", ["朝阳区", "鼓楼区", "城关区"])
def test_a_county_of_several_provinces_is_not_guessed(county: str) -> None:
    place = read_place(county + "幸福路8号")
    assert place is not None
    assert place.province is None
    assert place.city is None
    assert place.adcode is None


@pytest.mark.parametrize("answer", ["不知道", "没有", "家里", "哪里"])
def test_no_place_in_the_answer(answer: str) -> None:
    assert read_place(answer) is None


def test_a_place_without_any_division_keeps_its_words() -> None:
    place = read_place("菜市场后面那排平房")
    assert place is not None
    assert place.text == "菜市场后面那排平房"
    assert place.province is None


@pytest.mark.parametrize(
    ("cut", "rest", "taken"),
    [
        ("石桥镇赵楼村北头第二", "家着火了", "家"),
        ("阳光花园9栋", "2单元401两个娃没人管", "2单元401"),
        ("阳光小区5", "号走的", ""),
        ("安乐邨四", "座", "座"),
        ("幸福里3号", "楼有个小孩", "楼"),
        ("沙坝村五", "组两个孩子", "组"),
        ("沙坝村", "五六户人家", ""),
        ("青年路12号", "501室", "501室"),
    ],
)
def test_a_place_is_not_cut_off_before_the_door(cut: str, rest: str, taken: str) -> None:
    assert whole_place(cut + rest, 0, len(cut)) == (0, len(cut) + len(taken))


def test_a_word_of_pointing_is_no_part_of_a_place() -> None:
    assert whole_place("巴州区那边有个砖厂", 0, 5) == (0, 3)


def test_regions_in_latin_letters_are_read() -> None:
    place = read_place("Jiangmen, Guangdong")
    assert place is not None
    assert (place.province, place.city) == ("广东省", "江门市")
    alike = read_place("Suzhou")  # 苏州 or 宿州
    assert alike is not None
    assert alike.province is None
