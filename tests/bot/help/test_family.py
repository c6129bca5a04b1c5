"""Help for one family: few sentences that fit, the emergency numbers first in danger."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.vocabulary import (
    ABSENCE_REASONS,
    ALLOWED,
    CARERS,
    DANGERS,
    HEALTH,
    NEEDS,
    REPORT_TYPES,
    UNITS,
)
from bot.help.answers import Asker
from bot.help.catalogue import load, shipped
from bot.help.family import FamilyHelp, family_table, help_for
from bot.help.region import Region
from bot.help.schema import Note
from bot.texts import LANGUAGES, texts
from tests.bot.help.facts import NUMBERS
from tests.bot.help.test_regions import GOOD, folder

TODAY = date(2026, 11, 21)
REGIONS = (
    None,
    Region("440703", "江门市", "丹井里"),
    Region("410105", "郑州市"),
    Region("510100", "成都市"),
)
NOTES = [
    note
    for part in ("danger", "today", "who", "apply", "number")
    for note in getattr(family_table(), part)
]
NOTES += [note for file in shipped().regions for note in (*file.apply, *file.number)]


def given_to(
    facts: dict[str, Any],
    walk: str = "unattended_child",
    unit: str = "committee",
    region: Region | None = None,
    language: str = "zh_Hans",
) -> FamilyHelp:
    asker = Asker(texts(language), TODAY, region, walk == "child_self")
    return help_for(shipped(), facts, walk, unit, asker)


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=4, unique=True)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "carer": st.sampled_from([None, *CARERS]),
        "ages": st.lists(st.floats(0, 17), max_size=3),
        "reason": st.none() | some(ABSENCE_REASONS),
        "health": st.none() | some(HEALTH),
        "needs": st.none() | some(NEEDS),
        "danger": st.none() | some(DANGERS),
        "kind": st.sampled_from(["moving", "left_behind", "in_difficulty"]),
    },
)


@given(
    FACTS,
    st.sampled_from(REPORT_TYPES),
    st.sampled_from(UNITS),
    st.sampled_from(REGIONS),
    st.sampled_from(LANGUAGES),
)
def test_every_family_is_told_a_few_sentences_that_say_who_comes_and_where_they_are_from(
    facts: dict[str, Any], walk: str, unit: str, region: Region | None, language: str
) -> None:
    told = given_to(facts, walk, unit, region, language)
    assert 4 <= len(told.lines) <= 8
    assert len(set(told.lines)) == len(told.lines)
    assert 1 <= len(told.topics) <= 3
    assert set(told.topics) <= set(shipped().topics)
    assert set(re.findall(r"\d+", "".join(told.lines[:-1]))) <= set(NUMBERS)
    origin, who = {
        "zh_Hans": ("依据：", "谁负责"), "zh_Hant": ("依據：", "誰負責"), "en": ("Based on: ", "Who "),
    }[language]  # fmt: skip
    assert origin in told.lines[-1]
    assert told.lines[-1].startswith(origin) is (walk != "child_self")
    assert any(line.startswith(who) for line in told.lines)
    if facts.get("danger"):
        assert {"110", "120", "119"} <= set(re.findall(r"\d+", told.lines[0]))


@pytest.mark.parametrize(
    ("facts", "walk", "unit", "said", "topic"),
    [
        ({"health": ["fever"], "carer": "nobody"}, "unattended_child", "medical", "先去医疗机构检查", "medical_care"),
        ({"health": ["confirmed"]}, "professional_notice", "medical", "先治疗", "medical_care"),
        ({"health": ["injured"]}, "unattended_child", "committee", "情况急打 120", "medical_care"),
        ({"carer": "nobody", "ages": [5]}, "unattended_child", "committee", "不满 8 岁", "temporary_care"),
        ({"carer": "nobody", "ages": [12]}, "unattended_child", "committee", "不满 16 岁", "temporary_care"),
        ({"carer": "nobody"}, "unattended_child", "committee", "先临时照料孩子", "temporary_care"),
        ({"planned": True}, "guardian_difficulty", "committee", "先委托一位信得过的成年人", "entrusted_care"),
        ({"carer": "grandparent", "reason": ["working_away"]}, "unattended_child", "committee", "专人包干", "entrusted_care"),
        ({"carer": "relative", "reason": ["deceased"]}, "unattended_child", "committee", "孤儿有保障", "orphan_allowance"),
        ({"carer": "relative", "reason": ["detained"]}, "unattended_child", "committee", "算不算事实无人抚养", "defacto_unsupported"),
        ({"carer": "grandparent", "kind": "moving"}, "preregistration", "committee", "联系户籍地", "moving_children_services"),
        ({"carer": "grandparent", "needs": ["schooling"]}, "unattended_child", "education", "入学手续", "schooling"),
        ({"carer": "grandparent", "needs": ["psychological"]}, "unattended_child", "committee", "12355", "psychological_support"),
        ({"carer": "grandparent", "needs": ["food"]}, "unattended_child", "committee", "缺吃的", "supplies"),
        ({"carer": "grandparent", "needs": ["money"]}, "unattended_child", "county_civil_affairs", "临时救助或低保", "temporary_relief"),
        ({"carer": "grandparent"}, "professional_notice", "committee", "法律要求马上报告", "mandatory_reporting"),
        ({"danger": ["violence"]}, "unattended_child", "police", "警察先管", "hotlines"),
        ({"cannot_cope": True, "carer": "nobody"}, "professional_notice", "county_civil_affairs", "谁负责：县级民政部门", "temporary_care"),
    ],
)  # fmt: skip
def test_a_family_is_told_what_fits_it(
    facts: dict[str, Any], walk: str, unit: str, said: str, topic: str
) -> None:
    told = given_to(facts, walk, unit)
    assert said in told.text
    assert topic in told.topics


def test_a_child_is_told_in_other_words_than_a_grown_up() -> None:
    facts = {"carer": "nobody", "ages": [9], "health": ["healthy"]}
    child, adult = given_to(facts, "child_self"), given_to(facts, "guardian_difficulty")
    assert "打电话叫一个你信得过的大人" in child.text
    assert not re.search("您|监护|村（居）委会", "".join(child.lines[:-1]))
    assert not set(child.lines[:-1]) & set(adult.lines[:-1])


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.adult[:20])
def test_what_a_child_reads_has_none_of_the_offices_words(note: Note) -> None:
    assert not re.search(
        "您|监护|委托|申请人|户籍|县级|临时救助|村（居）委会|认定|材料", str(note.child)
    )
    assert len(str(note.child)) <= 60


@pytest.mark.parametrize("name", sorted(shipped().topics))
def test_a_childs_answer_has_none_of_the_offices_words(name: str) -> None:
    words = str(shipped().topics[name].child)
    assert not re.search("您|监护|委托|户籍|县级|临时救助|村（居）委会|认定|材料", words)


def test_conditions_only_name_facts_and_values_that_there_are() -> None:
    known = {name: {*values, "unknown"} for name, values in ALLOWED.items()}
    known |= {
        "walk": set(REPORT_TYPES),
        "unit": set(UNITS),
        "kind": {"moving", "left_behind", "in_difficulty"},
    }
    for note in NOTES:
        for name, values in note.when.items():
            assert set(values) <= known[name]


def test_in_jiangmen_a_child_alone_hears_of_meals_and_the_rescue_hotline() -> None:
    told = given_to({"carer": "nobody", "ages": [9]}, region=REGIONS[1]).text
    assert "江门送过饭上门" in told and "临时救助热线" in told
    assert "江门市有关工作情况（2020年2月）" in told
    assert "江门" not in given_to({"carer": "nobody", "ages": [9]}, region=REGIONS[2]).text


def test_the_familys_own_child_director_is_named(tmp_path: Path) -> None:
    held = load(folder(tmp_path, pengjiang=GOOD), None)
    near = Region("440703", "江门市", "蓬江区丹井里3号")
    told = help_for(
        held,
        {"carer": "nobody"},
        "unattended_child",
        "committee",
        Asker(texts("zh_Hans"), TODAY, near),
    )
    assert "儿童主任（丹井里）：王主任，13800138011，周一至周五" in told.lines
    assert len(told.lines) <= 9


def test_past_the_review_only_the_numbers_are_given() -> None:
    late = shipped().national.review + timedelta(days=1)
    told = help_for(
        shipped(),
        {"carer": "nobody"},
        "unattended_child",
        "committee",
        Asker(texts("zh_Hans"), late),
    )
    assert told.lines == (
        texts("zh_Hans")(
            "危险打 110、急救 120、火警 119。"
            "政务 12345，民政 12349，青少年 12355，妇女权益 12338（孩子的事也可以反映）。"
        ),
    )


def test_the_same_thing_is_not_said_twice_in_other_words() -> None:
    told = given_to({"carer": "nobody", "ages": [5], "needs": ["food"]}).text
    assert "不满 8 岁" in told and "缺吃的" in told
    assert "不满 16 岁" not in told and "孩子身边没有大人。" not in told
