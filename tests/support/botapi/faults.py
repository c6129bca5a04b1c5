"""What can go wrong between a bot and Telegram, to be scripted call by call."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass

from tests.support.botapi.errors import error_body


@dataclass(frozen=True)
class Fault:
    """One failing answer.

    Args:
        status: HTTP status of the answer.
        body: the answer itself.
        stall: seconds that the server keeps silent, after which it hangs up.
        cut: the connection is reset and no answer is given.
        done: the method is carried out all the same; only its answer is lost.
        passes: nothing goes wrong with this call.
    """

    status: int = 200
    body: bytes = b""
    stall: float = 0.0
    cut: bool = False
    done: bool = False
    passes: bool = False


def passes() -> Fault:
    """No fault: the call succeeds and the next one has the next fault."""
    return Fault(passes=True)


def too_many(retry_after: int) -> Fault:
    """429, with the seconds to wait."""
    text = f"Too Many Requests: retry after {retry_after}"
    return Fault(429, error_body(429, text, {"retry_after": retry_after}))


def bad_request(description: str) -> Fault:
    """400 with what was wrong."""
    return Fault(400, error_body(400, f"Bad Request: {description}"))


def blocked() -> Fault:
    """403: the person has blocked the bot."""
    return Fault(403, error_body(403, "Forbidden: bot was blocked by the user"))


def server_error(status: int = 502, description: str = "Bad Gateway") -> Fault:
    """A 5xx in the Bot API's own shape."""
    return Fault(status, error_body(status, description))


def gateway_page() -> Fault:
    """A 504 page of a proxy in between, no JSON."""
    return Fault(504, b"<html><h1>504 Gateway Time-out</h1></html>")


def garbled() -> Fault:
    """200 with half an answer."""
    return Fault(200, b'{"ok":true,"result":[{"update_id":1,"message":{"te')


def stalls(seconds: float = 30.0, *, done: bool = False) -> Fault:
    """Silence until the client gives up."""
    return Fault(stall=seconds, done=done)


def cut(*, done: bool = False) -> Fault:
    """The connection is reset; with ``done`` after the method was carried out."""
    return Fault(cut=True, done=done)


class FaultScript:
    """The faults to come, by method; each is used once, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, faults: tuple[Fault, ...]) -> None:
        """Append faults for the next calls of a method."""
        with self._lock:
            self._coming[method.lower()].extend(faults)

    def take(self, method: str) -> Fault | None:
        """The fault for this call, if one is scripted."""
        with self._lock:
            coming = self._coming[method.lower()]
            return coming.popleft() if coming else None

    def left(self, method: str) -> int:
        """How many faults are still to come for a method."""
        with self._lock:
            return len(self._coming[method.lower()])
