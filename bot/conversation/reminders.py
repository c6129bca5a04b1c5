"""Reminders that the bot sends: to the person who filed a case, at an hour when they may be read.

A reminder is queued once: its text in the outbox, its line in the transcript, the open question
in the conversation's state and the follow-up that is done by it are one transaction.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cases import followups
from bot.cases.followup_plan import followup_table
from bot.cases.tables import CaseRow, ConversationRow, FollowupRow, OutboxRow, TranscriptRow
from bot.cases.vocabulary import ENDED
from bot.clock import SHANGHAI, Clock
from bot.conversation.messages import Button, Reply
from bot.database import Database
from bot.prepared import LOCKED
from bot.texts import texts

logger = logging.getLogger(__name__)
BY = "bot"
SLOT = "followup_asked"


class Reminders:
    """Queues the reminders that are due."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def queue_due(self) -> list[int]:
        """Queue every reminder that is due and may go out now.

        Never into an open report or a chat that a person holds, never at night unless the case is critical, and not more often
        a day than the table says unless staff wants it; what may not go out now waits. Where
        danger was told the bot does not write of its own accord: somebody else may read it.

        Returns:
            the conversations that have something new in the outbox.
        """
        now = self._clock.now()
        with self._database.reading() as session:
            due = followups.due_before(session, now, kind="reminder")
            waiting = [row.id for row in due if _is_off(row) or self._may_go(session, row, now)]
        reached = []
        for followup_id in waiting:
            with self._database.writing() as session:
                conversation = self._queue(session, followup_id)
            if conversation is not None and conversation not in reached:
                reached.append(conversation)
        return reached

    async def run(self, send: Callable[[int], None], every: float) -> None:
        """Queue what is due, again and again.

        Args:
            send: told of each conversation that has something new in the outbox.
            every: seconds between two looks.
        """
        while True:
            try:
                for conversation in await asyncio.to_thread(self.queue_due):
                    send(conversation)
            except SQLAlchemyError as error:
                logger.error("reminding failed with %s", type(error).__name__)
            await asyncio.sleep(every)

    def _queue(self, session: Session, followup_id: int) -> int | None:
        """Queue one reminder; the conversation that it goes to, or ``None`` when it waits."""
        now = self._clock.now()
        query = select(CaseRow.conversation_id).join(FollowupRow)
        number = session.execute(query.where(FollowupRow.id == followup_id)).scalar()
        # the conversation first, as a turn does: neither waits for the other
        talk = session.get(ConversationRow, number, with_for_update=LOCKED)
        row = session.get(FollowupRow, followup_id, with_for_update=True)
        if row is None or row.state != "planned":
            return None
        if _is_off(row):
            followups.cancel(row, BY, now)
            return None
        if not self._may_go(session, row, now):
            return None
        reply, asks = worded(row, talk.language)
        _put(session, talk, row.case, reply, now)
        if asks:
            _ask(talk, row, reply, now)
        followups.done(row, BY, now)
        return int(talk.id)

    def _may_go(self, session: Session, row: FollowupRow, now: datetime) -> bool:
        talk = session.get(ConversationRow, row.case.conversation_id)
        if (talk.state or {}).get("loop") or talk.held_by or talk.attention == "unreachable":
            return False
        sending = followup_table().sending
        if sending.is_night(now) and row.case.level != "critical":
            return False
        if (row.content or {}).get("anyway"):
            return True
        return _sent_on_day_of(session, talk.id, now) < sending.a_day


def _is_off(row: FollowupRow) -> bool:
    """Whether a reminder is not to be sent at all: nobody scheduled it, and there is danger."""
    danger = bool(row.case.facts["facts"].get("danger"))
    if row.case.facts.get("erased"):  # whoever told it wanted to be forgotten
        return True
    return row.case.status in ENDED or (row.rule is not None and danger)


def worded(row: FollowupRow, language: str) -> tuple[Reply, bool]:
    """What a reminder says in a language, to a grown-up or a child, and whether it asks."""
    t, case, content = texts(language), row.case, row.content or {}
    child = case.report_type == "child_self"
    if content.get("words"):
        return Reply(content["words"]), False
    table = followup_table()
    text = table.reminders[content["says"]]
    said = t(text.child if child else text.adult, case_no=case.case_no)
    if not text.asks:
        return Reply(said), False
    buttons = tuple(
        Button(t(words.child if child else words.adult), f"answer:{row.id}:{name}")
        for name, words in table.answers.items()
    )
    return Reply(said, buttons), True


def _put(
    session: Session, talk: ConversationRow, case: CaseRow, reply: Reply, now: datetime
) -> None:
    session.add(OutboxRow(conversation_id=talk.id, reply=asdict(reply), created_at=now))
    session.add(
        TranscriptRow(
            conversation_id=talk.id,
            case_id=case.id,
            at=now,
            sender="bot",
            text=reply.text,
            buttons=[asdict(button) for button in reply.buttons] or None,
        )
    )


def _ask(talk: ConversationRow, row: FollowupRow, reply: Reply, now: datetime) -> None:
    """Leave the question open; a turn that is under way meanwhile starts anew (the version)."""
    state = talk.state or {}
    asked = {
        "id": row.id,
        "case_no": row.case.case_no,
        "at": now.isoformat(),
        "child": row.case.report_type == "child_self",
    }
    talk.state = {
        **state,
        "slots": {**(state.get("slots") or {}), SLOT: asked},
        "offered": [asdict(button) for button in reply.buttons],
    }
    talk.updated_at = now


def _sent_on_day_of(session: Session, conversation_id: int, now: datetime) -> int:
    """How many reminders went to a conversation since midnight in Shanghai."""
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(0), SHANGHAI)
    query = (
        select(func.count(FollowupRow.id))
        .join(CaseRow)
        .where(
            CaseRow.conversation_id == conversation_id,
            FollowupRow.kind == "reminder",
            FollowupRow.done_by == BY,
            FollowupRow.state == "done",
            FollowupRow.done_at >= midnight,
            FollowupRow.done_at < midnight + timedelta(days=1),
        )
    )
    return int(session.execute(query).scalar() or 0)
