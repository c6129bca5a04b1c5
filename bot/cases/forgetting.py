"""Deleting for good: what hangs on a case or a talk goes with it, and a stone without content stays.

What hangs on a row is found by its foreign keys, so that a table that is added later is not
forgotten. Every function works inside the caller's transaction.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.cases.privacy_tables import TombstoneRow
from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import Base, CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow

_MANY = 500  # values in one list of a statement
_STATES_CASE = re.compile(r"HT-\d{6}-\w{5}")


def forget_case(session: Session, case: CaseRow, kind: str, why: str, now: datetime) -> None:
    """Delete a case with everything that hangs on it, and what its talk still holds of it.

    Args:
        kind: ``draft`` or ``case``, for the stone.
        why: ``retention`` or ``reporter``.
    """
    session.flush()
    counts: Counter[str] = Counter()
    stone = _stone_of(case, kind, why, now)
    talk = session.get(ConversationRow, case.conversation_id)
    _forget_messages(session, case, counts)
    forget_state(talk, case.case_no)
    session.execute(
        update(CaseRow).where(CaseRow.duplicate_of == case.id).values(duplicate_of=None), **_QUIET
    )
    _delete(session, CaseRow.__table__, CaseRow.__table__.c.id == case.id, counts)
    session.expunge(case)
    _put_up(session, stone, counts)


def forget_transcript(session: Session, case: CaseRow, why: str, now: datetime) -> None:
    """Delete what was said in a case: transcript, messages, replies, and what it is searched by."""
    session.flush()
    counts: Counter[str] = Counter()
    _forget_messages(session, case, counts)
    forget_state(session.get(ConversationRow, case.conversation_id), case.case_no)
    _delete(session, WordMarkRow.__table__, WordMarkRow.__table__.c.case_id == case.id, counts)
    _put_up(session, _stone_of(case, "transcript", why, now), counts)


def forget_talk(session: Session, talk: ConversationRow, why: str, now: datetime) -> None:
    """Delete a conversation that has no case (any more), down to its address."""
    session.flush()
    counts: Counter[str] = Counter()
    stone = TombstoneRow(
        kind="conversation",
        began_at=talk.created_at,
        ended_at=talk.updated_at,
        why=why,
        deleted_at=now,
    )
    table = ConversationRow.__table__
    _delete(session, table, table.c.id == talk.id, counts)
    session.expunge(talk)
    _put_up(session, stone, counts)


def forget_lines(session: Session, talk: ConversationRow, spare: Iterable[int]) -> Counter[str]:
    """Delete what was said in a conversation, save some lines.

    Messages that were answered are emptied, not deleted: one that is delivered again is known.
    """
    session.flush()
    counts: Counter[str] = Counter()
    lines = TranscriptRow.__table__
    condition = (lines.c.conversation_id == talk.id) & lines.c.id.not_in(list(spare))
    _delete(session, lines, condition, counts)
    outbox = OutboxRow.__table__
    _delete(session, outbox, outbox.c.conversation_id == talk.id, counts)
    left = select(TranscriptRow.inbox_id).where(
        TranscriptRow.conversation_id == talk.id, TranscriptRow.inbox_id.is_not(None)
    )
    answered = (
        InboxRow.conversation_id == talk.id,
        InboxRow.done_at.is_not(None),
        InboxRow.id.not_in(left),
    )
    empty = update(InboxRow).where(*answered).values(message={})
    counts["inbox"] += session.execute(empty, **_QUIET).rowcount
    return counts


def forget_delivered(session: Session, before: datetime) -> int:
    """Delete messages that were answered and replies that left before a moment.

    What they said stands in the transcript for as long as that is kept.

    Returns:
        how many rows.
    """
    counts: Counter[str] = Counter()
    ended = InboxRow.done_at.is_not(None), InboxRow.received_at < before
    ids = session.execute(select(InboxRow.id).where(*ended)).scalars().all()
    _forget_inbox(session, ids, counts)
    outbox = OutboxRow.__table__
    left = or_(outbox.c.sent_at.is_not(None), outbox.c.failed.is_(True))
    _delete(session, outbox, left & (outbox.c.created_at < before), counts)
    return counts["inbox"] + counts["outbox"]


def forget_state(talk: ConversationRow, case_no: str) -> None:
    """Clear where the dialogue stands if it still holds anything of a case."""
    if case_no in _STATES_CASE.findall(str(talk.state or "")):
        talk.state = None


def stone_of_wish(
    session: Session, talk: ConversationRow, counts: Counter[str], now: datetime
) -> None:
    """Put up a stone for what a reporter had deleted besides cases."""
    stone = TombstoneRow(
        kind="conversation", began_at=talk.created_at, why="reporter", deleted_at=now
    )
    _put_up(session, stone, counts)


_QUIET: dict[str, Any] = {"execution_options": {"synchronize_session": False}}


def _forget_messages(session: Session, case: CaseRow, counts: Counter[str]) -> None:
    """Delete a case's lines, the messages that they came in as, and the replies until then."""
    of_case = select(TranscriptRow.inbox_id, TranscriptRow.at, TranscriptRow.sender).where(
        TranscriptRow.case_id == case.id
    )
    lines = session.execute(of_case).all()
    table = TranscriptRow.__table__
    _delete(session, table, table.c.case_id == case.id, counts)
    _forget_inbox(session, {line.inbox_id for line in lines if line.inbox_id}, counts)
    if lines:
        outbox = OutboxRow.__table__
        until = max(line.at for line in lines)
        mine = (outbox.c.conversation_id == case.conversation_id) & (outbox.c.created_at <= until)
        _delete(session, outbox, mine, counts)


def _forget_inbox(session: Session, ids: Iterable[int], counts: Counter[str]) -> None:
    """Delete messages; lines of the transcript that came in as one stay without it."""
    every = sorted(ids)
    for some in (every[at : at + _MANY] for at in range(0, len(every), _MANY)):
        loosen = update(TranscriptRow).where(TranscriptRow.inbox_id.in_(some)).values(inbox_id=None)
        session.execute(loosen, **_QUIET)
        table = InboxRow.__table__
        _delete(session, table, table.c.id.in_(some), counts)


def _delete(session: Session, table: Table, condition: Any, counts: Counter[str]) -> None:
    """Delete rows after whatever refers to them."""
    for child in Base.metadata.sorted_tables:
        for key in child.foreign_keys:
            if key.column.table is not table:
                continue
            referring = key.parent.in_(select(key.column).where(condition))
            if child is table:
                session.execute(update(child).where(referring).values({key.parent: None}))
            else:
                _delete(session, child, referring, counts)
    counts[table.name] += session.execute(delete(table).where(condition)).rowcount


def _stone_of(case: CaseRow, kind: str, why: str, now: datetime) -> TombstoneRow:
    return TombstoneRow(
        kind=kind,
        case_no=case.case_no,
        began_at=case.created_at,
        submitted_at=case.submitted_at,
        ended_at=case.ended_at,
        level=case.level,
        region=case.region,
        why=why,
        deleted_at=now,
    )


def _put_up(session: Session, stone: TombstoneRow, counts: Counter[str]) -> None:
    stone.what = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)
    session.add(stone)
    session.flush()
