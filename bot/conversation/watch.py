"""Looks at open cases again and again, since time alone makes some of them worse."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from bot.cases import passing
from bot.cases.tables import CaseRow
from bot.clock import Clock
from bot.database import Database

logger = logging.getLogger(__name__)


class Watch:
    """Has the cases assessed anew that have grown worse by time alone."""

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
            found = passing.grown_worse(session, now)
        for case_id in found:
            with self._database.writing() as session:
                passing.look_again(session.get(CaseRow, case_id, with_for_update=True), now)
        return len(found)

    async def run(self, every: float) -> None:
        """Look again and again.

        Args:
            every: seconds between two looks.
        """
        while True:
            try:
                await asyncio.to_thread(self.look)
            except SQLAlchemyError as error:
                logger.error("looking at the cases failed with %s", type(error).__name__)
            await asyncio.sleep(every)
