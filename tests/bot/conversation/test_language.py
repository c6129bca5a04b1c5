"""Answers come in the script that the person writes."""

import pytest

from bot.conversation.language import written_in


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("楼下有个孩子没人管", "", "zh_Hans"),
        ("樓下有個孩子沒人管", "", "zh_Hant"),
        ("屋企得個仔自己一個", "", "zh_Hant"),
        ("My neighbour's child is alone at home", "", "en"),
        ("3", "", None),
        ("你好", "", None),
        ("你好", "zh-TW", "zh_Hant"),
        ("你好", "en-US", None),
        ("3", "en", "en"),
        ("ok", "zh-Hans", None),
        ("", "", None),
        ("\ud800", "", None),
    ],
)
def test_the_script_of_a_message_is_seen(text: str, hint: str, language: str | None) -> None:
    assert written_in(text, hint) == language
