"""What is heard beside the entities of a message."""

from datetime import datetime
from typing import Any

import pytest

from bot.walks.heard import Heard
from bot.walks.remarks import (
    carer_is_frail,
    committee_cannot_cope,
    health_of_children,
    is_planned,
)

COMMITTEE = {"relation": "committee"}


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("我明天要去隔离了，家里孩子没人带", True),
        ("我下周要住院手术，没人照顾五岁的女儿", True),
        ("下個月我要去外省打工，屋企得個仔", True),
        ("我在医院回不来，明天还要手术，孩子五岁一个人在家", False),
        ("我住院了，医生说明天手术，两个孩子没人带", False),
        ("他爸被隔离三天了，我明天也要去", False),
        ("我现在还能照看，过几天不行", False),
        ("孩子没人管", False),
    ],
)
def test_a_gap_to_come_is_told_from_one_that_has_begun(text: str, planned: bool) -> None:
    assert is_planned(text) is planned


@pytest.mark.parametrize(
    ("texts", "facts", "expected"),
    [
        (["我们村委会管不过来"], COMMITTEE, True),
        (["有个孩子没人管", "我们这边没人手照看"], COMMITTEE, True),
        (["我哋居委會人手唔夠，顧唔到個細路"], COMMITTEE, True),
        (["居委会照顾不了，请接手"], {"organisation": "和平社区居委会"}, True),
        (["村委会说他们管不过来"], {"relation": "doctor"}, False),
        (["村委会说管不过来"], {"relation": "committee", "organisation": "县人民医院"}, False),
        (["孩子妈妈照顾不了他"], COMMITTEE, False),
        (["我们先照看着"], COMMITTEE, False),
    ],
)
def test_only_a_committee_says_that_it_cannot_cope(
    texts: list[str], facts: dict[str, Any], expected: bool
) -> None:
    assert committee_cannot_cope(texts, facts) is expected


@pytest.mark.parametrize(
    ("text", "frail"),
    [
        ("孩子跟着奶奶，奶奶瘫痪在床", True),
        ("外公八十多岁了在带", True),
        ("老人腿脚不好，看不住他", True),
        ("婆婆身體不好", True),
        ("奶奶在带，身体挺好", False),
        ("孩子身体不好，跟着奶奶", False),
        ("老师在陪", False),
    ],
)
def test_a_carer_who_is_frail_is_heard(text: str, frail: bool) -> None:
    assert carer_is_frail(text) is frail


def heard(text: str, word: str, value: str, intent: str = "inform") -> Heard:
    start = text.index(word)
    return Heard(
        text=text,
        intent=intent,
        confidence=1.0,
        sure=True,
        now=datetime.fromisoformat("2026-11-21T10:00:00+08:00"),
        message_id="1",
        entities=(("health", value),),
        spans=(("health", start, start + len(word)),),
    )


OWN = "report_own_difficulty"


@pytest.mark.parametrize(
    ("text", "word", "intent", "walk"),
    [
        ("孩子他爸发高烧住院了", "发高烧", OWN, None),
        ("丈夫发高烧在医院，我陪护也被隔离", "发高烧", OWN, None),
        ("刚收治一位发高烧的父亲，孩子一个人", "发高烧", "report_as_professional", None),
        ("我發燒39度，屋企得個仔", "發燒", OWN, None),
        ("我发烧了", "发烧", "inform", "guardian_difficulty"),
        ("奶奶发烧，没法带", "发烧", "inform", None),
    ],
)
def test_a_grown_ups_illness_is_not_the_childs(
    text: str, word: str, intent: str, walk: str | None
) -> None:
    assert health_of_children(heard(text, word, "fever", intent), walk) == []


@pytest.mark.parametrize(
    ("text", "word", "intent", "walk"),
    [
        ("爸爸住院了，孩子发烧", "发烧", OWN, None),
        ("他妈妈说孩子发烧了", "发烧", "inform", None),
        ("奶奶带着，发烧39度", "发烧", "inform", None),
        ("我收治了一个发烧的孩子", "发烧", "report_as_professional", None),
        ("我发烧了", "发烧", "child_seeking_help", "child_self"),
        ("妈妈发现我发烧了", "发烧", "child_seeking_help", "child_self"),
        ("我看他发烧了", "发烧", OWN, None),
        ("我女儿发烧了", "发烧", OWN, None),
        ("发烧", "发烧", "inform", "guardian_difficulty"),
    ],
)
def test_a_childs_illness_is_kept(text: str, word: str, intent: str, walk: str | None) -> None:
    assert health_of_children(heard(text, word, "fever", intent), walk) == ["fever"]
