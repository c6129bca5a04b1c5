"""A report that is being written, kept as a case after each turn.

Until it is filed it has neither a plan nor a place in the ledger, so that all of it is one row; a
turn reads and writes that row and no objects. What comes with filing is in ``bot.cases.store``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import bindparam, insert, select, update

from bot.cases.assessing import assess
from bot.cases.standing import stand
from bot.cases.store import NumberTakenError, Told, facts_of, from_poster
from bot.cases.tables import CaseRow, HistoryRow
from bot.prepared import Prepared, Transaction

_TABLE = CaseRow.__table__
_KEPT = (
    "report_type", "language", "updated_at", "level", "due_at", "unit", "region", "urgency",
    "waits_until", "worsens_at", "facts", "assessment",
)  # fmt: skip
"""The columns that a turn writes; the others are as the report began, or belong to staff."""
_BEGUN = ("case_no", "conversation_id", "status", "channel", "created_at", "questionnaire")
_FIND = Prepared(
    select(CaseRow.id, CaseRow.conversation_id, CaseRow.status, CaseRow.created_at, CaseRow.facts)
    .where(CaseRow.case_no == bindparam("number"))
    .with_for_update()
)
_BEGIN = Prepared(insert(_TABLE), (*_BEGUN, *_KEPT, "version"))
_KEEP = Prepared(
    update(_TABLE).where(_TABLE.c.id == bindparam("number")).values(version=_TABLE.c.version + 1),
    _KEPT,
)
_NOTE = Prepared(insert(HistoryRow.__table__), ("case_id", "at", "actor", "event", "detail"))


@dataclass
class Draft:
    """What of a case there is before it is filed; ``was`` are the facts of the turn before."""

    id: int
    case_no: str
    conversation_id: int
    created_at: datetime
    report_type: str | None
    language: str
    updated_at: datetime
    facts: dict[str, Any]
    was: dict[str, Any] | None = None
    status: str = "draft"
    submitted_at: None = None
    level: str | None = None
    due_at: datetime | None = None
    unit: str | None = None
    region: str | None = None
    urgency: int | None = None
    waits_until: datetime | None = None
    worsens_at: datetime | None = None
    assessment: dict[str, Any] | None = None


def keep(session: Transaction, conversation: Any, told: Told, now: datetime) -> Draft | None:
    """Write down a report that is not filed yet.

    Args:
        conversation: whose report it is; its ``id``, ``channel`` and ``language`` are asked.

    Returns:
        the draft; ``None``, and nothing is written, where its case is none any more.

    Raises:
        NumberTakenError: the report's number is that of somebody else's case.
    """
    found = session.row(_FIND, number=told.case_no)
    number, owner, status, created, was = found or (0, conversation.id, "draft", now, None)
    if owner != conversation.id:
        raise NumberTakenError
    if status != "draft":
        return None
    draft = Draft(
        id=number,
        case_no=told.case_no,
        conversation_id=conversation.id,
        created_at=created,
        report_type=told.report_type,
        language=conversation.language,
        updated_at=now,
        facts=facts_of(told),
        was=was,
    )
    row = cast(CaseRow, draft)  # it has all that these two ask of a case
    assess(row, now)
    stand(row)
    kept = {name: getattr(draft, name) for name in _KEPT}
    if found:
        session.change(_KEEP, number=number, **kept)
        return draft
    draft.id = session.insert(
        _BEGIN,
        **kept,
        case_no=told.case_no,
        conversation_id=conversation.id,
        status="draft",
        channel=conversation.channel,
        created_at=now,
        questionnaire=told.questionnaire,
        version=1,
    )
    begun = {"actor": "reporter", "event": "begun", "detail": from_poster(told)}
    session.insert(_NOTE, case_id=draft.id, at=now, **begun)
    return draft
