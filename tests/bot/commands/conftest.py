"""Commands as a member of staff calls them, on a database of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.bootstrap import open_database
from bot.cli import hutong
from bot.database import Database
from bot.settings import load_settings
from tests.conftest import NOW

Call = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def database(data: Path) -> Iterator[Database]:
    opened = open_database(load_settings(_env_file=None, data_dir=data))
    yield opened
    opened.close()


@pytest.fixture
def call(data: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(data.parent)  # no .env of the developer's
    settings = {"HUTONG_DATA_DIR": str(data), "HUTONG_NOW": NOW}

    def run(*words: object) -> Result:
        return CliRunner(env=settings).invoke(hutong, [str(word) for word in words])

    return run
