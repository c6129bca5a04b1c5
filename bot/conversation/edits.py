"""An edited message: a new wording beside the old one in the transcript, and no answer."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from bot.cases import search
from bot.cases.tables import ConversationRow, InboxRow, TranscriptRow
from bot.conversation.messages import Incoming
from bot.database import Database
from bot.prepared import LOCKED


def revise(
    database: Database,
    inbox_id: int,
    incoming: Incoming,
    edited: str,
    hashed: Callable[[str], str],
    now: datetime,
) -> bool:
    """Note a new wording; false when that was done before.

    Args:
        edited: the key of the message that it is a new wording of.
    """
    with database.writing() as session:
        row = session.get(InboxRow, inbox_id)
        session.get(ConversationRow, row.conversation_id, with_for_update=LOCKED)
        session.refresh(row)
        if row.done_at is not None:
            return False
        row.done_at = now
        query = (
            select(TranscriptRow)
            .join(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
            .where(InboxRow.message_key == edited, TranscriptRow.revises_id.is_(None))
        )
        old = session.execute(query).scalars().first()
        line = TranscriptRow(
            conversation_id=row.conversation_id,
            case_id=old.case_id if old else None,
            at=now,
            sender="reporter",
            text=incoming.text,
            inbox_id=inbox_id,
            revises_id=old.id if old else None,
        )
        session.add(line)
        search.heard(session, line, hashed)
    return True
