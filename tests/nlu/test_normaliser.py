from __future__ import annotations

import pytest

from nlu.normaliser import normalise, to_simplified, written_form


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("孩子沒人照顧", "孩子没人照顾"),
        ("佢哋冇人睇", "他们没人看"),
        ("ＨＴ－２６１１２１", "ht-261121"),
        ("救命！！！！！！", "救命!"),
        ("呜呜呜呜好怕", "呜好怕"),
        ("娃\u200b在\u0000家", "娃在家"),
        ("  两个   孩子 \n 五岁 ", "两个 孩子 五岁"),
        ("在家格离", "在家隔离"),
        ("喇叭坏了", "喇叭坏了"),
        ("上三年纪,妈妈主院", "上三年级,妈妈住院"),
        ("住元朗,业主院子,三年纪念", "住元朗,业主院子,三年纪念"),
        ("撞了没人赔钱,没人街上走", "撞了没人赔钱,没人街上走"),
        ("我抑郁了", "我抑郁了"),
    ],
)
def test_a_message_comes_into_normal_form(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@pytest.mark.parametrize(
    "broken", ["\ud800", "孩子\udfff没人管", "\ufdfa" * 50, "", "   ", "\u0000", "😭" * 3000]
)
def test_no_text_breaks_it_and_no_surrogate_survives(broken: str) -> None:
    text = normalise(broken).text
    text.encode("utf-8")
    assert len(text) < 20000


def test_every_character_knows_where_it_came_from() -> None:
    normal = normalise("哎呀呀呀呀，佢哋冇人睇住个仔……")
    for start in range(len(normal.text)):
        a, b = normal.to_original(start, start + 1)
        assert 0 <= a < b <= len(normal.original)


def test_a_span_found_after_normalising_is_the_span_that_was_written() -> None:
    written = "！！！！嗰個細路仔六歲"
    normal = normalise(written)
    at = normal.text.index("六岁")
    start, end = normal.to_original(at, at + 2)
    assert written[start:end] == "六歲"
    assert normal.from_original(start, end) == (at, at + 2)


def test_digits_are_never_shortened() -> None:
    assert normalise("13800138000 第1111号").text == "13800138000 第1111号"


def test_place_names_become_simplified_but_keep_their_words() -> None:
    assert written_form("將軍澳隔篱街") == "将军澳隔篱街"
    assert len(to_simplified("臺灣乾隆皇后")) == 6
    assert written_form("河口村，１２號；（西頭）") == "河口村，12号；（西头）"


def test_characters_that_nobody_can_type_stay_as_they_were_written() -> None:
    assert to_simplified("嗰間劏房") == "嗰间劏房"
    assert normalise("嗰個細路").text.startswith("那个")
