"""A disk of its own, in memory, that can be filled to the last block."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECES = (65_536, 4_096, 512)
_AGAIN = 0.005  # seconds after which what became free is taken again


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own in memory.

    Raises:
        PermissionError: only root can make one.
    """
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        capture_output=True,
    )
    if made.returncode:
        raise PermissionError("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a block is free, and none becomes free, until the end of the block."""
    filler, over = disk / "filler", threading.Event()
    with filler.open("ab", buffering=0) as file:
        _fill(file.fileno())
        thread = threading.Thread(target=_keep_full, args=(file.fileno(), over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            filler.unlink()


def _keep_full(file: int, over: threading.Event) -> None:
    while not over.wait(_AGAIN):
        _fill(file)


def _fill(file: int) -> None:
    for size in _PIECES:
        try:
            while os.write(file, bytes(size)):
                pass
        except OSError:
            continue
