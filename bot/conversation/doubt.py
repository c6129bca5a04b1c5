"""Which lines of a reporter were perhaps misunderstood, for the review of understanding.

Kept in ``TranscriptRow.doubt``: ``fallback`` nothing was made of the line, ``low`` the model was
less sure than its threshold, ``corrected`` the reporter set right later what had been read in it.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.tables import InboxRow, TranscriptRow
from bot.conversation.understanding import Understood
from bot.walks.draft import Draft


def doubt_of(understood: Understood, before: Draft, after: Draft) -> str | None:
    """Why a line is worth a review as soon as it was read; ``None`` where it is not."""
    if understood.read_as is None:
        return None  # pressed, not read
    missed = after.misses > before.misses or (after.skipped and not before.skipped)
    if understood.intent == "nlu_fallback" or missed:
        return "fallback"
    return "low" if understood.low else None


def corrected(before: Draft, after: Draft) -> list[str]:
    """The messages that gave a fact which the reporter has now set to something else.

    What only grew (one more need, a fuller place) was no mistake, and a report that was begun
    anew corrects nothing.

    Returns:
        message keys (``InboxRow.message_key``).
    """
    if before.case_no != after.case_no:
        return []
    changed = [
        name
        for name, was in before.facts.items()
        if name in before.sources
        and before.sources[name] != after.sources.get(name)
        and name in after.facts
        and not _grew(was, after.facts[name])
    ]
    return sorted({before.sources[name] for name in changed})


def mark_corrected(session: Session, conversation_id: int, keys: list[str]) -> None:
    """Mark the lines of those messages; only those in which something had been read."""
    if not keys:
        return
    query = (
        select(TranscriptRow)
        .join(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
        .where(
            TranscriptRow.conversation_id == conversation_id,
            InboxRow.message_key.in_(keys),
            TranscriptRow.sender == "reporter",
        )
    )
    for line in session.execute(query).scalars():
        if line.entities:
            line.doubt = "corrected"


def _grew(was: Any, now: Any) -> bool:
    if was == now:
        return True
    if isinstance(was, list) and isinstance(now, list):
        return set(map(str, was)) <= set(map(str, now))
    if isinstance(was, dict) and isinstance(now, dict):
        return str(was.get("text", "")) in str(now.get("text", ""))
    return False
