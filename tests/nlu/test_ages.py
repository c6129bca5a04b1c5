from __future__ import annotations

import pytest

from nlu.extractors.ages import find_ages, is_no_age, read_ages
from nlu.normaliser import normalise


@pytest.mark.parametrize(
    ("answer", "years"),
    [
        ("七八岁", [7]),
        ("大的十一岁，小的才四岁半", [11, 4.5]),
        ("6 9", [6, 9]),
        ("差不多十来岁", [10]),
        ("刚出满月", [0.08]),
        ("十个月", [0.83]),
        ("两岁三个月", [2.25]),
        ("小学三年级", [9]),
        ("念初二", [14]),
        ("高一", [16]),
        ("国小五年级", [11]),
        ("四(2)班", [10]),
        ("读三2班", [9]),
        ("个女P2", [8]),
        ("form 1", [13]),
        ("四(二)班", [10]),
        ("中班", [5]),
        ("五歲同八歲", [5, 8]),
        ("不是六岁，七岁", [7]),
        ("我四十二岁", []),
        ("俩孩子", []),
        ("不知道多大", []),
        ("五岁版", [5.5]),
        ("五年纪", [11]),
    ],
)
def test_an_answer_to_how_old(answer: str, years: list[float]) -> None:
    assert read_ages(answer) == years


@pytest.mark.parametrize("text", ["爸爸四十岁", "他奶奶七十三岁了", "妈妈才十七岁", "住了八个月院"])
def test_the_age_of_a_grown_up_or_a_stay_is_no_childs(text: str) -> None:
    assert find_ages(text) == [] or all(fact.value == 0.67 for fact in find_ages(text))


@pytest.mark.parametrize(
    "text", ["停车场P2层", "周二3班", "大一(2)班", "听mp3", "fill in form 1", "三12班车"]
)
def test_a_deck_a_form_or_a_bus_is_no_grade(text: str) -> None:
    assert find_ages(normalise(text).text) == ()


@pytest.mark.parametrize("text", ["下个月初三开刀", "俩碎娃没人管", "小二子先在我家"])
def test_a_day_of_the_month_and_a_name_are_no_ages(text: str) -> None:
    assert find_ages(text) == ()


@pytest.mark.parametrize(
    ("before", "after", "no_age"),
    [
        ("判咗", "十个月", True),
        ("逾期已达", "十四个月", True),
        ("他爸瘦得跟", "八岁似的", True),
        ("孩子从", "四岁起就跟着我", True),
        ("刚刚讲", "八岁是我老糊涂了", True),
        ("下个月", "初三开刀", True),
        ("孩子", "八岁", False),
        ("该童已达", "7周岁", False),
        ("刚过完", "六岁生日", False),
        ("法院判了", "5岁的女儿归他爸", False),
        ("孩子刚说", "六岁,叫小明", False),
        ("三个孩子从", "三岁到十岁都没人管", False),
    ],
)
def test_what_stands_around_tells_that_it_is_no_age_of_now(
    before: str, after: str, no_age: bool
) -> None:
    assert is_no_age(before + after, len(before)) is no_age


@pytest.mark.parametrize("text", ["爷爷68年纪大了带不动", "结婚七年纪念日那天他走了", "三年纪检委"])
def test_an_old_persons_years_are_no_grade(text: str) -> None:
    assert find_ages(text) == ()


def test_an_age_knows_its_place() -> None:
    text = "他家老二五岁半"
    (age,) = find_ages(text)
    assert text[age.start : age.end] == "五岁半"


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("a boy about eight years old", [8]),
        ("my son is 3 and a half years old", [3.5]),
        ("the baby is eight months old", [0.67]),
        ("she's in grade 3", [9]),
        ("girl, aged ten, alone", [10]),
        ("they left eight days ago", []),
    ],
)
def test_ages_in_english(text: str, ages: list[float]) -> None:
    assert [fact.value for fact in find_ages(text)] == ages
