"""The lines of a conversation as staff read them: who, when, what was understood, whether it arrived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.cases.tables import CaseRow, InboxRow, OutboxRow, TranscriptRow
from bot.console.understood import entity_in_words, intent_in_words
from bot.texts import Texts

SHOWN = 200
"""Lines on a page, the newest; the earlier ones are a link away."""


@dataclass(frozen=True)
class Line:
    """One line.

    Args:
        sender: ``reporter``, ``bot`` or ``staff``.
        intent: what was understood, in words; empty where nothing was.
        confidence: of that, 0 to 1.
        entities: what was taken from it, each with its name and its value in words.
        attachment: the platform's word for a picture, a voice or a file that came with it.
        opens: whether staff can open the attachment.
        delivery: of a line by staff: ``waiting``, ``sent`` or ``failed``; else empty.
        apart: it belongs to none of this person's reports.
        revises: the id of the line that it is a later wording of.
    """

    id: int
    at: datetime
    sender: str
    text: str
    author: str | None = None
    buttons: tuple[str, ...] = ()
    intent: str = ""
    confidence: float = 0.0
    entities: tuple[tuple[str, str], ...] = ()
    doubt: str | None = None
    attachment: str = ""
    opens: bool = False
    delivery: str = ""
    apart: bool = False
    revises: int | None = None


@dataclass(frozen=True)
class Lines:
    """Some lines of a conversation, the oldest first, and whether there are earlier ones."""

    lines: tuple[Line, ...]
    earlier: bool

    @property
    def first(self) -> int:
        """The id of the first of them."""
        return self.lines[0].id if self.lines else 0


def lines_of(
    session: Session,
    conversation_id: int,
    case: CaseRow | None,
    t: Texts,
    before: int | None = None,
    most: int = SHOWN,
) -> Lines:
    """The newest lines of a case, with those of its conversation that belong to no report since.

    Args:
        case: ``None`` for a conversation without one.
        before: only lines with a smaller id.
    """
    query = select(TranscriptRow).where(TranscriptRow.conversation_id == conversation_id)
    if case is not None:
        begin = _begin(session, case)
        apart = TranscriptRow.case_id.is_(None) & (TranscriptRow.id > begin)
        query = query.where(or_(TranscriptRow.case_id == case.id, apart))
    if before is not None:
        query = query.where(TranscriptRow.id < before)
    query = query.order_by(TranscriptRow.id.desc()).limit(most + 1)
    rows = list(session.execute(query).scalars())
    earlier = len(rows) > most
    rows = rows[:most][::-1]
    sources = _messages(session, [row.inbox_id for row in rows if row.inbox_id])
    deliveries = _deliveries(session, [row.id for row in rows if row.sender == "staff"])
    made = [
        _line(row, sources.get(row.inbox_id, {}), deliveries, case is not None, t) for row in rows
    ]
    return Lines(tuple(made), earlier)


def sources_of(session: Session, case: CaseRow) -> dict[str, int]:
    """By fact, the id of the line of the transcript that it came from."""
    keys: Mapping[str, str] = case.facts.get("sources") or {}
    if not keys:
        return {}
    query = (
        select(InboxRow.message_key, func.min(TranscriptRow.id))
        .join(TranscriptRow, TranscriptRow.inbox_id == InboxRow.id)
        .where(InboxRow.channel == case.channel, InboxRow.message_key.in_(set(keys.values())))
        .group_by(InboxRow.message_key)
    )
    lines = {key: line for key, line in session.execute(query)}
    return {name: lines[key] for name, key in keys.items() if key in lines}


def help_sent(session: Session, case: CaseRow, t: Texts) -> list[tuple[int, str]]:
    """The questions about help that were answered: the line that asked, and the topic."""
    query = (
        select(TranscriptRow.id, TranscriptRow.intent)
        .where(
            TranscriptRow.case_id == case.id,
            or_(TranscriptRow.intent.like("faq/%"), TranscriptRow.intent.like("more/%")),
        )
        .order_by(TranscriptRow.id)
    )
    topics: dict[str, int] = {}
    for line, intent in session.execute(query):
        topics.setdefault(intent_in_words(intent, t), line)
    return [(line, words) for words, line in topics.items()]


def _begin(session: Session, case: CaseRow) -> int:
    """The id of the first line that belongs to a case."""
    query = select(func.min(TranscriptRow.id)).where(TranscriptRow.case_id == case.id)
    return int(session.execute(query).scalar() or 0)


def _messages(session: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    query = select(InboxRow.id, InboxRow.message).where(InboxRow.id.in_(list(ids)))
    return {number: message for number, message in session.execute(query)}


def _deliveries(session: Session, ids: Iterable[int]) -> dict[int, str]:
    query = select(OutboxRow).where(OutboxRow.transcript_id.in_(list(ids)))
    return {row.transcript_id: _delivery(row) for row in session.execute(query).scalars()}


def _delivery(row: OutboxRow) -> str:
    if row.failed:
        return "failed"
    return "sent" if row.sent_at else "waiting"


def _line(
    row: TranscriptRow, message: dict[str, Any], deliveries: dict[int, str], of_case: bool, t: Texts
) -> Line:
    sent = (message.get("attachment") or {}).get("kind", "")
    wordless = row.intent == "wordless"
    return Line(
        id=row.id,
        at=row.at,
        sender=row.sender,
        text="" if wordless else row.text,
        author=row.author,
        buttons=tuple(button["title"] for button in row.buttons or ()),
        intent="" if wordless or not row.intent else intent_in_words(row.intent, t),
        confidence=row.confidence or 0.0,
        entities=tuple(entity_in_words(entity, t) for entity in row.entities or ()),
        doubt=row.doubt,
        attachment=sent or (row.text.strip("[]") if wordless else ""),
        opens=bool(sent),
        delivery=deliveries.get(row.id, ""),
        apart=of_case and row.case_id is None,
        revises=row.revises_id,
    )
