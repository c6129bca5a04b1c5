"""``hutong cases override`` on a database of its own."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import open_database
from bot.cases import store
from bot.cli import hutong
from bot.settings import load_settings
from tests.support.cases import LATER, filed

CASE = "HT-261121-AAAAA"
BY = ("--why", "打过电话", "--by", "王工")


@pytest.fixture(autouse=True)
def _a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUTONG_NOW", LATER.isoformat())
    monkeypatch.delenv("HUTONG_DATABASE_URL", raising=False)
    with open_database(load_settings()).writing() as session:
        filed(session)


def override(*words: str) -> Result:
    return CliRunner().invoke(hutong, ["cases", "override", *words])


def events() -> list[tuple[str, str]]:
    with open_database(load_settings()).reading() as session:
        row = store.find(session, CASE)
        lines = [entry for entry in row.history if entry.event.startswith("override")]
        return [(entry.actor, entry.event) for entry in lines]


def test_a_level_is_set_and_lifted_by_name() -> None:
    done = override(CASE.lower(), "--level", "medium", *BY)
    assert done.exit_code == 0, done.output
    assert done.output == f"{CASE}: medium, until 2026-11-22T10:20+08:00, committee.\n"
    done = override(CASE, "--lift", "level", *BY)
    assert done.output.startswith(f"{CASE}: high, ")
    assert events() == [("王工", "override"), ("王工", "override_lifted")]


def test_facts_and_a_unit_are_set_at_once() -> None:
    done = override(CASE, "--fact", "carer=neighbour", "--fact", "ages=9,10", *BY)
    assert done.output.startswith(f"{CASE}: low, "), done.output
    done = override(CASE, "--unit", "protection_institution", "--fact", "cannot_cope=yes", *BY)
    assert done.output.endswith(", protection_institution.\n")
    assert len(events()) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((CASE, *BY), "Say what to set"),
        (("HT-261121-ZZZZZ", "--level", "low", *BY), "There is no such case."),
        ((CASE, "--fact", "carer", *BY), "Write the fact as NAME=VALUE"),
        ((CASE, "--level", "low", "--fact", "carer=cat", *BY), "carer cannot be 'cat'"),
        ((CASE, "--level", "urgent", *BY), "urgent"),
        ((CASE, "--level", "low", "--why", " ", "--by", "王工"), "Say why"),
        ((CASE, "--level", "low", "--why", "x"), "--by"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_set(words: tuple[str, ...], said: str) -> None:
    done = override(*words)
    assert done.exit_code != 0
    assert said in done.output and "Traceback" not in done.output
    assert events() == []
