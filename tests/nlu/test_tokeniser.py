from __future__ import annotations

from nlu.tokeniser import tokenise


def test_chinese_falls_into_characters_latin_and_digits_stay_whole() -> None:
    assert [piece.text for piece in tokenise("王医生 call 13800138000，七岁")] == [
        "王",
        "医",
        "生",
        "call",
        "13800138000",
        "，",
        "七",
        "岁",
    ]


def test_every_token_stands_where_it_says() -> None:
    text = " 3号楼 A座  "
    assert all(text[piece.start : piece.end] == piece.text for piece in tokenise(text))
