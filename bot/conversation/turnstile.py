"""Where messages come in: one at a time of each person, and no more than they may send.

A flood of one person stands in nobody's way but its own: of each person at most one message is on
its way to the database, and who is known to have sent too much is refused without asking it.
"""

import asyncio
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

from bot.conversation.inbox import Inbox
from bot.conversation.limits import DANGER, PERSON, Allowance
from bot.conversation.messages import Incoming, TooManyError
from nlu.extractors.danger import find_dangers

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

    async def let_in(self, incoming: Incoming) -> int | None:
        """Write a message down; the conversation's id, or ``None`` when it was there already.

        Raises:
            TooManyError: its person has sent too much; danger is let in for longer.
        """
        who = f"{incoming.channel}/{incoming.sender}"
        queue = self._queues.setdefault(who, asyncio.Lock())
        async with queue:
            try:
                return await self._accept(incoming, who, PERSON)
            except TooManyError:
                if not find_dangers(incoming.text):
                    raise
            return await self._accept(incoming, who, DANGER)

    async def _accept(self, incoming: Incoming, who: str, allowance: Allowance) -> int | None:
        after = self._full.get((who, allowance), 0.0) - self._now()
        if after > 0:
            raise TooManyError(after)
        try:
            return await asyncio.to_thread(self._inbox.accept, incoming, allowance)
        except TooManyError as error:
            self._note(who, allowance, error.after)
            raise

    def _note(self, who: str, allowance: Allowance, after: float) -> None:
        now = self._now()
        if len(self._full) > _TIDY_ABOVE:
            self._full = {key: until for key, until in self._full.items() if until > now}
        self._full[who, allowance] = now + after
