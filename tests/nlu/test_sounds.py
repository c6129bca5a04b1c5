import pytest

from nlu import sounds


@pytest.mark.parametrize(
    ("char", "sound"), [("好", "hao"), ("重", "zhong"), ("a", "a"), ("，", "，")]
)
def test_a_character_sounds_as_it_mostly_does(char: str, sound: str) -> None:
    assert sounds.of_character(char) == sound


@pytest.mark.parametrize(
    ("name", "sound"), [("重庆", "chongqing"), ("长沙", "changsha"), ("厦门", "xiamen")]
)
def test_a_name_sounds_as_a_name_does(name: str, sound: str) -> None:
    assert sounds.of_name(name) == sound
