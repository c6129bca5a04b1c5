"""Looks at open cases and held chats again and again, since time alone changes some of them."""

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.cases import idle, passing, transfers
from bot.cases.tables import CaseRow
from bot.clock import Clock
from bot.conversation import holding
from bot.database import Database

logger = logging.getLogger(__name__)


class Watch:
    """Has the cases assessed anew that have grown worse by time alone, and ends idle holds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def look(self) -> int:
        """Look once.

        Returns:
            how many cases were assessed anew.
        """
        now = self._clock.now()
        with self._database.reading() as session:
            found = passing.may_be_worse(session, now)
        worse = 0
        for case_id in found:
            with self._database.writing() as session:
                worse += passing.look_again(
                    session.get(CaseRow, case_id, with_for_update=True), now
                )
        with self._database.writing() as session:
            transfers.expire(session, now)
        return worse

    def end_idle_holds(self) -> list[int]:
        """Hand chats back to the bot in which nobody has written for long.

        Returns:
            the conversations that have something new in the outbox.
        """
        now = self._clock.now()
        with self._database.reading() as session:
            found = holding.idle(session, now)
        ended = []
        for number in found:
            with self._database.writing() as session:
                if holding.end_idle(session, number, now):
                    ended.append(number)
        return ended

    def mark_idle_reports(self) -> int:
        """Let staff see the reports that were begun and left, where somebody could be found.

        Returns:
            how many were marked.
        """
        now = self._clock.now()
        with self._database.reading() as session:
            found = idle.idle_reports(session, now)
        marked = 0
        for number in found:
            with self._database.writing() as session:
                marked += idle.mark_idle(session, number, now)
        return marked

    async def run(self, send: Callable[[int], None], every: float) -> None:
        """Look again and again.

        Args:
            send: told of each conversation that has something new in the outbox.
            every: seconds between two looks.
        """
        while True:
            try:
                await asyncio.to_thread(self.look)
                await asyncio.to_thread(self.mark_idle_reports)
                for conversation in await asyncio.to_thread(self.end_idle_holds):
                    send(conversation)
            except SQLAlchemyError as error:
                logger.error("looking at the cases failed with %s", type(error).__name__)
            await asyncio.sleep(every)
