"""A SQLite file is served once at a time, and written by one after another."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.alone import Queue, ServedTwiceError, alone_on
from bot.training import ROOT


def test_a_second_server_of_a_sqlite_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hutong.sqlite3'}"
    first = alone_on(url)
    assert first is not None
    with pytest.raises(ServedTwiceError, match="PostgreSQL"):
        alone_on(url)
    first.close()
    again = alone_on(url)
    assert again is not None
    again.close()


def test_postgresql_may_be_served_by_any_number() -> None:
    assert alone_on("postgresql://somebody@127.0.0.1/somewhere") is None


def test_those_who_write_to_a_file_take_turns(tmp_path: Path) -> None:
    """Threads and processes; who is killed holds nobody up."""
    path, seen = tmp_path / "queue", []
    script = (
        "import sys, time; from pathlib import Path; from bot.alone import Queue\n"
        "with Queue(Path(sys.argv[1])): print('in', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "in\n"

        def write(number: int) -> None:
            with queue:
                seen.append(number)
                time.sleep(0.01)
                seen.append(number)

        queue = Queue(path)
        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(write, number) for number in range(8)]
            time.sleep(0.2)
            assert seen == []
            other.kill()
        assert all(each.exception() is None for each in writing)
    assert seen[::2] == seen[1::2]
    assert sorted(seen[::2]) == list(range(8))
