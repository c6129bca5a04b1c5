"""Reports that somebody began and left: with a place or a contact, somebody can still go and look."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.tables import CaseRow, ConversationRow

IDLE = timedelta(minutes=30)
_LONGEST = timedelta(days=2)


def idle_reports(session: Session, now: datetime) -> list[int]:
    """Conversations whose unfinished report has rested for half an hour and says where or who.

    Those that staff should see for another reason already are left out.
    """
    query = (
        select(CaseRow)
        .join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
        .where(
            CaseRow.status == "draft",
            CaseRow.updated_at <= now - IDLE,
            CaseRow.updated_at > now - _LONGEST,
            ConversationRow.attention.is_(None),
            ConversationRow.updated_at <= now - IDLE,
        )
    )
    rows = session.execute(query.execution_options(yield_per=200)).scalars()
    return [row.conversation_id for row in rows if _can_be_found(row)]


def mark_idle(session: Session, conversation_id: int, now: datetime) -> bool:
    """Let staff see it, unless the person wrote meanwhile; true when it was marked."""
    talk = session.get(ConversationRow, conversation_id, with_for_update=True)
    if talk is None or talk.attention or talk.updated_at > now - IDLE:
        return False
    talk.attention = "idle"
    return True


def _can_be_found(row: CaseRow) -> bool:
    facts = row.facts["facts"]
    return not row.facts.get("cancelled") and bool(facts.get("location") or facts.get("phone"))
