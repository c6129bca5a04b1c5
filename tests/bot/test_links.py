"""A link brings its own community along, and nobody can make one for another."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.datafile import DataFileError
from bot.links import (
    Community,
    CommunityFileError,
    LinkError,
    Links,
    read_communities,
    telegram_link,
    web_link,
)

LINKS = Links(b"a key of the tests, long enough.")
HAPPY = Community("幸福社区", "440705")
NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=16)
CODES = st.sampled_from(["440705", "110105", "659012", "110000"])


@given(NAMES, CODES)
def test_a_token_gives_its_community_back_and_telegram_takes_it(name: str, code: str) -> None:
    token = LINKS.token(Community(name, code))
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token)
    assert LINKS.read(token) == Community(name, code)


@given(st.data())
def test_a_changed_token_is_no_token(data: st.DataObject) -> None:
    token = LINKS.token(HAPPY)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019_-").filter(lambda each: each != token[at]))
    assert LINKS.read(token[:at] + letter + token[at + 1 :]) is None


def test_a_signature_fits_no_other_community() -> None:
    mine, other = LINKS.token(HAPPY), LINKS.token(Community("平安社区", "440705"))
    assert LINKS.read(other[:-16] + mine[-16:]) is None


def test_another_houses_token_is_a_strangers() -> None:
    assert Links(b"another key, just as long as it.").read(LINKS.token(HAPPY)) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fuss(text: str) -> None:
    assert LINKS.read(text) is None


def test_an_address_begins_with_the_divisions() -> None:
    assert HAPPY.address == "广东省江门市新会区幸福社区"
    assert Community("张沟社区", "429004").address == "湖北省仙桃市张沟社区"
    assert Community("三里屯社区", "110105").address == "北京市朝阳区三里屯社区"


def test_too_long_a_name_fits_into_no_link() -> None:
    with pytest.raises(LinkError, match="longer"):
        LINKS.token(Community("长" * 17, "440705"))


def test_links_are_what_their_platforms_open() -> None:
    assert telegram_link("@hutong_bot", "abc") == "https://t.me/hutong_bot?start=abc"
    assert web_link("https://hutong.example.org/", "abc") == "https://hutong.example.org/?c=abc"
    assert web_link("https://example.org/chat", "abc") == "https://example.org/chat/?c=abc"


@pytest.mark.parametrize("bot", ["", "bot", "护童机器人", "a bot", "x/y_bot", "_robot"])
def test_a_bot_that_cannot_be_called_so_is_refused(bot: str) -> None:
    with pytest.raises(LinkError, match="cannot be called"):
        telegram_link(bot, "abc")


@pytest.mark.parametrize(
    "web", ["", "example.org", "ftp://example.org", "https://a b", "https://a?b"]
)
def test_an_address_that_is_none_is_refused(web: str) -> None:
    with pytest.raises(LinkError, match="https://"):
        web_link(web, "abc")


TABLE = "name,adcode,remark\n幸福社区,440705,\n文化路社区,410105,带逗号的,备注\n"
BOTH = [HAPPY, Community("文化路社区", "410105")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_from_any_spreadsheet_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "communities.csv"
    path.write_bytes(TABLE.replace("\n", "\r\n").encode(encoding))
    assert read_communities(path) == BOTH


def test_a_yaml_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "communities.yml"
    path.write_text(
        "communities:\n- {name: 幸福社区, adcode: 440705}\n- {name: 文化路社区, adcode: '410105'}\n",
        encoding="utf-8",
    )
    assert read_communities(path) == BOTH


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("幸福社区,440705\n", "line 1: name,adcode"),
        ("name,adcode\n", "line 1: there is no community"),
        ("name,adcode\n幸福社区,440705\n平安社区,999999\n", "line 3: adcode: there is no division"),
        ("name,adcode\n  ,440705\n", "line 2: name: a community needs a name"),
        ("name,adcode\n幸福社区\n", "line 2: adcode: "),
        (f"name,adcode\n{'长' * 17},440705\n", "line 2: name: longer than a link can hold"),
        ("name,adcode\n幸福社区,440705\n幸福社区,440705\n", "line 3: 幸福社区 stands there twice"),
        ('name,adcode\n"幸福\x07社区",440705\n', "line 2: name: "),
    ],
)
def test_a_wrong_line_of_a_table_is_named(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "communities.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommunityFileError, match=f"communities.csv cannot be used: {expected}"):
        read_communities(path)


def test_a_wrong_line_of_a_yaml_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "communities.yml"
    path.write_text("communities:\n- {name: 幸福社区, adcode: '440799'}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"line 2: communities.0.adcode: there is no division"):
        read_communities(path)
