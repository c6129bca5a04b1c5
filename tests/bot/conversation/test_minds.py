"""Understanding in processes of its own: the same readings, and nothing lost when one of them dies or hangs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from threadpoolctl import threadpool_limits

from bot.bootstrap import House, build
from bot.conversation.messages import Incoming
from bot.conversation.minds import MindError, Minds
from bot.settings import load_settings
from bot.training import ROOT
from nlu.interpreter import Interpreter
from tests.conftest import NOW

MOMENT = datetime.fromisoformat(NOW)
TEXTS = (
    "",
    "   ",
    "你好",
    "楼下有两个孩子没人管，大的七岁，爸妈昨晚被隔离了",
    "我住江门市蓬江区，电话13800138000",
    "樓上嗰個細路三歲半，成日喊",
    "\ud83d 孩子一个人在家",
    "\x00\u200b👨‍👩‍👧 ﷺ",
    "有人打孩子，流血了",
    "谁能看到我写的",
    ("孩子一个人在家。" * 512)[:4096],
)
"""What people write, and what nobody should."""


@pytest.fixture(scope="module")
def minds(model: Path) -> Iterator[Minds]:
    with Minds(model, 1) as minds:
        yield minds


@pytest.fixture(scope="module")
def interpreter(model: Path) -> Interpreter:
    """Understanding in this process."""
    return Interpreter.load(model)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_readings_are_those_of_this_process(
    minds: Minds, interpreter: Interpreter, text: str
) -> None:
    with threadpool_limits(1, "blas"):  # more of them add up in another order
        assert minds.parse(text, MOMENT) == interpreter.parse(text, MOMENT)


def test_several_may_ask_at_once(minds: Minds, interpreter: Interpreter) -> None:
    texts = [f"楼下孩子{age}岁没人管" for age in range(2, 14)]
    with ThreadPoolExecutor(6) as pool:
        read = list(pool.map(lambda text: minds.parse(text, MOMENT), texts))
    with threadpool_limits(1, "blas"):
        assert read == [interpreter.parse(text, MOMENT) for text in texts]


def test_a_process_that_died_is_replaced(minds: Minds) -> None:
    replaced: list[int] = []
    minds.when_replaced = lambda: replaced.append(1)
    (before,) = minds.processes
    os.kill(before, signal.SIGKILL)
    assert minds.parse("谢谢你", MOMENT).text == "谢谢你"
    assert minds.processes != [before]
    assert len(replaced) == 1


def test_a_process_that_hangs_is_replaced(model: Path) -> None:
    with Minds(model, 1, patience=2) as minds:
        minds.wait()
        (before,) = minds.processes
        os.kill(before, signal.SIGSTOP)
        assert minds.parse("谢谢你", MOMENT).text == "谢谢你"
        assert minds.processes != [before]
        assert not psutil.pid_exists(before)


def test_what_stops_the_program_does_not_stop_its_mind_before_it(minds: Minds) -> None:
    minds.wait()
    (before,) = minds.processes
    for stop in (signal.SIGTERM, signal.SIGINT):
        os.kill(before, stop)
    minds.parse("谢谢你", MOMENT)
    assert minds.processes == [before]


def test_a_model_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with Minds(tmp_path / "none", 1) as minds, pytest.raises(MindError):
        minds.wait()


def test_the_end_of_the_block_is_the_end_of_the_processes(model: Path) -> None:
    with Minds(model, 2) as minds:
        processes = minds.processes
    assert len(processes) == 2
    assert not any(psutil.pid_exists(pid) for pid in processes)


def test_no_setting_and_no_secret_goes_to_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_SECRET_KEY", "a secret that is long enough")
    with Minds(model, 1) as minds:
        minds.wait()
        (pid,) = minds.processes
        assert not [name for name in psutil.Process(pid).environ() if name.startswith("HUTONG_")]


PARENT = """
import sys, time
from pathlib import Path
from bot.conversation.minds import Minds
minds = Minds(Path(sys.argv[1]), 1)
minds.wait()
print(*minds.processes, flush=True)
time.sleep(600)
"""


def test_a_parent_killed_leaves_no_process(model: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def served(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Minds]]:
    """The whole program, which leaves understanding to a process."""
    settings = load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("minds"), now=NOW)
    with Minds(model, 1) as minds:
        built = build(settings, model, minds=minds)
        yield built, minds
        built.database.close()


def test_the_moment_of_a_message_travels_with_it(served: tuple[House, Minds]) -> None:
    _, minds = served
    entities = minds.parse("从昨晚起就没人管", MOMENT).entities
    (since,) = (each.value for each in entities if each.entity == "since")
    assert str(since).startswith("2026-11-20")


def turn(house: House, text: str, message_id: str) -> list[str]:
    """The replies to one message."""
    message = Incoming("web", "somebody", message_id, MOMENT, text)
    conversation = house.inbox.accept(message)
    assert conversation is not None
    inbox_id = house.inbox.next_open(conversation)
    assert inbox_id is not None
    result = house.turns.handle(inbox_id)
    assert result is not None
    assert house.inbox.next_open(conversation) is None
    return [reply.text for reply in result.replies]


def test_people_are_answered_when_the_mind_is_killed_between_and_under_them(
    served: tuple[House, Minds],
) -> None:
    house, minds = served
    assert turn(house, "你好", "1")
    with ThreadPoolExecutor(1) as beside:
        for number in range(3):
            (pid,) = minds.processes
            beside.submit(lambda pid=pid: (time.sleep(0.004), os.kill(pid, signal.SIGKILL)))
            replies = turn(house, "楼下有两个孩子没人管", str(number + 2))
            assert replies
            assert not any("出了点问题" in reply for reply in replies)
    assert "hutong_minds_replaced_total 0" not in house.meters.shown().decode()


def test_a_program_with_minds_holds_no_network_itself(model: Path, tmp_path: Path) -> None:
    script = """
import json, sys
from pathlib import Path
from bot.conversation.minds import Minds
model = Path(sys.argv[1])
with Minds(model, 1) as minds:
    from bot.bootstrap import build
    from bot.settings import load_settings
    house = build(load_settings(_env_file=None, data_dir=Path(sys.argv[2])), model, minds=minds)
    from nlu import encoder
    print(json.dumps([encoder._table.cache_info().currsize, "interpreter" in vars(house.talker)]))
"""
    command = [sys.executable, "-c", script, str(model), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, False]
