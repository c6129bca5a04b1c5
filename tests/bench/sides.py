"""The two sides of the comparison: how each is trained, started and talked to."""

import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from random import randrange
from uuid import uuid4

import aiohttp
import psutil
import yaml

from tests.bench.data import EPOCHS

PATIENCE = 300.0
"""Seconds until a start counts as failed."""


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Person(ABC):
    """Somebody who writes and waits for the answer."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def __aenter__(self) -> "Person":
        return self

    @abstractmethod
    async def __aexit__(self, *_: object) -> None:
        """Let go of what is held."""

    @abstractmethod
    async def say(self, text: str) -> str:
        """Write, and wait for the whole answer."""


class Side(ABC):
    """One of the two programs.

    Args:
        folder: holds its project; byte code is kept beside it.
    """

    name: str
    person: type[Person]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """Where it is talked to."""
        return f"http://127.0.0.1:{self.port}"

    @abstractmethod
    def trained(self) -> bool:
        """Whether there is a model for the data."""

    @abstractmethod
    def training(self) -> list[str]:
        """The command that trains it."""

    @abstractmethod
    def commands(self) -> list[list[str]]:
        """The commands of its processes."""

    @abstractmethod
    def clear(self) -> None:
        """Forget the conversations of an earlier round."""

    def train(self) -> float:
        """Train it; the seconds that took."""
        began = time.perf_counter()
        with (self.folder / "training.log").open("wb") as log:
            subprocess.run(
                self.training(),
                cwd=self.folder,
                env=self._env(),
                stdout=log,
                stderr=log,
                check=True,
            )
        return time.perf_counter() - began

    def start(self) -> None:
        """Start all its processes."""
        self.clear()
        self.port = free_port()
        with (self.folder / "serving.log").open("ab") as log:
            self._running = [
                subprocess.Popen(each, cwd=self.folder, env=self._env(), stdout=log, stderr=log)
                for each in self.commands()
            ]

    def stop(self) -> None:
        """End its processes, and wait until they are gone."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running = []

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Started within the block."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def check(self) -> None:
        """Make sure that it runs.

        Raises:
            RuntimeError: a process ended by itself.
        """
        for process in self._running:
            if process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: see {self.folder / 'serving.log'}")

    def memory(self) -> float:
        """MB of memory that its processes hold, what they share counted once."""
        return sum(self._memory_of(process.pid) for process in self._running) / 2**20

    def processor_time(self) -> float:
        """Seconds of the processor that its processes have used."""
        families = [_family(process.pid) for process in self._running]
        times = [each.cpu_times() for family in families for each in family]
        return float(sum(each.user + each.system for each in times))

    def _memory_of(self, pid: int) -> float:
        return float(sum(each.memory_full_info().pss for each in _family(pid)))

    def _env(self) -> dict[str, str]:
        ours = ("HUTONG_", "OPENBLAS_")  # nor which kernels this machine was told to use
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        return env | {
            "PYTHONPATH": str(self.folder),
            "PYTHONPYCACHEPREFIX": str(self.folder.parent / "bytecode"),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }


def _family(pid: int) -> list[psutil.Process]:
    """A process and those that it started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


class OwnPerson(Person):
    """A browser: a session, an open stream, and messages posted to it."""

    async def __aenter__(self) -> "OwnPerson":
        own = str(IPv4Address(randrange(2**24) + int(IPv4Address("10.0.0.0"))))
        self._headers = {"X-Forwarded-For": own}  # as behind a proxy: one address has its limit
        session = self.http.post(self.url + "/chat/session", json={}, headers=self._headers)
        async with session as answer:
            answer.raise_for_status()
            held = (f"{name}={morsel.value}" for name, morsel in answer.cookies.items())
            self._headers["Cookie"] = "; ".join(held)
        self._stream = await self.http.get(self.url + "/chat/stream", headers=self._headers)
        self._stream.raise_for_status()
        await self._line("beat")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stream.close()

    async def say(self, text: str) -> str:
        """Post it; the answer comes down the stream, after the message itself.

        What comes before it is more of the answer before: several lines may be one answer.
        """
        message = {"id": str(uuid4()), "kind": "text", "text": text}
        posted = self.http.post(self.url + "/chat/messages", json=message, headers=self._headers)
        async with posted as answer:
            answer.raise_for_status()
        taken_in = False
        while True:
            line = json.loads(await self._line("line"))
            taken_in = taken_in or line["message"] == message["id"]
            if taken_in and line["sender"] == "bot":
                return str(line["text"])

    async def _line(self, wanted: str) -> str:
        kind = ""
        async for raw in self._stream.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind == wanted:
                return value
        raise ConnectionError("the stream ended")


class Own(Side):
    """This project, as ``hutong serve`` runs it."""

    name = "Hutong"
    person = OwnPerson

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder.parent / "own-data"

    def trained(self) -> bool:
        """Whether the model fits; the project's own code says which file it is."""
        ask = "from pathlib import Path; from bot.training import model_path; import sys; "
        ask += "sys.exit(not model_path(Path(sys.argv[1])).exists())"
        command = [sys.executable, "-c", ask, str(self.data / "models")]
        return subprocess.run(command, cwd=self.folder, env=self._env()).returncode == 0

    def training(self) -> list[str]:
        """``hutong train``."""
        return [sys.executable, "-m", "bot", "train"]

    def commands(self) -> list[list[str]]:
        """One process."""
        return [[sys.executable, "-m", "bot", "serve"]]

    def clear(self) -> None:
        """A fresh database."""
        for path in self.data.glob("hutong.sqlite3*"):
            path.unlink()

    def _env(self) -> dict[str, str]:
        own = {"HUTONG_DATA_DIR": str(self.data), "HUTONG_PORT": str(self.port)}
        return super()._env() | own


class StockPerson(Person):
    """A client of Rasa's REST channel, which answers when the turn is done."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url)
        self._name = uuid4().hex

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def say(self, text: str) -> str:
        """Post it and read the answer."""
        message = {"sender": self._name, "message": text}
        async with self.http.post(self.url + "/webhooks/rest/webhook", json=message) as answer:
            answer.raise_for_status()
            said = await answer.json()
        if not said:
            raise ConnectionError("no answer")
        return "\n".join(each.get("text", "") for each in said)


class Stock(Side):
    """Stock Rasa: its server with the REST channel and an SQL tracker, and its action server."""

    name = "stock Rasa"
    person = StockPerson

    def __init__(self, folder: Path, epochs: int = EPOCHS) -> None:
        super().__init__(folder)
        self._epochs = epochs

    def train(self) -> float:
        """Train it; the seconds that takes, reckoned up to all epochs from those it had."""
        took = super().train()
        log = (self.folder / "training.log").read_text(encoding="utf-8", errors="replace")
        return took + seconds_of_epochs(log, self._epochs) * (EPOCHS / self._epochs - 1)

    def trained(self) -> bool:
        """Whether a model was trained here."""
        return any((self.folder / "models").glob("*.tar.gz"))

    def training(self) -> list[str]:
        """``rasa train``."""
        return [sys.executable, "-m", "rasa", "train"]

    def commands(self) -> list[list[str]]:
        """Two processes, as the manual says."""
        actions = free_port()
        endpoints = {
            "action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"},
            "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "tracker.db"},
        }
        (self.folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        rasa = [sys.executable, "-m", "rasa", "run"]
        server = ["-p", str(self.port), "-i", "127.0.0.1", "--endpoints", "endpoints.yml"]
        return [[*rasa, "actions", "-p", str(actions)], [*rasa, *server]]

    def clear(self) -> None:
        """A fresh tracker store."""
        for name in ("tracker.db", "reports.db"):
            (self.folder / name).unlink(missing_ok=True)


def seconds_of_epochs(log: str, epochs: int) -> float:
    """Seconds that the networks' epochs took, from the progress bars that Rasa prints (tqdm).

    Raises:
        ValueError: there is no bar that came to its end.
    """
    ends = re.findall(rf"Epochs: 100%\|[^|]*\| {epochs}/{epochs} \[((?:\d+:)?\d+:\d+)<", log)
    # a bar is printed anew for its last figures: one of each kind of time
    times = [
        functools.reduce(lambda sum_, part: sum_ * 60 + int(part), end.split(":"), 0)
        for end in ends
    ]
    bars = [time for time, before in zip(times, [None, *times], strict=False) if time != before]
    if not bars:
        raise ValueError("the log of the training shows no epochs")
    return float(sum(bars))


def place_model(own: Own, model: Path) -> None:
    """Let our side serve a model that was trained before."""
    ask = "from pathlib import Path; from bot.training import model_path; import sys; "
    ask += "print(model_path(Path(sys.argv[1])))"
    command = [sys.executable, "-c", ask, str(own.data / "models")]
    said = subprocess.run(
        command, cwd=own.folder, env=own._env(), capture_output=True, text=True, check=True
    )
    place = Path(said.stdout.strip())
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, place)
