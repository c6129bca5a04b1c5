"""Updates that wait for the bot, and when they count as confirmed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Update = dict[str, Any]

# what is left out unless it is asked for (core.telegram.org/bots/api#getupdates)
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_FIRST_NUMBER = 700_000_001


class UpdateQueue:
    """Pending updates in the order of delivery; tests add, the server takes."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pending: list[Any] = []
        self._repeats: list[Update] = []
        self._held: list[Update] | None = None
        self._next = _FIRST_NUMBER
        self.allowed: list[str] = []
        self.confirmed = 0

    def add(self, kind: str, body: object) -> Update:
        """Queue an update of a kind (``message``, ``callback_query`` ...) unless unwanted."""
        with self._lock:
            update: Update = {"update_id": self._next, kind: body}
            self._next += 1
            wanted = kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT
            if wanted and self._held is not None:
                self._held.append(update)
            elif wanted:
                self._pending.append(update)
            return update

    def repeat(self, update: Update, times: int = 1) -> None:
        """Deliver an update again, confirmed or not."""
        with self._lock:
            self._repeats.extend([update] * times)

    @contextmanager
    def holding(self, *, backwards: bool = False) -> Iterator[None]:
        """Keep back what is added meanwhile, then deliver it at once, also last one first."""
        with self._lock:
            self._held = []
        try:
            yield
        finally:
            with self._lock:
                self._pending.extend(reversed(self._held) if backwards else self._held)
                self._held = None

    def fetch(self, offset: int, limit: int) -> list[Update]:
        """What getUpdates gives; an offset confirms all before it, a negative one counts back."""
        with self._lock:
            if offset < 0:
                self._confirm_before(self._pending[offset:][0]["update_id"] if self._pending else 0)
            elif offset:
                self._confirm_before(offset)
            found = [*self._repeats, *self._pending][:limit]
            del self._repeats[:limit]
            return found

    def waiting(self) -> list[Update]:
        """What would be delivered next."""
        with self._lock:
            return [*self._repeats, *self._pending]

    def done(self, update: Update) -> None:
        """A webhook has taken an update."""
        with self._lock:
            if update in self._repeats:
                self._repeats.remove(update)
            elif update in self._pending:
                self._pending.remove(update)
            self.confirmed = max(self.confirmed, update["update_id"])

    def drop(self) -> None:
        """Forget everything (``drop_pending_updates``)."""
        with self._lock:
            self._pending.clear()
            self._repeats.clear()

    def _confirm_before(self, offset: int) -> None:
        gone = [u["update_id"] for u in self._pending if u["update_id"] < offset]
        self._pending = [u for u in self._pending if u["update_id"] >= offset]
        self.confirmed = max([self.confirmed, *gone])
