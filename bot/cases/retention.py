"""How long what is kept, and what is to be deleted next.

Staff are told of a deletion some days ahead, in the case's history and in a list that the console
shows (``due_soon``); nothing of a case is deleted that was not announced. New contact postpones.
A case whose child stands in the ledger is kept for as long as it does. Every function works inside
the caller's transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot.cases import forgetting
from bot.cases.history import note
from bot.cases.keeping import Keeping
from bot.cases.privacy_tables import DeletionRow, ErasureRow
from bot.cases.sealed import Moment
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, LedgerRow, TranscriptRow
from bot.cases.vocabulary import ENDED

Kind = Literal["draft", "case", "transcript"]
BY = "system"


@dataclass(frozen=True)
class Due:
    """Something of a case that is to be deleted, and when."""

    case_id: int
    case_no: str
    kind: Kind
    due_at: datetime


def due_soon(
    session: Session, now: datetime, sight: Any = None, most: int | None = None
) -> list[Due]:
    """What is going to be deleted and was announced to staff, the next first.

    Args:
        now: aware; what is overdue is listed, too.
        sight: the condition on ``CaseRow`` that holds for what a person may see.
        most: no more than so many.
    """
    query = select(DeletionRow, CaseRow.case_no).join(CaseRow).order_by(DeletionRow.due_at)
    if sight is not None:
        query = query.where(sight)
    query = query.limit(most)
    return [Due(row.case_id, no, row.kind, row.due_at) for row, no in session.execute(query)]


def coming(session: Session, now: datetime, keeping: Keeping) -> list[Due]:
    """What is to be deleted within the time of warning, announced or not."""
    until = now + timedelta(days=keeping.warning)
    return [due for due in _all(session, until, keeping) if due.due_at <= until]


def announce(session: Session, now: datetime, keeping: Keeping) -> list[Due]:
    """Tell staff of what is coming, and take back what was announced and is postponed.

    Returns:
        what was announced just now.
    """
    found = {(due.case_id, due.kind): due for due in coming(session, now, keeping)}
    for row in session.execute(select(DeletionRow)).scalars().all():
        due = found.pop((row.case_id, row.kind), None)
        if due is None or due.due_at > row.due_at:
            note(session.get(CaseRow, row.case_id), now, BY, "deletion_postponed", _told(row))
            session.delete(row)
    told = []
    for due in found.values():
        due_at = max(due.due_at, now + timedelta(days=keeping.warning))
        row = DeletionRow(case_id=due.case_id, kind=due.kind, due_at=due_at, told_at=now)
        session.add(row)
        note(session.get(CaseRow, due.case_id), now, BY, "deletion_due", _told(row))
        told.append(Due(due.case_id, due.case_no, due.kind, due_at))
    return told


def ripe(session: Session, now: datetime, keeping: Keeping, only: int | None = None) -> list[Due]:
    """What was announced, is due by now and was not postponed.

    Args:
        only: of this case, by its id.
    """
    due_now = {
        (due.case_id, due.kind) for due in _all(session, now, keeping, only) if due.due_at <= now
    }
    return [
        due
        for due in due_soon(session, now)
        if due.due_at <= now and (due.case_id, due.kind) in due_now
    ]


def carry_out(session: Session, due: Due, now: datetime, keeping: Keeping) -> bool:
    """Delete one thing; false when it is not to be deleted (any more)."""
    case = session.get(CaseRow, due.case_id)
    if case is None:
        return False
    # a turn locks the conversation first, too: neither waits for the other
    session.get(ConversationRow, case.conversation_id, with_for_update=True)
    if due not in ripe(session, now, keeping, case.id):
        return False
    if due.kind == "transcript":
        forgetting.forget_transcript(session, case, "retention", now)
        session.delete(session.get(DeletionRow, (due.case_id, due.kind)))
        note(case, now, BY, "transcript_deleted", None)
    else:
        forgetting.forget_case(session, case, due.kind, "retention", now)
    return True


def idle_talks(session: Session, until: datetime, *conditions: Any) -> list[int]:
    """The conversations without a case that nobody wrote in since a moment.

    Args:
        conditions: more of them, on ``ConversationRow``.
    """
    query = select(ConversationRow.id).where(
        *conditions,
        ConversationRow.updated_at < until,
        ConversationRow.held_by.is_(None),
        ~exists().where(CaseRow.conversation_id == ConversationRow.id),
        ~exists().where(
            InboxRow.conversation_id == ConversationRow.id, InboxRow.received_at >= until
        ),
        ~exists().where(ErasureRow.conversation_id == ConversationRow.id),
    )
    return list(session.execute(query.order_by(ConversationRow.id)).scalars())


def _all(
    session: Session, until: datetime, keeping: Keeping, only: int | None = None
) -> Iterator[Due]:
    """What may be due until a moment; new contact is reckoned with, the moment not strictly."""
    ended_at = func.coalesce(CaseRow.ended_at, CaseRow.updated_at, type_=Moment())
    ended = CaseRow.status.in_(ENDED), ~_in_ledger()
    said = exists().where(TranscriptRow.case_id == CaseRow.id)
    ways: tuple[tuple[Kind, int, Any, tuple[Any, ...]], ...] = (
        ("draft", keeping.drafts, CaseRow.updated_at, (CaseRow.status == "draft",)),
        ("case", keeping.closed, ended_at, ended),
        ("transcript", keeping.transcripts, ended_at, (*ended, said)),
    )
    last = (
        select(func.max(InboxRow.received_at, type_=Moment()))
        .where(InboxRow.conversation_id == CaseRow.conversation_id)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    for kind, days, since, conditions in ways:
        span = timedelta(days=days)
        query = (
            select(CaseRow.id, CaseRow.case_no, since.label("since"), last.label("contact"))
            .join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
            .where(ConversationRow.held_by.is_(None), since <= until - span, *conditions)
            .order_by(CaseRow.id)
        )
        if only is not None:
            query = query.where(CaseRow.id == only)
        for row in session.execute(query):
            begin = max(row.since, row.contact or row.since)
            yield Due(row.id, row.case_no, kind, begin + span)


def _in_ledger() -> Any:
    return exists().where(LedgerRow.case_id == CaseRow.id, LedgerRow.state != "removed")


def _told(row: DeletionRow) -> dict[str, str]:
    return {"kind": row.kind, "due_at": row.due_at.isoformat()}
