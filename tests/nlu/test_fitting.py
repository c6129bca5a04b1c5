from __future__ import annotations

import pytest

from nlu.extractors.fitting import fitting
from nlu.extractors.found import Found

AGE, PLACE, SELF = (
    Found("age", 9, 0, 2),
    Found("location", "河口村", 2, 5),
    Found("relation", "self", 0, 1),
)


def test_of_an_old_person_alone_only_the_place_is_a_fact() -> None:
    assert fitting([AGE, PLACE], "report_elder_alone", "九岁河口村") == [PLACE]


def test_in_a_childs_own_words_i_is_the_child() -> None:
    assert fitting([], "child_seeking_help", "家里就我") == [Found("relation", "self", 3, 4)]
    assert fitting([SELF], "child_seeking_help", "我一个人") == [SELF]
    assert fitting([], "child_seeking_help", "妈妈不见了") == []


def test_where_an_adult_reports_nobody_is_the_child() -> None:
    assert fitting([SELF, AGE], "report_own_difficulty", "我家九岁的") == [AGE]
    assert fitting([SELF], "inform", "我") == [SELF]


def test_who_will_have_the_child_has_it_not_yet() -> None:
    for text, kept in (
        ("过完年去温州,娃留给外公", False),
        ("過完年去溫州,交給外公", False),
        ("过完年去温州,娃一直跟外公", True),
        ("打算登記,現在跟外公", True),
        ("春节后走的,娃放外公", True),
    ):
        carer = Found("carer", "grandparent", text.index("外公"), len(text))
        assert (carer in fitting([carer], "preregister_child", text)) is kept
        assert carer in fitting([carer], "report_own_difficulty", text)


def test_a_committee_that_cannot_cope_is_no_carer() -> None:
    text = "村委会管不过来"
    assert fitting([Found("carer", "committee", 0, 3)], "report_as_professional", text) == []
    kept = [Found("carer", "committee", 0, 3)]
    assert fitting(kept, "report_as_professional", "村委会先带着") == kept


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("班主任说三天没来", False),
        ("班主任的手机", False),
        ("班主任都讲算", False),
        ("班主任说一下情况", True),
        ("班主任说明", True),
        ("班主任,三天没来", True),
        ("班主任說三天沒來", False),
    ],
)
def test_who_is_named_for_what_they_said_does_not_write(text: str, writes: bool) -> None:
    teacher = Found("relation", "teacher", 0, 3)
    assert fitting([teacher], "report_as_professional", text) == ([teacher] if writes else [])
    child = Found("relation", "self", 0, 1)
    assert fitting([child], "child_seeking_help", "我说三天没来") == [child]


def test_who_says_who_they_are_writes() -> None:
    neighbour = Found("relation", "neighbour", 2, 4)
    for said in ("我是邻居说真的孩子饿得直哭", "我系鄰居話你知有細路冇人理"):
        assert fitting([neighbour], "report_unattended_child", said) == [neighbour]


def test_a_child_alone_who_asks_for_a_joke_is_alone() -> None:
    alone = Found("carer", "nobody", 9, 13)
    assert alone in fitting([alone], "out_of_scope", "给我讲个笑话吧我一个人在家")


def test_everyday_talk_tells_of_no_child() -> None:
    dog = [AGE, Found("sex", "female", 3, 5), Found("health", "ill", 5, 6)]
    assert fitting(dog, "out_of_scope", "我家狗四岁母的病了") == []
    assert fitting([AGE], "inform", "四岁") == [AGE]


def test_of_a_correction_the_last_value_stands() -> None:
    wrong, right = Found("location", "观塘", 3, 5), Found("location", "秀茂坪", 8, 11)
    said = "不在观塘其实系秀茂坪"
    assert fitting([wrong, right, AGE], "correct_information", said) == [right, AGE]


def test_of_several_counts_the_largest_is_that_of_all_children() -> None:
    all_, boys = Found("child_count", 3, 0, 2), Found("child_count", 2, 3, 5)
    assert fitting([all_, boys], "inform", "三个,两个男孩一个女孩") == [all_]
    assert fitting([boys, all_], "inform", "两个男孩一个女孩共三个") == [all_]
    assert fitting([all_, boys], "correct_information", "三个,两个") == [boys]


def test_a_child_who_thanks_is_a_child() -> None:
    assert fitting([SELF, PLACE], "thank", "我谢谢你") == [SELF]
    assert fitting([SELF], "request_human", "我孩子没人管,我要人工") == []


def test_a_bare_move_tells_of_no_place_and_no_time() -> None:
    assert fitting([PLACE, Found("since", "2026-11-20", 5, 7)], "thank", "谢谢河口村") == []


def test_a_grown_up_who_cries_for_help_is_no_child() -> None:
    said = [Found("relation", "self", 0, 1)]
    assert fitting(said, "report_emergency", "我孩子站在楼顶") == []
    assert fitting(said, "report_emergency", "我站在楼顶") == said


def test_a_question_about_a_scheme_tells_no_time() -> None:
    assert fitting([Found("since", "2026-11-20", 0, 2)], "faq/orphan_allowance", "昨天") == []
