"""The help catalogue: every question has an answer, and nothing in it is made up."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.vocabulary import ABSENCE_REASONS, CARERS, HEALTH, NEEDS, REPORT_TYPES
from bot.help.catalogue import Catalogue, Topic, catalogue, topics_for

QUESTIONS = {
    "available_help", "temporary_care", "temporary_guardianship", "entrusted_care",
    "temporary_relief", "minimum_living_allowance", "orphan_allowance", "defacto_unsupported",
    "medical_care", "schooling", "supplies", "psychological_support", "moving_children_services",
    "hotlines", "who_is_responsible", "process_and_time", "privacy", "anonymity",
    "mandatory_reporting", "law_left_alone", "bot_identity",
}  # fmt: skip
HOTLINES = {"110", "120", "119", "12338", "12345", "12349", "12355"}
SMALL = {"30", "2", "24", "3", "8", "16"}  # times of the contract, ages of the law (art. 21)
CHINESE_DIGITS = "零〇一二三四五六七八九十百千万亿两"
TOPICS = sorted(catalogue().topics.items())


def words(topic: Topic) -> str:
    return topic.title + topic.short


def test_each_of_the_contracts_questions_has_an_answer() -> None:
    assert len(QUESTIONS) == 21
    assert set(catalogue().topics) >= QUESTIONS


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_an_answer_says_where_it_is_from_and_of_what_date(name: str, topic: Topic) -> None:
    assert topic.title and topic.short
    for source in topic.sources:
        found = catalogue().sources[source]
        assert found.title
        assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", found.date)


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_no_number_is_given_that_has_no_source(name: str, topic: Topic) -> None:
    assert set(re.findall(r"\d+", words(topic))) <= HOTLINES | SMALL
    assert not re.search(rf"[\d{CHINESE_DIGITS}][余多来]?[元块角]|%|％|百分之", words(topic))
    assert not re.search(r"[零〇一二三四五六七八九]{3,}", words(topic))


def test_the_answer_about_hotlines_names_every_one_of_them() -> None:
    assert set(re.findall(r"\d+", catalogue().topics["hotlines"].short)) == HOTLINES


def test_times_promised_are_those_of_the_contract() -> None:
    short = catalogue().topics["process_and_time"].short
    for time in ("30 分钟", "2 小时", "24 小时", "3 个工作日"):
        assert time in short


def test_ages_given_are_those_of_the_law() -> None:
    assert set(re.findall(r"\d+", catalogue().topics["law_left_alone"].short)) == {"8", "16"}


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_an_answer_leads_on_to_other_answers(name: str, topic: Topic) -> None:
    assert topic.next and name not in topic.next
    assert len(set(topic.next)) == len(topic.next)


def broken(**changes: Any) -> dict[str, Any]:
    held = catalogue().dict()
    held["topics"]["privacy"].update(changes)
    return held


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (broken(sources=[]), "the topic privacy has no source"),
        (broken(sources=["hearsay"]), "the topic privacy names no known source: hearsay"),
        (broken(next=["gossip"]), "the topic privacy leads to no known topic: gossip"),
        (broken(shrot="x"), "shrot"),
        ({**catalogue().dict(), "sources": {"law": {"title": "法"}}}, "date"),
    ],
)
def test_a_mistake_in_the_catalogue_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Catalogue.parse_obj(content)


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=4, unique=True)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "carer": st.sampled_from([None, *CARERS]),
        "reason": st.none() | some(ABSENCE_REASONS),
        "health": st.none() | some(HEALTH),
        "needs": st.none() | some(NEEDS),
        "kind": st.sampled_from(["moving", "left_behind", "in_difficulty"]),
    },
)


@given(FACTS, st.sampled_from([None, *REPORT_TYPES]))
def test_every_family_is_offered_one_to_three_answers_that_exist(
    facts: dict[str, Any], walk: str | None
) -> None:
    topics = topics_for(facts, walk)
    assert 1 <= len(topics) <= 3
    assert len(set(topics)) == len(topics)
    assert set(topics) <= set(catalogue().topics)


@pytest.mark.parametrize(
    ("facts", "walk", "topic"),
    [
        ({"health": ["fever"], "carer": "nobody"}, "unattended_child", "medical_care"),
        ({"carer": "nobody"}, "unattended_child", "temporary_care"),
        ({"carer": "grandparent", "reason": ["working_away"]}, None, "entrusted_care"),
        ({"carer": "relative", "reason": ["deceased"]}, None, "orphan_allowance"),
        ({"carer": "relative", "reason": ["detained"]}, None, "defacto_unsupported"),
        ({"carer": "grandparent", "kind": "moving"}, None, "moving_children_services"),
        ({"carer": "grandparent", "needs": ["schooling"]}, None, "schooling"),
        ({"carer": "grandparent"}, "professional_notice", "mandatory_reporting"),
    ],
)
def test_a_family_is_offered_what_fits_it(
    facts: dict[str, Any], walk: str | None, topic: str
) -> None:
    assert topic in topics_for(facts, walk)
