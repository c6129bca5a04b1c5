"""``hutong stats``."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image

from bot.cases.stats_files import HEADINGS
from bot.database import Database
from tests.bot.commands.conftest import Call
from tests.support.related import place, report

NOVEMBER = ("stats", "--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture(autouse=True)
def reports(database: Database) -> None:
    with database.writing() as session:
        for adcode in ("440705", "440705", "410105"):
            report(session, location=place("某处", None, adcode))


def test_a_table_for_people(call: Call) -> None:
    shown = call(*NOVEMBER)
    assert shown.exit_code == 0, shown.output
    row = next(line for line in shown.output.splitlines() if "新会区" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][:2] == ["440705", "新会区"]
    assert "河南省" in shown.output


def test_one_city_as_json(call: Call) -> None:
    content = json.loads(call(*NOVEMBER, "--region", "440700", "--format", "json").output)
    assert content["region"] == "440700"
    assert [line["region"] for line in content["lines"]] == ["合计", "江门市", "新会区"]
    assert {line["calls_received"] for line in content["lines"]} == {2}


def test_files(call: Call, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "png"):
        done = call(*NOVEMBER, "--format", form, "--out", tmp_path / f"stats.{form}")
        assert (done.exit_code, done.output) == (0, "")
    with (tmp_path / "stats.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(HEADINGS.values())
    assert load_workbook(tmp_path / "stats.xlsx").active.max_row == len(rows) + 1
    with Image.open(tmp_path / "stats.png") as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-11-02", "--to", "2026-11-01"), "2026-11-01 is before"),
        (
            ("--from", "2026-11-01", "--to", "2026-11-02", "--region", "999999"),
            "no division 999999",
        ),
        (("--from", "yesterday", "--to", "2026-11-02"), "--from"),
        (("--from", "2026-11-02"), "--to"),
    ],
)
def test_a_wrong_wish_is_told_in_a_sentence(call: Call, words: tuple[str, ...], said: str) -> None:
    done = call("stats", *words)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output
