"""What is wrong with the set-up stops the start with one sentence that says what, and how to mend it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.alone import alone_on
from bot.bootstrap import database_of
from bot.settings import load_settings
from bot.texts import LOCALE_DIR
from bot.training import ROOT, model_path
from tests.program.test_commands import hutong

pytestmark = pytest.mark.service


@pytest.fixture
def data(model: Path, tmp_path: Path) -> Path:
    place = model_path(tmp_path / "models")
    place.parent.mkdir()
    place.symlink_to(model)
    return tmp_path


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a start that failed."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    (said,) = lines
    assert done.stderr.rstrip().endswith(said)
    return said


def serve(data: Path, **settings: str) -> str:
    return sentence(hutong(data, "serve", HUTONG_PORT="0", **settings))


def test_a_broken_model_file(data: Path) -> None:
    place = model_path(data / "models")
    place.unlink()
    place.write_bytes(b"half a model")
    said = serve(data)
    assert str(place) in said
    assert "hutong train" in said


def test_a_schema_that_is_too_old(data: Path) -> None:
    url = f"sqlite:///{data / 'old.sqlite3'}"
    said = serve(data, HUTONG_DATABASE_URL=url)
    assert "schema is empty" in said
    assert "hutong db upgrade" in said


def test_a_schema_that_is_too_new(data: Path) -> None:
    database = database_of(load_settings(_env_file=None, data_dir=data))
    database.upgrade()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    said = serve(data)
    assert "9999" in said
    assert "the program that made it" in said


def test_a_file_that_is_no_database(data: Path) -> None:
    (data / "hutong.sqlite3").write_bytes(b"no database, only words" * 100)
    assert "HUTONG_DATABASE_URL" in serve(data)


def test_a_database_that_is_away(data: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/nothing"
    assert "HUTONG_DATABASE_URL" in serve(data, HUTONG_DATABASE_URL=url)


def test_a_wrong_region_file(data: Path) -> None:
    (data / "regions").mkdir()
    (data / "regions" / "x.yml").write_text('region: {adcode: "4407"}\n', encoding="utf-8")
    assert "x.yml" in serve(data)


def test_an_alert_chat_without_telegram(data: Path) -> None:
    assert "HUTONG_TELEGRAM_TOKEN" in serve(data, HUTONG_ALERT_CHAT="-100123")


def test_a_second_server_of_the_same_file(data: Path) -> None:
    lock = alone_on(f"sqlite:///{data / 'hutong.sqlite3'}")
    assert lock is not None
    assert "PostgreSQL" in serve(data)
    lock.close()


@pytest.fixture
def without_a_catalogue(tmp_path: Path) -> Iterator[Path]:
    """A copy of the program in which one compiled catalogue is missing."""
    copy = tmp_path / "program"
    beside = {".git", "data", "tests", "docs", ".venv"}

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {"__pycache__"} | (beside if Path(folder) == ROOT else set()) & set(names)

    shutil.copytree(ROOT, copy, ignore=ignored)
    (copy / LOCALE_DIR.relative_to(ROOT) / "en" / "LC_MESSAGES" / "messages.mo").unlink()
    yield copy


def test_a_missing_catalogue(data: Path, without_a_catalogue: Path) -> None:
    place = model_path(data / "models")
    assert place.exists()
    said = sentence(
        hutong(
            data, "serve", cwd=without_a_catalogue, HUTONG_PORT="0",
            PYTHONPATH=str(without_a_catalogue),
        )
    )  # fmt: skip
    assert "catalogue" in said
    assert "compile" in said
