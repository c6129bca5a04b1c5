"""A case as one line of the queue or of what a search found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from bot.cases.tables import CaseRow, ConversationRow
from bot.cases.vocabulary import ENDED
from bot.cases.worklist import unread
from bot.console.filters import left, spell
from bot.console.pages import Visit
from bot.texts import N_, Texts
from bot.walks.divisions import name_of
from bot.walks.readback import value_in_words

ATTENTION = {
    "danger": N_("说现在有危险"),
    "human": N_("要找工作人员"),
    "unreachable": N_("消息送不到"),
    "idle": N_("写到一半停了"),
}


@dataclass(frozen=True)
class Entry:
    """What a line shows of a case, in words; nothing of what the reporter wrote.

    Args:
        left: the time left, or how long it is overdue.
        waiting: how long the reporter has been waiting for somebody, empty once there is one.
    """

    case_no: str
    level: str | None
    status: str
    report_type: str | None
    place: str
    children: str
    left: str
    late: bool
    waiting: str
    unit: str | None
    assigned: str | None
    unread: bool
    held_by: str | None
    attention: str
    when: datetime
    ended: bool


def entries(session: Session, visit: Visit, ids: Sequence[int]) -> list[Entry]:
    """The lines of these cases, in this order; those out of the person's sight left out."""
    query = (
        select(
            CaseRow,
            ConversationRow.held_by,
            ConversationRow.attention,
            unread(visit.staff.id),
        )
        .join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
        .where(CaseRow.id.in_(ids), visit.staff.sight())
        .options(defer(CaseRow.assessment))
    )
    found = {row.id: (row, *more) for row, *more in session.execute(query)}
    return [_entry(visit, *found[case_id]) for case_id in ids if case_id in found]


def _entry(
    visit: Visit, row: CaseRow, held_by: str | None, attention: str | None, fresh: bool
) -> Entry:
    t, facts = visit.t, row.facts["facts"]
    told, ended = row.submitted_at or row.created_at, row.status in ENDED
    untouched = row.status in ("draft", "new") and not row.assigned
    return Entry(
        case_no=row.case_no,
        level=row.level,
        status=row.status,
        report_type=row.report_type,
        place=_place(row, t),
        children=_children(facts, t),
        left="" if ended else left(row.waits_until, visit.now, t),
        late=not ended and row.waits_until is not None and row.waits_until < visit.now,
        waiting=t("等了 {span}", span=spell(visit.now - told, t)) if untouched else "",
        unit=row.unit,
        assigned=row.assigned,
        unread=bool(fresh),
        held_by=held_by,
        attention=t(ATTENTION[attention]) if attention in ATTENTION and not ended else "",
        when=row.ended_at if ended and row.ended_at else told,
        ended=ended,
    )


def _place(row: CaseRow, t: Texts) -> str:
    """County and township; the rest of the address stands on the case's page."""
    place: dict[str, Any] = row.facts["facts"].get("location") or {}
    county = place.get("county") or (name_of(row.region) if row.region else None)
    return " ".join(part for part in (county, place.get("township")) if part) or t("地方不详")


def _children(facts: dict[str, Any], t: Texts) -> str:
    count, ages = facts.get("child_count"), facts.get("ages")
    words = t("孩子 {count}", count=value_in_words("child_count", count, t)) if count else ""
    if not ages:
        return words
    said = value_in_words("ages", ages, t)
    return t("{children}：{ages}", children=words, ages=said) if words else said
