"""A PostgreSQL server of our own in a temporary folder, to be stopped while it is used."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

_BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def is_installed() -> bool:
    """Whether the server's programs are here."""
    return bool(_BIN) or shutil.which("initdb") is not None


class Postgres:
    """A server on a free port of loopback; a context manager that makes and removes it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="torture-postgres-"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = int(listener.getsockname()[1])

    def __enter__(self) -> "Postgres":
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "postgres", "-E", "UTF8")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder}"
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"),
            "-o", options, "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop it as a crash does: nobody is waited for."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        """Crash and come back."""
        self.stop()
        self.start()

    def database(self, name: str, folder: Path | None = None) -> str:
        """Make a database, in a folder of its own if one is given; its address."""
        base = f"postgresql://postgres@127.0.0.1:{self.port}"
        engine = create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT", future=True)
        with engine.connect() as connection:
            place = ""
            if folder is not None:
                if os.geteuid() == 0:
                    shutil.chown(folder, "postgres", "postgres")
                    folder.parent.parent.chmod(0o755)  # the server's user has to get there
                connection.exec_driver_sql(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
                place = f" TABLESPACE {name}"
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0{place}")
        engine.dispose()
        return f"{base}/{name}"

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
