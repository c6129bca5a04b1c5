"""Where messages come in: in each person's order, and no more than they may send.

A flood of one person stands in nobody's way but its own: what waits of one person is written down
together, and who is known to have sent too much is refused without asking the database. What
different people send while the last is being written down goes to the disk together.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.limits import DANGER, PERSON, Allowance, tells_of_danger
from bot.conversation.messages import Incoming, TooManyError

_Run = Sequence[Incoming]
_TIDY_ABOVE = 1_000
_AT_ONCE = 16
"""Of how many people messages are written down in one go."""


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
        self._waiting: list[tuple[_Run, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def let_in(self, run: _Run) -> list[int | TooManyError | None]:
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
            accepted = await self._write_down(rest)
            self._note(who, accepted.full)
            taken = iter(accepted.each)
            return [refused or next(taken) for refused in found]

    async def _write_down(self, run: _Run) -> Accepted:
        """Have it written down with whatever else waits for that."""
        done: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((run, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        now: list[tuple[_Run, asyncio.Future[Accepted]]] = []
        try:
            while self._waiting:
                now, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                # in one order everywhere: two workers that wait for each other would both fail
                now.sort(key=lambda each: (each[0][0].channel, each[0][0].sender))
                found = await asyncio.to_thread(self._accept, [run for run, _ in now])
                for (_, done), each in zip(now, found, strict=True):
                    if done.done():
                        continue  # who brought it waits no longer; it is written down
                    if isinstance(each, Accepted):
                        done.set_result(each)
                    else:
                        done.set_exception(each)
        finally:
            self._writing = None
            for _, done in [*now, *self._waiting]:
                done.cancel()  # none is left but where this was ended

    def _accept(self, runs: Sequence[_Run]) -> Sequence[Accepted | Exception]:
        """What became of each; one that cannot be written down keeps no other from it."""
        try:
            return self._inbox.accept_all(runs, tells_of_danger)
        except (OperationalError, InterfaceError) as error:
            return [error] * len(runs)  # it is the database that is away
        except Exception as error:
            if len(runs) > 1:
                return [each for run in runs for each in self._accept([run])]
            return [self._again(runs, error)]

    def _again(self, runs: Sequence[_Run], error: Exception) -> Accepted | Exception:
        if not isinstance(error, IntegrityError):
            return error
        try:  # another worker was faster with one of them, or with the person
            return self._inbox.accept_all(runs, tells_of_danger)[0]
        except Exception as other:
            return other

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
