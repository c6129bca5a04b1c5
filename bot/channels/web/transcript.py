"""The web chat's lines, read from the transcript that the turns write."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from bot.cases.tables import ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.channels.web.ports import Line, Speaker
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Button
from bot.database import Database
from bot.prepared import Prepared

CHANNEL = "web"
_LINES = Prepared(
    select(
        TranscriptRow.id,
        TranscriptRow.at,
        TranscriptRow.sender,
        TranscriptRow.text,
        TranscriptRow.buttons,
        InboxRow.message,
        OutboxRow.reply,
    )
    .join(ConversationRow, ConversationRow.id == TranscriptRow.conversation_id)
    .outerjoin(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
    .outerjoin(
        OutboxRow,
        (OutboxRow.transcript_id == TranscriptRow.id)
        & (OutboxRow.conversation_id == TranscriptRow.conversation_id)
        & (TranscriptRow.sender == "bot"),
    )
    .where(
        ConversationRow.channel == CHANNEL,
        ConversationRow.person == bindparam("person"),
        TranscriptRow.id > bindparam("after"),
    )
    .order_by(TranscriptRow.id)
)


class TranscriptLines:
    """Reads one person's lines; a later wording of a line takes its place beside it."""

    def __init__(self, database: Database, inbox: Inbox) -> None:
        self._database = database
        self._inbox = inbox

    async def since(self, sender: str, after: int) -> list[Line]:
        """The lines with an id greater than ``after``, oldest first; none for a stranger."""
        return await asyncio.to_thread(self._since, sender, after)

    def _since(self, sender: str, after: int) -> list[Line]:
        with self._database.reading() as session:
            found = session.rows(_LINES, person=self._inbox.hashed(sender), after=after)
        return [_line(*row) for row in found]


def _line(
    number: int,
    at: datetime,
    sender: Speaker,
    text: str,
    buttons: list[dict[str, str]] | None,
    message: dict[str, Any] | None,
    reply: dict[str, Any] | None,
) -> Line:
    """A line; one that was sent with a code shows it for as long as the outbox holds it."""
    return Line(
        id=number,
        at=at,
        sender=sender,
        text=reply["text"] if reply else text,
        buttons=tuple(Button(**button) for button in buttons or ()),
        message_id=message.get("message_id", "") if message else "",
    )
