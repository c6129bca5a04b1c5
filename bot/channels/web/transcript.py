"""The web chat's lines, read from the transcript that the turns write."""

import asyncio

from sqlalchemy import bindparam, select

from bot.cases.tables import InboxRow, OutboxRow, TranscriptRow
from bot.channels.web.ports import Line
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Button
from bot.database import Database

CHANNEL = "web"
_LINES = (
    select(TranscriptRow, InboxRow, OutboxRow)
    .outerjoin(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
    .outerjoin(
        OutboxRow,
        (OutboxRow.transcript_id == TranscriptRow.id)
        & (OutboxRow.conversation_id == TranscriptRow.conversation_id)
        & (TranscriptRow.sender == "bot"),
    )
    .where(
        TranscriptRow.conversation_id == bindparam("conversation"),
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
            number = self._inbox.number_of(session, CHANNEL, sender)
            if number is None:
                return []
            asked = {"conversation": number, "after": after}
            return [_line(*found) for found in session.execute(_LINES, asked)]


def _line(row: TranscriptRow, source: InboxRow | None, sent: OutboxRow | None) -> Line:
    """A line; one that was sent with a code shows it for as long as the outbox holds it."""
    return Line(
        id=row.id,
        at=row.at,
        sender=row.sender,
        text=sent.reply["text"] if sent else row.text,
        buttons=tuple(Button(**button) for button in row.buttons or ()),
        message_id=source.message.get("message_id", "") if source else "",
    )
