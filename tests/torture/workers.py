"""Real processes of ``hutong serve``, to be killed and started again."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from bot.training import ROOT, model_path

SECRET = "a secret of the torture, long enough"
_STARTS_WITHIN = 180.0


def data_folder(folder: Path, model: Path) -> Path:
    """A data folder in which the program finds a trained model."""
    place = model_path(folder / "models")
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.symlink_to(model.resolve())
    return folder


class Nursery:
    """Where workers come from (``tests.torture.nursery``); a context manager.

    Args:
        model: a trained model, for warming up.
    """

    def __init__(self, model: Path) -> None:
        self._model = model

    def __enter__(self) -> "Nursery":
        environment = dict(os.environ)
        # without byte code the start takes several times as long
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.torture.nursery", str(self._model)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self._answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def birth(self, environment: dict[str, str], log: Path) -> int:
        """A new worker's process id."""
        assert self._process.stdin
        order = {"environment": environment, "log": str(log)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise RuntimeError("the nursery ended")
        return answer


class Worker:
    """One process on a port of its own.

    Args:
        nursery: what forks it.
        data: the data folder (``data_folder``).
        settings: more of the environment.
    """

    def __init__(self, nursery: Nursery, data: Path, name: str = "one", **settings: str) -> None:
        self._nursery = nursery
        self.name = name
        self.port = free_port()
        self.log = data / f"worker-{name}.log"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("HUTONG_")},
            "HUTONG_DATA_DIR": str(data),
            "HUTONG_SECRET_KEY": SECRET,
            "HUTONG_PORT": str(self.port),
            "HUTONG_CLERKS": "0",  # a fork has read its dictionaries; a process of its own would not
            **settings,
        }
        self._pid = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def clerks(self) -> list[int]:
        """The ids of the processes that answer for it."""
        return [child.pid for child in psutil.Process(self._pid).children()]

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return self._pid > 0

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._pid = self._nursery.birth(self._environment, self.log)

    async def ready(self, within: float = _STARTS_WITHIN) -> float:
        """Wait until it answers; the seconds that took.

        Raises:
            RuntimeError: it ended by itself, or took too long.
        """
        began = time.monotonic()
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            while time.monotonic() < began + within:
                if not self.alive:
                    raise RuntimeError(f"the program ended: {self.log.read_text()[-2000:]}")
                try:
                    if (await client.get(f"{self.url}/health")).is_success:
                        return time.monotonic() - began
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise RuntimeError("the program did not become ready")

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator does."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if not self.alive:
            return
        os.kill(self._pid, how)
        until = time.monotonic() + 30
        while self.alive:
            if time.monotonic() > until:
                os.kill(self._pid, signal.SIGKILL)
            time.sleep(0.01)
        self._pid = 0


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
