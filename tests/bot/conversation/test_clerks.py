"""Answering in processes of its own: the same replies, and nothing lost when one of them dies or hangs."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select, text

from bot.bootstrap import Front, ServedFront, build, build_served
from bot.cases.tables import TranscriptRow
from bot.conversation.answering import TurnFailedError
from bot.conversation.claims import OwnClaims
from bot.conversation.clerks import Clerks
from bot.conversation.messages import Incoming
from bot.settings import Settings, load_settings
from bot.training import ROOT, ModelError
from tests.conftest import NOW

MOMENT = datetime.fromisoformat(NOW)
SECRET = "a secret that is long enough"
SAID = (
    "楼下有两个孩子没人管，大的七岁，爸妈昨晚被隔离了",
    "同意",
    "没有危险",
    "江门市蓬江区",
    "谁能看到我写的",
    "上一步",
    "\ud83d\x00 孩子一个人在家",
)
"""What people write, and what nobody should."""


def settings_in(folder: Path) -> Settings:
    return load_settings(_env_file=None, data_dir=folder, now=NOW, secret_key=SECRET)


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs in one event loop for all tests here: the lines to clerks belong to it."""
    loop = asyncio.new_event_loop()
    yield loop.run_until_complete
    loop.close()


@pytest.fixture(scope="module")
def served(
    model: Path, tmp_path_factory: pytest.TempPathFactory, run: Run
) -> Iterator[ServedFront]:
    """A program with two clerks."""
    settings = settings_in(tmp_path_factory.mktemp("clerks"))
    with Clerks(settings, model, 2) as clerks:
        front = build_served(settings, model, clerks)
        yield front
        run(clerks.close())
        front.database.close()


def take_in(front: Front, who: str, said: str, number: int = 1) -> int:
    """Write a message down; its conversation."""
    message = Incoming("telegram", who, f"{who}:{number}", MOMENT, said)
    conversation = front.inbox.accept(message)
    assert conversation is not None
    return conversation


def lines(front: Front, conversation: int) -> list[tuple[str, str]]:
    """Who said what."""
    query = select(TranscriptRow).where(TranscriptRow.conversation_id == conversation)
    with front.database.reading() as session:
        found = session.execute(query.order_by(TranscriptRow.id)).scalars()
        return [(line.sender, line.text) for line in found]


def test_the_replies_are_those_of_a_program_that_answers_itself(
    served: ServedFront, model: Path, tmp_path: Path, run: Run
) -> None:
    lone = build(settings_in(tmp_path), model)
    talks = []
    for front in (served, lone):
        for number, said in enumerate(SAID):
            conversation = take_in(front, "甲", said, number)
            more = run(front.answering.turn(conversation, False, False))
            assert not more
        talks.append(lines(front, conversation))
    lone.database.close()
    assert talks[0] == talks[1]
    assert len(talks[0]) > 2 * len(SAID)


def test_several_are_answered_at_once(served: ServedFront, run: Run) -> None:
    talks = [take_in(served, f"乙{number}", f"楼下孩子{number + 2}岁没人管") for number in range(8)]

    async def answered() -> list[bool]:
        return await asyncio.gather(*(served.clerks.turn(each, False, False) for each in talks))

    assert run(answered()) == [False] * 8
    assert all(lines(served, each)[1][0] == "bot" for each in talks)


def test_whether_more_waits_is_told(served: ServedFront, run: Run) -> None:
    take_in(served, "丙", "你好", 1)
    conversation = take_in(served, "丙", "谢谢", 2)
    assert run(served.clerks.turn(conversation, False, False))
    assert not run(served.clerks.turn(conversation, False, False))


def test_what_they_count_is_shown(served: ServedFront, run: Run) -> None:
    conversation = take_in(served, "丁", "你好")
    before = figure(served, 'hutong_turns_total{end="answered"}')
    run(served.clerks.turn(conversation, False, False))
    assert figure(served, 'hutong_turns_total{end="answered"}') == before + 1
    assert figure(served, "hutong_turn_seconds_count") == figure(
        served, 'hutong_turns_total{end="answered"}'
    )


def figure(front: Front, name: str) -> float:
    """A figure of the metrics, 0 where it is not there."""
    shown = front.meters.shown().decode().splitlines()
    return next((float(line.split()[-1]) for line in shown if line.startswith(name + " ")), 0.0)


def test_one_that_died_is_replaced_and_asked_again(served: ServedFront, run: Run) -> None:
    clerks = served.clerks
    conversation = take_in(served, "戊", "楼下有两个孩子没人管")
    before = clerks.processes
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    for _ in before:
        with pytest.raises(TurnFailedError) as failed:
            run(clerks.turn(conversation, True, False))
        assert failed.value.died
    assert not run(clerks.turn(conversation, True, False))
    assert not set(clerks.processes) & set(before)
    assert [who for who, _ in lines(served, conversation)].count("reporter") == 1
    assert figure(served, "hutong_clerks_replaced_total") == len(before)


def test_one_that_hangs_is_replaced(model: Path, tmp_path: Path, run: Run) -> None:
    settings = settings_in(tmp_path)
    with Clerks(settings, model, 1, patience=20) as clerks:
        front = build_served(settings, model, clerks)
        clerks.patience = 1
        conversation = take_in(front, "甲", "你好")
        (before,) = clerks.processes
        os.kill(before, signal.SIGSTOP)
        with pytest.raises(TurnFailedError):
            run(clerks.turn(conversation, False, False))
        clerks.patience = 60
        assert not run(clerks.turn(conversation, True, False))
        assert clerks.processes != [before]
        assert not psutil.pid_exists(before)
        run(clerks.close())
        front.database.close()


def test_an_answer_that_nobody_waits_for_is_no_other_ones(served: ServedFront, run: Run) -> None:
    """A turn that was given up goes on; what it tells is not taken for the next turn's."""

    async def give_up_and_ask() -> bool:
        many = take_in(served, "己", "孩子一个人在家" * 300)
        take_in(served, "己", "谢谢", 2)
        given_up = [asyncio.create_task(served.clerks.turn(many, False, False)) for _ in "12"]
        await asyncio.sleep(0.01)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        return await served.clerks.turn(take_in(served, "庚", "你好"), False, False)

    assert run(give_up_and_ask()) is False


def test_what_stops_the_program_does_not_stop_them_before_it(served: ServedFront, run: Run) -> None:
    before = served.clerks.processes
    for pid in before:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    run(served.clerks.turn(take_in(served, "辛", "你好"), False, False))
    assert served.clerks.processes == before


def test_closing_lets_a_turn_end(model: Path, tmp_path: Path, run: Run) -> None:
    settings = settings_in(tmp_path)
    with Clerks(settings, model, 1) as clerks:
        front = build_served(settings, model, clerks)
        conversation = take_in(front, "甲", "孩子一个人在家。" * 500)

        async def leave_at_once() -> None:
            turn = asyncio.create_task(clerks.turn(conversation, False, False))
            await asyncio.sleep(0.05)
            turn.cancel()
            await clerks.close()

        run(leave_at_once())
        assert [who for who, _ in lines(front, conversation)][:2] == ["reporter", "bot"]
        front.database.close()
    assert not any(psutil.pid_exists(pid) for pid in clerks.processes)


def test_a_database_that_is_away_is_told_as_such(model: Path, tmp_path: Path, run: Run) -> None:
    settings = settings_in(tmp_path)
    with Clerks(settings, model, 1) as clerks:
        front = build_served(settings, model, clerks)
        conversation = take_in(front, "甲", "你好")
        with front.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        with pytest.raises(TurnFailedError) as failed:
            run(clerks.turn(conversation, False, False))
        assert failed.value.away
        assert not failed.value.died
        run(clerks.close())
        front.database.close()


def test_a_model_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    broken = tmp_path / "hutong-0000.tar.gz"
    broken.write_bytes(b"no archive")
    with Clerks(settings, broken, 1) as clerks, pytest.raises(ModelError, match="hutong train"):
        build_served(settings, broken, clerks)


def test_no_setting_and_no_secret_stands_in_their_environment(
    served: ServedFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in served.clerks.processes:
        process = psutil.Process(pid)
        held = {**process.environ()}
        assert not [name for name in held if name.startswith("HUTONG_")]
        assert SECRET not in " ".join([*held.values(), *process.cmdline()])


PARENT = """
import sys, time
from pathlib import Path
from bot.bootstrap import build_served
from bot.conversation.clerks import Clerks
from bot.settings import load_settings
model, settings = Path(sys.argv[1]), load_settings(_env_file=None, data_dir=Path(sys.argv[2]))
clerks = Clerks(settings, model, 1)
build_served(settings, model, clerks)
print(*clerks.processes, flush=True)
time.sleep(600)
"""


def test_a_program_that_is_killed_leaves_none_behind(model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(model), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


async def test_the_desk_answers_everybody_once_though_clerks_are_killed_under_it(
    model: Path, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    with Clerks(settings, model, 2) as clerks:
        front = build_served(settings, model, clerks)
        desk = front.desk({}, OwnClaims())
        await desk.start()
        said = [f"楼下{number}号有孩子没人管" for number in range(1, 13)]

        async def kill() -> None:
            killed: set[int] = set()
            while len(killed) < 3:
                await asyncio.sleep(0.15)
                process = clerks.processes[0]
                if process not in killed:  # else nobody has replaced it yet
                    killed.add(process)
                    os.kill(process, signal.SIGKILL)

        killing = asyncio.create_task(kill())
        for number, words in enumerate(said):
            for who in "子丑":
                await desk.receive(Incoming("telegram", who, f"{who}{number}", MOMENT, words))
                await asyncio.sleep(0.02)
        await asyncio.wait_for(killing, 60)
        await desk.idle()
        await desk.close()
        for who in "子丑":
            conversation = take_in(front, who, "到此为止", 999)
            heard = [words for by, words in lines(front, conversation) if by == "reporter"]
            assert heard == said
            assert not any("出了点问题" in words for _, words in lines(front, conversation))
        assert figure(front, "hutong_clerks_replaced_total") == 3
        front.database.close()


def test_a_program_with_clerks_holds_no_model_itself(model: Path, tmp_path: Path) -> None:
    script = """
import json, sys
from pathlib import Path
from bot.bootstrap import build_served
from bot.conversation.clerks import Clerks
from bot.settings import load_settings
model, settings = Path(sys.argv[1]), load_settings(_env_file=None, data_dir=Path(sys.argv[2]))
with Clerks(settings, model, 1) as clerks:
    from bot import serve
    build_served(settings, model, clerks)
    from nlu import encoder
    print(json.dumps([encoder._table.cache_info().currsize, "rasa" in sys.modules]))
"""
    command = [sys.executable, "-c", script, str(model), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, False]
