"""Who may do what to a SQLite file: it is served by one program, and written by one after another."""

import fcntl
import os
import threading
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url


class ServedTwiceError(Exception):
    """Another process serves this file; the message says what to do."""


def alone_on(url: str) -> IO[bytes] | None:
    """Make sure that no other process serves a SQLite file, now and as long as the result is kept.

    The lock is the kernel's own: it is gone with the process, however that ends.

    Returns:
        what holds the lock; ``None`` for a database that several may serve.

    Raises:
        ServedTwiceError: another process does.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(f"{parsed.database}.serving")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ServedTwiceError(
            "Another process serves this SQLite file already: stop that one, "
            "or set HUTONG_DATABASE_URL to a PostgreSQL database, which any number may serve."
        ) from None
    return file


class Queue:
    """A place in the queue of those who write to a SQLite file, threads and processes; a context manager.

    SQLite itself lets whoever finds a file in use sleep and ask again, longer each time, so that under load
    people wait while nobody writes. The lock is the kernel's: it wakes the next one, and is gone with its process.

    Args:
        path: the lock's file, made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = threading.local()

    def __enter__(self) -> None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except BaseException:
            os.close(file)
            raise
        self._held.file = file

    def __exit__(self, *_: object) -> None:
        os.close(self._held.file)
