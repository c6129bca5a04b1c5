"""The commands as a person or a program calls them, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.training import model_path
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def data(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    place = model_path(folder / "models")
    place.parent.mkdir()
    place.symlink_to(model)
    return folder


def hutong(
    data: Path, *words: str, said: str = "", cwd: Path = ROOT, **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUTONG_")},
        "HUTONG_DATA_DIR": str(data),
        "HUTONG_NOW": NOW,
        **more,
    }
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, input=said, capture_output=True, text=True, env=environment, cwd=cwd, timeout=180
    )


def test_a_wrong_region_file_stops_the_start_with_one_sentence(data: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text('region: {adcode: "4407"}\n', encoding="utf-8")
    done = hutong(data, "chat", "--json", HUTONG_REGIONS_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"Error: The help file {tmp_path / 'x.yml'} cannot be used: line 1: ")


def test_a_program_talks_json_and_exports_the_case(data: Path) -> None:
    said = [
        "郑州市金水区文化路社区5号楼有个六岁的男孩一个人在家，他妈妈前天住院了",
        "同意",
        "没有危险",
        *["不清楚"] * 3,
        "提交",
    ]
    done = hutong(data, "chat", "--json", "--sender", "a", said="\n".join(said[:1]) + "\n")
    assert done.returncode == 0, done.stderr
    (first,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["asking"] == "consent"
    assert first["case_no"] is None
    assert [b["title"] for b in first["replies"][-1]["buttons"]] == ["同意", "不同意"]
    done = hutong(data, "chat", "--json", "--sender", "a", said="\n".join(said[1:]) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(answer) for answer in answers] == [{"replies", "asking", "case_no"}] * 6
    assert answers[0]["asking"] == "danger"
    assert "文化路" not in done.stderr
    filed = [answer["case_no"] for answer in answers if answer["case_no"]]
    assert len(filed) == 1
    exported = hutong(data, "cases", "export", "--format", "json")
    (case,) = json.loads(exported.stdout)
    assert case["case_no"] == filed[0]
    assert case["children"] == {"count": None, "ages": [6], "sexes": ["male"], "health": []}
    assert case["care"]["absence_reasons"] == ["hospitalised"]
    assert case["narrative"].startswith(said[0])
    assert filed[0] in hutong(data, "cases", "list").stdout
    assert json.loads(hutong(data, "cases", "show", filed[0]).stdout) == case


def test_parse_gives_a_line_for_a_line(data: Path) -> None:
    done = hutong(data, "parse", said="会不会有人知道是我说的\n俩娃，一个五岁\n\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(each) for each in found] == [{"text", "intent", "confidence", "entities"}] * 3
    assert found[0]["intent"] in ("faq/privacy", "faq/anonymity")
    values = {(e["entity"], e["value"]) for e in found[1]["entities"]}
    assert {("child_count", 2), ("age", 5)} <= values
    for entity in found[1]["entities"]:
        assert found[1]["text"][entity["start"] : entity["end"]]


def test_a_wrong_setting_stops_with_one_sentence_that_names_it(data: Path) -> None:
    done = hutong(data, "cases", "list", HUTONG_PORT="eight")
    assert done.returncode == 1
    assert "HUTONG_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_schema_is_not_touched_but_explained(data: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    done = hutong(data, "cases", "list", HUTONG_DATABASE_URL=url)
    assert done.returncode == 1
    assert "hutong db upgrade" in done.stderr
    assert hutong(data, "db", "upgrade", HUTONG_DATABASE_URL=url).returncode == 0
    assert hutong(data, "cases", "list", HUTONG_DATABASE_URL=url).returncode == 0
