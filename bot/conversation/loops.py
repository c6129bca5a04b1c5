"""A loop for each thread that runs turns."""

import asyncio
import threading
from typing import Any

_loops = threading.local()


class _Own:
    """A loop that is closed when its thread ends and lets go of it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def __del__(self) -> None:
        self.loop.close()


def run_here(coroutine: Any) -> Any:
    """Run a coroutine on this thread's own loop."""
    own = getattr(_loops, "own", None)
    if own is None:
        own = _loops.own = _Own()
    return own.loop.run_until_complete(coroutine)
