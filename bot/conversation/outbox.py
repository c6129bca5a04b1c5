"""The outbox: replies leave after their turn is committed, in order for each person."""

import asyncio
import logging
from typing import Any

from sqlalchemy import select
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from bot.cases.tables import ConversationRow, OutboxRow
from bot.clock import Clock
from bot.conversation.messages import Button, Reply, Sender, TryLaterError, UndeliverableError
from bot.database import Database

logger = logging.getLogger(__name__)


class Outbox:
    """Sends what turns have written, each reply at least once.

    Args:
        senders: by channel; replies to a channel that is not there wait.
    """

    def __init__(self, database: Database, senders: dict[str, Sender], clock: Clock) -> None:
        self._database = database
        self._senders = senders
        self._clock = clock

    def waiting(self) -> list[int]:
        """Conversations with replies that have not left, on channels that are there."""
        query = (
            select(OutboxRow.conversation_id)
            .join(ConversationRow)
            .where(
                OutboxRow.sent_at.is_(None),
                OutboxRow.failed.is_(False),
                ConversationRow.channel.in_(self._senders),
            )
            .distinct()
        )
        with self._database.reading() as session:
            return list(session.execute(query).scalars())

    async def deliver(self, conversation_id: int) -> None:
        """Send all of a conversation's replies in order; waits as long as the platform asks."""
        while True:
            found = await asyncio.to_thread(self._next, conversation_id)
            if found is None:
                return
            outbox_id, channel, address, reply = found
            sender = self._senders.get(channel)
            if sender is None:
                return
            try:
                await self._send(sender, address, reply)
            except UndeliverableError:
                logger.warning("a reply on %s cannot be delivered", channel)
                await asyncio.to_thread(self._give_up, conversation_id)
                return
            await asyncio.to_thread(self._sent, outbox_id)

    async def _send(self, sender: Sender, address: str, reply: Reply) -> None:
        patient = AsyncRetrying(
            retry=retry_if_exception_type(TryLaterError), wait=_as_asked, reraise=True
        )
        async for attempt in patient:
            with attempt:
                await sender.send(address, reply)

    def _next(self, conversation_id: int) -> tuple[int, str, str, Reply] | None:
        query = (
            select(OutboxRow, ConversationRow)
            .join(ConversationRow)
            .where(
                OutboxRow.conversation_id == conversation_id,
                OutboxRow.sent_at.is_(None),
                OutboxRow.failed.is_(False),
            )
            .order_by(OutboxRow.id)
            .limit(1)
        )
        with self._database.reading() as session:
            found = session.execute(query).first()
            if found is None:
                return None
            row, conversation = found
            return row.id, conversation.channel, conversation.address, reply_from_json(row.reply)

    def _sent(self, outbox_id: int) -> None:
        with self._database.writing() as session:
            session.get(OutboxRow, outbox_id).sent_at = self._clock.now()

    def _give_up(self, conversation_id: int) -> None:
        with self._database.writing() as session:
            session.query(OutboxRow).filter(
                OutboxRow.conversation_id == conversation_id, OutboxRow.sent_at.is_(None)
            ).update({"failed": True})
            session.get(ConversationRow, conversation_id).attention = "unreachable"


def reply_from_json(value: dict[str, Any]) -> Reply:
    """The reply that a turn wrote."""
    return Reply(value["text"], tuple(Button(**button) for button in value["buttons"]))


def _as_asked(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, TryLaterError) else 1.0
