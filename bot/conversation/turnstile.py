"""Where messages come in: in each person's order, and no more than they may send.

A flood of one person stands in nobody's way but its own: what waits of one person is written down
together, and who is known to have sent too much is refused without asking the database.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError

from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.limits import DANGER, PERSON, Allowance, tells_of_danger
from bot.conversation.messages import Incoming, TooManyError

_TIDY_ABOVE = 1_000


class Turnstile:
    """Has messages written down.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, inbox: Inbox, now: Callable[[], float] = time.monotonic) -> None:
        self._inbox = inbox
        self._now = now
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._full: dict[tuple[str, Allowance], float] = {}

    async def let_in(self, run: Sequence[Incoming]) -> list[int | TooManyError | None]:
        """Write down messages of one person, all or, on an error, none.

        Returns:
            of each the conversation's id, ``None`` when it was there already, or why its person
            may not send it; danger is let in for longer.
        """
        who = f"{run[0].channel}/{run[0].sender}"
        queue = self._queues.setdefault(who, asyncio.Lock())
        async with queue:
            found = [self._refused(who, each) for each in run]
            rest = [each for each, refused in zip(run, found, strict=True) if not refused]
            if not rest:
                return [*found]
            accepted = await asyncio.to_thread(self._accept, rest)
            self._note(who, accepted.full)
            taken = iter(accepted.each)
            return [refused or next(taken) for refused in found]

    def _accept(self, run: Sequence[Incoming]) -> Accepted:
        try:
            return self._inbox.accept_all(run, tells_of_danger)
        except IntegrityError:  # another worker was faster with one of them, or with the person
            return self._inbox.accept_all(run, tells_of_danger)

    def _refused(self, who: str, incoming: Incoming) -> TooManyError | None:
        after = self._left(who, PERSON)
        if after > 0 and tells_of_danger(incoming.text):
            after = self._left(who, DANGER)
        return TooManyError(after) if after > 0 else None

    def _left(self, who: str, allowance: Allowance) -> float:
        return self._full.get((who, allowance), 0.0) - self._now()

    def _note(self, who: str, full: dict[Allowance, float]) -> None:
        now = self._now()
        if len(self._full) > _TIDY_ABOVE:
            self._full = {key: until for key, until in self._full.items() if until > now}
        for allowance, after in full.items():
            self._full[who, allowance] = now + after
