"""The time a message was written, which its time words are counted from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_reference: ContextVar[datetime | None] = ContextVar("reference", default=None)


def reference_time() -> datetime:
    """Time that "昨天" is counted from: the message's own when set, else now; always in Asia/Shanghai."""
    return (_reference.get() or datetime.now(SHANGHAI)).astimezone(SHANGHAI)


@contextmanager
def at(now: datetime | None) -> Iterator[None]:
    """Hold the reference time for what runs inside, in this thread or task only.

    Args:
        now: aware time of the message, or None for the clock's.

    Raises:
        ValueError: ``now`` has no offset.
    """
    if now is not None and now.tzinfo is None:
        raise ValueError("the reference time needs an offset")
    token = _reference.set(now)
    try:
        yield
    finally:
        _reference.reset(token)
