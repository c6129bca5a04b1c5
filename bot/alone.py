"""A SQLite file is served by one process; a second one is told so instead of doing everything twice."""

import fcntl
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
