from __future__ import annotations

import pytest

from nlu import lexicon
from nlu.contract import DANGERS
from nlu.extractors.danger import find_dangers


def test_the_word_list_names_the_contracts_kinds_and_no_other() -> None:
    assert set(lexicon.load("danger")) == set(DANGERS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("他爸举着菜刀要砍人", "violence"),
        ("娃从三楼掉下来了", "injury"),
        ("我想死，活着没意思", "suicide"),
        ("屋里全是煤气味", "fire"),
        ("隔壁起火了小孩还在里面", "fire"),
        ("孩子刚刚走丢了", "missing"),
        ("娃娃抽搐口吐白沫", "unconscious"),
        ("继父脱我裤子", "abuse"),
        ("两天没吃饭了", "no_food"),
        ("細路暈倒咗", "unconscious"),
        ("救命啊快来人", "other"),
    ],
)
def test_danger_now_is_heard(text: str, kind: str) -> None:
    assert kind in find_dangers(text)


@pytest.mark.parametrize(
    "text",
    [
        "没着火，是烧饭的烟味",
        "累死我了",
        "作业多得想死",
        "电视里演有人跳楼",
        "他去年从楼上摔下来过",
        "要是着火了该怎么办",
        "家暴打什么电话",
        "孩子走丢了已经找到了",
        "我没想自杀",
        "手机都要爆炸了",
        "低保怎么申请",
        "",
    ],
)
def test_what_is_denied_past_told_or_supposed_is_no_danger(text: str) -> None:
    assert find_dangers(text) == []
