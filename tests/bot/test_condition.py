"""Whether the program is well can be asked, and the answer holds nobody's words."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.cases.keyring import Keyring
from bot.clock import Clock
from bot.condition import TOO_OLD, Condition
from bot.database import Database
from bot.logs import log_to_standard_error
from bot.meters import Meters
from tests.bot.cases.conftest import database, database_of_kind  # noqa: F401 - the fixtures
from tests.bot.conversation.conftest import KEY, MOMENT, Core, core  # noqa: F401 - the fixture
from tests.support.databases import MATERIAL


def client(core: Core, late: float = 0.0, token: str = "", host: str = "127.0.0.1") -> TestClient:  # noqa: F811
    clock = Clock(MOMENT + timedelta(seconds=late))
    condition = Condition(core.database, clock, ("web",), Meters(), token)
    return TestClient(Starlette(routes=condition.routes), client=(host, 50000))


def test_a_program_that_works_is_alive_and_ready(core: Core) -> None:  # noqa: F811
    asking = client(core)
    assert asking.get("/health").json() == {"status": "ok"}
    assert asking.get("/ready").json()["status"] == "ok"


def test_somebody_who_waits_too_long_makes_it_not_ready(core: Core) -> None:  # noqa: F811
    core.takes("楼下有孩子")
    answer = client(core, late=TOO_OLD + 1).get("/ready")
    assert answer.status_code == 503
    assert answer.json()["queue_age"] == TOO_OLD + 1


def test_without_its_database_it_is_alive_but_not_ready(core: Core, tmp_path: Path) -> None:  # noqa: F811
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", Keyring(MATERIAL))
    condition = Condition(empty, Clock(MOMENT), ("web",), Meters())
    asking = TestClient(Starlette(routes=condition.routes))
    assert asking.get("/health").status_code == 200
    assert asking.get("/ready").status_code == 503
    empty.close()


def test_the_figures_hold_no_words(core: Core) -> None:  # noqa: F811
    core.takes("幸福路的小明")
    text = client(core, late=7).get("/metrics").text
    assert "hutong_queue_age_seconds 7.0" in text
    assert 'hutong_open_cases{level="critical"} 0.0' in text
    assert "小明" not in text


@pytest.mark.parametrize(
    ("host", "token", "headers", "status"),
    [
        ("127.0.0.1", "", {}, 200),
        ("::1", "", {}, 200),
        ("192.0.2.7", "", {}, 404),
        ("127.0.0.1", "", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("192.0.2.7", "a token of sixteen", {"Authorization": "Bearer a token of sixteen"}, 200),
        ("127.0.0.1", "a token of sixteen", {"Authorization": "Bearer another"}, 404),
    ],
)
def test_the_figures_are_for_this_machine_or_who_knows_the_token(
    core: Core,  # noqa: F811
    host: str,
    token: str,
    headers: dict[str, str],
    status: int,
) -> None:
    assert (
        client(core, token=token, host=host).get("/metrics", headers=headers).status_code == status
    )


def test_the_log_is_json_without_what_libraries_say(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    meters = Meters()
    try:
        log_to_standard_error(meters)
        logging.getLogger("bot.somewhere").error("a turn failed with %s", "ValueError")
        logging.getLogger("sqlalchemy").error("INSERT 小明 住幸福路")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert ours["said"] == "a turn failed with ValueError"
    assert theirs["part"] == "sqlalchemy"
    assert "said" not in theirs
    assert 'hutong_errors_total{part="bot.somewhere"} 1.0' in meters.shown().decode()
