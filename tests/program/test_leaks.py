"""A report is told to the real program; then every place that it could have leaked to is searched.

Searched are the database as it lies there (file, write-ahead log and shared memory; every table of
PostgreSQL), the data folder, the temporary folder, the model, and all that was logged or printed
with logging turned up to DEBUG.
"""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import House, build, database_of, quiet_libraries
from bot.cases import store
from bot.channels.terminal import Terminal
from bot.settings import Settings, load_settings
from bot.training import model_path
from tests.conftest import NOW
from tests.support.databases import KINDS, empty_url
from tests.support.private import bytes_of

ROOT = Path(__file__).resolve().parent.parent.parent
SAID = [
    "我是欧阳翠屏，我家对门有两个娃娃，三岁和五岁，爹妈都被拉去隔离了没人照看，饿得直哭",
    "同意",
    "没有危险",
    "江门市新会区会城街道碧桂苑丁香巷27号601",
    "孩子身体没事",
    "我电话13911572468",
    "不清楚",
    "不清楚",
    "提交",
]
SECRETS = (
    "欧阳翠屏", "翠屏", "对门", "娃娃", "爹妈", "拉去", "饿得直哭", "没人照看", "碧桂苑", "丁香巷",
    "27号601", "13911572468", "+8613911572468", "会城街道", "a-reporter-of-the-leak-test",
)  # fmt: skip
"""Words that only this report holds."""


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The program's settings around an empty database of its own."""
    data = tmp_path / "data"
    data.mkdir()
    with empty_url(request.param, data) as url:
        own = "" if request.param == "sqlite" else url
        yield load_settings(_env_file=None, data_dir=data, database_url=own, now=NOW)


@pytest.fixture
def house(settings: Settings, model: Path) -> Iterator[House]:
    """The whole program with the real model."""
    database_of(settings).upgrade()
    built = build(settings, model)
    yield built
    built.database.close()


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    """All that is logged once an operator turns logging up to DEBUG."""
    records: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage() + str(record.exc_info or ""))

    handler, root = Keeping(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet_libraries()
    yield records
    root.removeHandler(handler)
    root.setLevel(before)


def forms(secret: str) -> list[bytes]:
    """How a word would look in a file, whatever wrote it there.

    Left out are forms of four bytes: what is sealed or packed holds some of them by chance.
    """
    escaped = json.dumps(secret)[1:-1]
    every = [
        secret.encode(),
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        secret.encode("gb18030"),
        escaped.encode(),
        escaped.replace("\\", "\\\\").encode(),
        secret.encode().hex().encode(),
    ]
    return [form for form in every if len(form) > 4]


def found_in(content: bytes) -> list[str]:
    return [secret for secret in SECRETS if any(form in content for form in forms(secret))]


def leaks(folder: Path) -> dict[str, list[str]]:
    """The secrets in every file under a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (secrets := found_in(path.read_bytes())):
            found[str(path.relative_to(folder))] = secrets
    return found


def tell(house: House) -> str:
    """File the report; its number."""
    terminal = Terminal(house, "a-reporter-of-the-leak-test")
    for text in SAID:
        _, result = terminal.say(text)
        if result.case_no:
            return result.case_no
    for _ in range(6):  # whatever else was asked
        _, result = terminal.say("提交" if result.asking == "confirm" else "不清楚")
        if result.case_no:
            return result.case_no
    raise AssertionError(f"nothing was filed: {result.asking} is open")


def test_no_word_of_a_report_lies_anywhere_in_the_clear(
    house: House,
    settings: Settings,
    tmp_path: Path,
    everything_logged: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("bot.conversation").debug("the log is heard")
    with (
        house.database.engine.connect() as reader
    ):  # an open reader keeps the log from being merged
        reader.exec_driver_sql("select * from report_case")
        case_no = tell(house)
        files = {path.name for path in settings.data_dir.iterdir()}
        assert ("hutong.sqlite3-wal" in files) == house.database.is_sqlite
        assert leaks(settings.data_dir) == {}  # database, write-ahead log, shared memory
    with house.database.reading() as session:
        case = store.find(session, case_no)
        told = json.dumps([case.facts, [line.text for line in case.transcript]], ensure_ascii=False)
    missing = [s for s in SECRETS[:-1] if s not in told and s not in ("娃娃", "翠屏")]
    assert missing == [], "the report must hold what is searched for"
    assert found_in(bytes_of(house.database).encode()) == []
    house.database.close()
    assert leaks(tmp_path) == {}
    printed = capfd.readouterr()
    assert found_in((printed.out + printed.err).encode()) == []
    assert "the log is heard" in everything_logged
    assert found_in("\n".join(everything_logged).encode()) == []


def test_the_search_would_find_what_is_not_sealed(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(json.dumps({"text": SAID[0]}), encoding="utf-8")
    (tmp_path / "wide").write_bytes(SAID[3].encode("utf-16-le"))
    assert set(leaks(tmp_path)) == {"plain", "wide"}
    assert "欧阳翠屏" in leaks(tmp_path)["plain"]


def test_a_program_of_its_own_leaves_nothing_in_temporary_folders_or_the_model(
    model: Path, tmp_path: Path
) -> None:
    """From outside: a process with folders of its own, turned up to say all that it can."""
    data, temporary, home = (tmp_path / name for name in ("data", "tmp", "home"))
    for folder in (data / "models", temporary, home):
        folder.mkdir(parents=True)
    place = model_path(data / "models")
    place.write_bytes(model.read_bytes())
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUTONG_")},
        "HUTONG_DATA_DIR": str(data),
        "HUTONG_NOW": NOW,
        "TMPDIR": str(temporary),
        "HOME": str(home),
        "LOG_LEVEL": "DEBUG",
    }
    command = [sys.executable, "-m", "bot", "chat", "--json", "--sender", SECRETS[-1]]
    said = "\n".join([*SAID[:-1], *["不清楚"] * 2, "提交"]) + "\n"
    done = subprocess.run(
        command, input=said, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=240
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert re.search(r'"case_no": "HT-', done.stdout)
    assert found_in(done.stderr.encode()) == []
    assert leaks(tmp_path) == {}
