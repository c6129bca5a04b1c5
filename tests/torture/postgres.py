"""A PostgreSQL server of our own in a temporary folder, to be stopped while it is used."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from tests.torture.disk import small_disk

_BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def is_installed() -> bool:
    """Whether the server's programs are here."""
    return bool(_BIN) or shutil.which("initdb") is not None


class Postgres:
    """A server on a free port of loopback; a context manager that makes and removes it.

    Args:
        megabytes: how large a disk of its own tables and log have; 0 for the machine's disk.

    Attributes:
        disk: where that disk is.
    """

    def __init__(self, megabytes: int = 0) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="torture-postgres-"))
        self._megabytes = megabytes
        self._disks = ExitStack()
        self.disk = self._folder / "disk"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = int(listener.getsockname()[1])

    def __enter__(self) -> "Postgres":
        if self._megabytes:
            try:
                self._disks.enter_context(small_disk(self.disk, self._megabytes))
            except PermissionError:
                shutil.rmtree(self._folder, ignore_errors=True)
                raise
        else:
            self.disk.mkdir()
        if os.geteuid() == 0:
            for place in (self._folder, self.disk):
                shutil.chown(place, "postgres", "postgres")
        words = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--wal-segsize", "1"]
        self._run("initdb", "-D", str(self._data), *words)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.runs:
            self.stop()
        self._disks.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.disk / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    @property
    def runs(self) -> bool:
        """Whether it has not given up by itself."""
        try:
            self._run("pg_ctl", "-D", str(self._data), "status")
        except RuntimeError:
            return False
        return True

    def said(self, words: str) -> int:
        """How many lines of its log hold these words."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return sum(words in line for line in lines)

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder}"
        if self._megabytes:  # no log files in reserve: the log needs new blocks as tables do
            options += " -c wal_recycle=off -c min_wal_size=2MB -c max_wal_size=8MB"
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-l", str(self._log), "-o", options, "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop it as a crash does: nobody is waited for."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        """Crash and come back."""
        self.stop()
        self.start()

    def database(self, name: str) -> str:
        """Make a database; its address."""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT", future=True)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        engine.dispose()
        return self._url(name)

    def write_log(self) -> None:
        """Write into its log, as any other database on it may, until it cannot."""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT", future=True)
        words = "SELECT pg_logical_emit_message(true, 'torture', repeat('x', 100000))"
        try:
            with engine.connect() as connection:
                for _ in range(1_000):
                    connection.exec_driver_sql(words)
        except DBAPIError:
            pass
        finally:
            engine.dispose()

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *words: str) -> None:
        path = str(_BIN[-1] / program) if _BIN else program
        # the server refuses to run as root
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        command = [*(become if os.geteuid() == 0 else []), path, *words]
        done = (
            subprocess.run(
                command,
                capture_output=True,
                text=True,
                cwd="/",
                timeout=120,
                stdin=subprocess.DEVNULL,
            )
            if program != "pg_ctl"
            else subprocess.run(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd="/",
                timeout=120,
                stdin=subprocess.DEVNULL,
            )
        )  # the server inherits pg_ctl's output: a pipe would never be closed
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
