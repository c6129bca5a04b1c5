"""Words for kin tell the child's sex beside the relation."""

from __future__ import annotations

from nlu.extractors.kin import implied_sexes, is_parent_of_child, parents
from nlu.told import coded_facts
from nlu.training_data import annotated


def test_a_grandson_is_a_boy_whoever_writes() -> None:
    assert implied_sexes(["外孙"]) == {"male"}
    assert implied_sexes(["外甥女"]) == {"female"}
    assert implied_sexes(["奶奶", "我姐"]) == set()


def test_an_annotated_relation_tells_the_sex_it_holds() -> None:
    example = annotated("[孙女](relation:grandparent)没人管", "report_own_difficulty")
    assert coded_facts(example) == {("relation", "grandparent"), ("sex", "female")}


def test_a_guardian_who_says_so_is_the_father_or_the_mother() -> None:
    assert [value for value, _, _ in parents("我这当爹的对不住孩子")] == ["father"]
    assert [value for value, _, _ in parents("我是单亲妈妈,要住院")] == ["mother"]
    assert parents("我妈住院,没人带孩子") == []


def test_a_grandparents_daughter_is_the_mother_and_no_girl() -> None:
    text = "我是外婆,女儿去世两年了,外孙七岁"
    assert is_parent_of_child(text, 5, 7)
    assert not is_parent_of_child("我女儿没人带,我住院了", 1, 3)
    assert not is_parent_of_child("我是姥姥,闺女的闺女八岁", 8, 10)
