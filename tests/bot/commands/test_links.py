"""``hutong links``."""

import csv
import io
from pathlib import Path

import pytest

from bot.links import Community, Links
from bot.settings import load_settings, secret_key
from tests.bot.commands.conftest import Call


@pytest.fixture
def communities(tmp_path: Path) -> Path:
    path = tmp_path / "communities.csv"
    path.write_text("name,adcode\n幸福社区,440705\n文化路社区,410105\n", encoding="utf-8")
    return path


def test_links_carry_what_the_program_itself_reads(
    call: Call, communities: Path, data: Path
) -> None:
    done = call("links", "--file", communities, "--bot", "hutong_bot", "--web", "https://a.example")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.output.lstrip("\ufeff"))))
    links = Links(secret_key(load_settings(_env_file=None, data_dir=data)))
    for row in rows:
        expected = Community(row["name"], row["adcode"])
        assert links.read(row["telegram"].partition("?start=")[2]) == expected
        assert links.read(row["web"].partition("/?c=")[2]) == expected
    assert [row["name"] for row in rows] == ["幸福社区", "文化路社区"]


def test_posters_lie_in_the_folder(call: Call, communities: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "posters"
    done = call("links", "--file", communities, "--bot", "hutong_bot", "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "001-幸福社区.pdf",
        "001-幸福社区.png",
        "002-文化路社区.pdf",
        "002-文化路社区.png",
        "links.csv",
    ]


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("name,adcode\n幸福社区,440799\n", ("--bot", "hutong_bot"), "communities.csv"),
        ("name,adcode\n幸福社区,440705\n", (), "--bot"),
        ("name,adcode\n幸福社区,440705\n", ("--bot", "@"), "cannot be called"),
        ("name,adcode\n幸福社区,440705\n", ("--web", "a.example"), "https://"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    call: Call, communities: Path, content: str, words: tuple[str, ...], said: str
) -> None:
    communities.write_text(content, encoding="utf-8")
    done = call("links", "--file", communities, *words)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert said in done.output
