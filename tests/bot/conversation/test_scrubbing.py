"""Nothing of a person is left in an example; what is not sure is refused."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.conversation.examples import annotated as written
from bot.conversation.scrubbing import PERSONAL, Example, Marked, NotSureError, scrub
from nlu.extractors.case_numbers import read_case_number
from nlu.extractors.phones import read_phone
from nlu.training_data import annotated

NAMES = ("张小明", "李秀英", "欧阳锋", "何丽", "王老师", "老周", "陈医生", "赵")
PHONES = (
    "13826547781",
    "138 2654 7781",
    "138-2654-7781",
    "一三八二六五四七七八一",
    "8613826547781",
)
PLACES = (
    "幸福小区3号楼",
    "新会区会城街道幸福里",
    "幸福花园",
    "河南省郑州市中牟县",
    "3栋201",
    "刘集镇",
)
UNITS = ("向阳小学", "红星镇卫生院", "城关派出所", "光明社区居委会")
TEMPLATES = (
    "我是[{name}](person_name)，电话[{phone}](phone)，住[{place}](location)",
    "[{place}](location)有[俩娃娃](child_count:2)[没人管](carer:nobody)，打[{phone}](phone)找[{name}](person_name)",
    "[{unit}](organisation)的[{name}](person_name)，[3月5号](since)报的[HT-261120-M5T9C](case_no)",
    "孩子在[{place}](location)，妈妈[{name}](person_name)[住院](absence_reason:hospitalised)了",
)


def example(line: str) -> Example:
    found = annotated(line, "inform")
    facts = tuple(Marked(each.entity, each.value, each.start, each.end) for each in found.spans)
    return Example(found.text, found.intent, facts)


def plain(text: str) -> str:
    return re.sub(r"[\s\-]", "", text)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_of_a_name_a_phone_or_a_place_is_left(template: str) -> None:
    through = 0
    mixed = list(product(NAMES, PHONES, PLACES, UNITS))[::7]  # seven shares no factor with any list
    for name, phone, place, unit in mixed:
        before = example(template.format(name=name, phone=phone, place=place, unit=unit))
        try:
            after = scrub(before, known=("13826547781",))
        except NotSureError:
            continue
        through += 1
        for fact in before.facts:
            if fact.entity in PERSONAL:
                gone = before.text[fact.start : fact.end]
                assert gone not in after.text
                assert plain(gone) not in plain(after.text)
        assert "26547781" not in plain(after.text)
        assert [fact.entity for fact in after.facts] == [fact.entity for fact in before.facts]
    assert through > 20  # most lines go through


def test_the_annotations_stay_right() -> None:
    after = scrub(example(TEMPLATES[1].format(name="张小明", phone=PHONES[1], place=PLACES[0])))
    said = {fact.entity: after.text[fact.start : fact.end] for fact in after.facts}
    assert said["child_count"] == "俩娃娃"
    assert said["carer"] == "没人管"
    assert re.fullmatch(r"138 0013 8\d{3}", said["phone"])
    assert read_phone(said["phone"]) == next(f.value for f in after.facts if f.entity == "phone")
    again = annotated(written(after), after.intent)
    assert again.text == after.text
    assert [(s.entity, s.start, s.end) for s in again.spans] == [
        (f.entity, f.start, f.end) for f in after.facts
    ]


def test_a_stand_in_is_of_the_same_kind() -> None:
    after = scrub(
        example("[王老师](person_name)在[向阳小学](organisation)，单号[HT-261120-M5T9C](case_no)")
    )
    name, unit, number = (after.text[f.start : f.end] for f in after.facts)
    assert name.endswith("老师")
    assert unit.endswith("小学")
    assert read_case_number(number) == number
    assert number.startswith("HT-2001")  # before there was any case


def test_a_spoken_number_stays_spoken() -> None:
    after = scrub(example("打[一三八二六五四七七八一](phone)"))
    assert re.fullmatch("打一三八零零一三八[零一二三四五六七八九]{3}", after.text)


def test_words_for_anywhere_and_days_near_by_stay() -> None:
    line = "[昨天](since)起在[家里](location)没人管"
    assert scrub(example(line)).text == "昨天起在家里没人管"
    moved = scrub(example("[3月5号](since)走的")).text
    assert re.fullmatch(r"\d{1,2}月\d{1,2}号走的", moved)


@pytest.mark.parametrize(
    "line",
    [
        "张小明在家没人管",
        "孩子叫豆豆",
        "王婶家没大人",
        "小李一个人看着",
        "孩子在幸福花园里",
        "三号楼二单元有孩子",
        "广东那边来的",
        "在人民医院住院",
        "打13826547781找我",
        "我的号一三八二六五四七七八一",
        "身份证440701201501012345",
        "加微信xiaoming88",
        "单号HT-261120-M5T9C",
        "电话[0750-3344556](phone)",
        "我叫[Maria](person_name)",
        "[张小明](person_name)的弟弟也叫张小明",
        "[幸福里](location)，就是幸福里菜场后面",
        "我在[远航集团](organisation)",
    ],
)
def test_a_line_that_is_not_sure_is_refused(line: str) -> None:
    with pytest.raises(NotSureError):
        scrub(example(line))


def test_what_is_known_of_the_case_may_not_be_left() -> None:
    line = "菲菲一个人，没大人"
    assert scrub(example("就她一个人，没大人")).text == "就她一个人，没大人"
    with pytest.raises(NotSureError):
        scrub(example(line), known=("菲菲",))


def test_what_stands_in_tells_nothing_of_what_it_stands_for() -> None:
    one = scrub(example("打[13826547781](phone)"))
    other = scrub(example("打[13911112222](phone)"))
    assert one.text == other.text  # chosen by the other words alone


@pytest.mark.parametrize(
    "line",
    [
        "两小时前走的，孩子还在楼上哭",
        "爸爸被拉走隔离了，奶奶看着",
        "我们村里[俩孩子](child_count:2)没饭吃",
        "低保怎么申请，要多久",
        "马路边上有个孩子，六七岁",
    ],
)
def test_everyday_lines_go_through_as_they_are(line: str) -> None:
    assert scrub(example(line)).text == example(line).text
