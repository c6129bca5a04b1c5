"""Deletes what has been kept for long enough, and finishes what reporters wanted deleted."""

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import erasing, forgetting, keys, retention
from bot.cases.audit import Audit
from bot.cases.keeping import Keeping
from bot.cases.privacy_tables import ErasureRow
from bot.cases.retention import Due
from bot.cases.sealed import Moment
from bot.cases.staff_tables import AuditRow
from bot.cases.tables import ConversationRow
from bot.clock import Clock
from bot.conversation import receipt_code
from bot.conversation.inbox import Inbox
from bot.database import Database

_WEEK = 7
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """What came of one look.

    Args:
        announced: what staff were told of just now.
        deleted: what of cases was deleted, or is ripe on a dry run.
        talks: how many conversations went.
        messages: how many answered messages and sent replies went.
    """

    announced: tuple[Due, ...] = ()
    deleted: tuple[Due, ...] = ()
    talks: int = 0
    messages: int = 0


class Keeper:
    """Keeps what is to be kept and deletes the rest."""

    def __init__(self, database: Database, inbox: Inbox, keeping: Keeping, clock: Clock) -> None:
        self._database = database
        self._inbox = inbox
        self._keeping = keeping
        self._clock = clock

    def preview(self) -> Kept:
        """What a look would announce and delete now; nothing is changed."""
        now = self._clock.now()
        with self._database.reading() as session:
            told = {(due.case_id, due.kind) for due in retention.due_soon(session, now)}
            fresh = [
                due
                for due in retention.coming(session, now, self._keeping)
                if (due.case_id, due.kind) not in told
            ]
            ripe = retention.ripe(session, now, self._keeping)
            talks = retention.idle_talks(session, now - self._days(self._keeping.transcripts))
        return Kept(tuple(fresh), tuple(ripe), len(talks))

    def look(self) -> Kept:
        """Look once: announce, delete what is ripe, a transaction for each thing."""
        self.look_soon()
        now = self._clock.now()
        with self._database.writing() as session:
            announced = retention.announce(session, now, self._keeping)
        with self._database.reading() as session:
            ripe = retention.ripe(session, now, self._keeping)
        deleted = []
        for due in ripe:
            with self._database.writing() as session:
                if retention.carry_out(session, due, now, self._keeping):
                    deleted.append(due)
        talks = self._forget_talks()
        with self._database.writing() as session:
            keys.destroy_retired(session, now)
            before = now - self._days(self._keeping.messages)
            messages = forgetting.forget_delivered(session, before)
        self._prune_audit()
        return Kept(tuple(announced), tuple(deleted), talks, messages)

    def look_soon(self, since: datetime | None = None) -> None:
        """Do only what people wait for: wishes to be forgotten, codes that were shown.

        Args:
            since: when that was done last, if it is known.
        """
        self._finish_wishes()
        with self._database.writing() as session:
            receipt_code.hide_shown(session, self._clock.now(), since)

    async def run(self, every: float, soon: float) -> None:
        """Look again and again.

        Args:
            every: seconds between two looks at everything, which is kept for days.
            soon: seconds between two looks at what people wait for.
        """
        looked, done = -math.inf, None
        while True:
            begun, now = time.monotonic(), self._clock.now()
            whole = begun - looked >= every
            try:
                if whole:
                    await asyncio.to_thread(self.look)
                    looked = begun
                else:
                    await asyncio.to_thread(self.look_soon, done)
                done = now
            except SQLAlchemyError as error:
                logger.error("deleting what is old failed with %s", type(error).__name__)
            await asyncio.sleep(soon)

    def _forget_talks(self) -> int:
        """Clear where idle talks stood, and later the talks themselves; how many went."""
        now, count = self._clock.now(), 0
        with self._database.reading() as session:
            since = now - self._days(self._keeping.drafts)
            idle = retention.idle_talks(session, since, ConversationRow.state.is_not(None))
            old = set(retention.idle_talks(session, now - self._days(self._keeping.transcripts)))
        for number in sorted({*idle, *old}):
            with self._database.writing() as session:
                talk = session.get(ConversationRow, number, with_for_update=True)
                if talk is None or talk.updated_at > now - self._days(self._keeping.drafts):
                    continue
                talk.state = None
                if number in old:
                    forgetting.forget_talk(session, talk, "retention", now)
                    count += 1
        return count

    def _prune_audit(self) -> None:
        """Delete what of the audit is too old, once a week at most: each time is a row of its own."""
        now = self._clock.now()
        before = now - self._days(self._keeping.audit)
        with self._database.reading() as session:
            oldest = session.execute(select(func.min(AuditRow.at, type_=Moment()))).scalar()
        if oldest is not None and oldest < before - self._days(_WEEK):
            with self._database.writing() as session:
                Audit(self._database.keyring.lasting).prune(session, before, now)

    def _finish_wishes(self) -> None:
        now = self._clock.now()
        query = select(ErasureRow.conversation_id).where(ErasureRow.gone_by <= now)
        with self._database.reading() as session:
            waiting = session.execute(query).scalars().all()
        for number in waiting:
            with self._database.writing() as session:
                erasing.finish(session, number, now, self._inbox.hashed)

    @staticmethod
    def _days(count: int) -> timedelta:
        return timedelta(days=count)
