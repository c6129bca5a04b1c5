"""Who answers the messages that have come in: threads of this process here, clerks elsewhere."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from sqlalchemy.exc import InterfaceError, OperationalError

from bot.conversation.inbox import Inbox
from bot.conversation.turn import Turns

logger = logging.getLogger(__name__)
_CRASHES = 3
"""How often a turn may begin on a message found unanswered before it gets an apology instead."""


Asked = tuple[int, bool, bool]
"""Whose next message is to be answered, whether it was found unanswered, and whether it fails (``Answering.turn``)."""
AS_USUAL = (False, False)


class TurnFailedError(Exception):
    """A turn ended with an error; the text is its kind.

    Attributes:
        away: it is the database that failed, not the message.
        died: whoever answered is gone; the next may find the message unanswered.
    """

    def __init__(self, kind: str, *, away: bool = False, died: bool = False) -> None:
        super().__init__(kind)
        self.away = away
        self.died = died


class Answering(Protocol):
    """Answers people; different ones at the same time."""

    async def turn(self, conversation: int, found: bool, fails: bool) -> bool:
        """Answer a conversation's next message, if there is one.

        Args:
            conversation: its id; nobody else answers it meanwhile.
            found: the message was found unanswered.
            fails: it failed again and again and is only to be apologised for.

        Returns:
            whether there was another already; who takes in what comes meanwhile asks again.

        Raises:
            TurnFailedError: it is not answered, and nothing of the turn was written.
        """

    async def close(self) -> None:
        """Let the turns that are running end; begin none."""


def answer_next(inbox: Inbox, turns: Turns, conversation: int, found: bool, fails: bool) -> bool:
    """One turn, as ``Answering.turn`` tells.

    That a message was found unanswered is counted when its turn begins and not before: of those
    that waited when a process died only the ones in a turn may have been the cause.

    Raises:
        TurnFailedError: it is not answered, and nothing of the turn was written.
    """
    try:
        waiting = inbox.open_ones(conversation)
        if not waiting:
            return False
        inbox_id, *more = waiting
        crashes = found and inbox.try_again(inbox_id) > _CRASHES
        if crashes or fails:
            logger.error("a message is given up: it %s", "crashes" if crashes else "fails")
            done = turns.apologise(inbox_id)
        else:
            done = turns.handle(inbox_id)
        return bool(more) or done is None  # what was overtaken is open still
    except Exception as error:
        away = isinstance(error, OperationalError | InterfaceError)
        raise TurnFailedError(type(error).__name__, away=away) from error


def answer_all(inbox: Inbox, turns: Turns, asked: Sequence[Asked]) -> list[bool | TurnFailedError]:
    """One turn of each of several people; what :func:`answer_next` returns or raises for each.

    What was found unanswered or fails again and again is answered by itself, as is everybody when
    one of them cannot be answered with the others. When the database fails it fails for all.
    """
    usual = [each[0] for each in asked if each[1:] == AS_USUAL]
    try:
        answered = _answered_together(inbox, turns, usual)
    except (OperationalError, InterfaceError) as error:
        return [TurnFailedError(type(error).__name__, away=True) for _ in asked]
    return [
        answered[each[0]] if each[0] in answered else _tried(inbox, turns, each) for each in asked
    ]


def _answered_together(inbox: Inbox, turns: Turns, conversations: Sequence[int]) -> dict[int, bool]:
    """Of those that could be answered, whether there was another message already."""
    if len(conversations) < 2:
        return {}
    try:
        waiting = inbox.open_of(conversations)
        done = turns.handle_together([numbers[0] for numbers in waiting.values() if numbers])
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # each is told by itself
        return {}
    return {
        conversation: len(numbers) > 1 or done[numbers[0]] is None
        for conversation, numbers in waiting.items()
        if numbers and numbers[0] in done
    }


def _tried(inbox: Inbox, turns: Turns, asked: Asked) -> bool | TurnFailedError:
    try:
        return answer_next(inbox, turns, *asked)
    except TurnFailedError as error:
        return error


class Threads:
    """Threads of this process; Python lets one of them run at a time."""

    def __init__(self, inbox: Inbox, turns: Turns, count: int) -> None:
        self._inbox = inbox
        self._turns = turns
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="turn")

    async def turn(self, conversation: int, found: bool, fails: bool) -> bool:
        """Answer on one of the threads."""
        asked = self._inbox, self._turns, conversation, found, fails
        return await asyncio.get_running_loop().run_in_executor(self._pool, answer_next, *asked)

    async def close(self) -> None:
        """Wait for the threads."""
        await asyncio.to_thread(self._pool.shutdown)
