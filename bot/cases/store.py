"""Cases in and out of the database; every function works inside the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bot.cases import aftercare, overrides
from bot.cases.assessing import assess, reassess
from bot.cases.history import note
from bot.cases.tables import CaseRow, HistoryRow, TranscriptRow
from bot.prepared import Prepared, Transaction


@dataclass(frozen=True)
class Told:
    """A report as the dialogue hands it over, filed or not.

    ``facts`` are keyed by question; ``unanswered`` holds "unknown" or "declined" by question;
    ``sources`` the message that each fact came from. ``poster`` is the community whose poster
    brought the reporter, as name and adcode.
    """

    case_no: str
    report_type: str | None
    questionnaire: str
    facts: dict[str, Any]
    unanswered: dict[str, str]
    sources: dict[str, str]
    narrative: list[str]
    filed: bool
    cancelled: bool = False
    poster: dict[str, Any] | None = None


_OF_NUMBER = select(CaseRow).where(CaseRow.case_no == bindparam("number"))
_OF_PERSON = (
    select(CaseRow)
    .where(CaseRow.conversation_id == bindparam("conversation"), CaseRow.status != "draft")
    .order_by(CaseRow.id.desc())
    .limit(10)
)
_KNOWN = Prepared(
    select(
        CaseRow.case_no,
        CaseRow.status,
        CaseRow.unit,
        CaseRow.due_at,
        CaseRow.report_type,
        CaseRow.submitted_at,
        CaseRow.facts,
        CaseRow.assessment,
    )
    .where(CaseRow.conversation_id == bindparam("conversation"), CaseRow.status != "draft")
    .order_by(CaseRow.id.desc())
    .limit(10)
)
_LINES = TranscriptRow.__table__
_TAKE_LINES = Prepared(
    update(_LINES)
    .where(
        _LINES.c.conversation_id == bindparam("conversation"),
        _LINES.c.case_id.is_(None),
        _LINES.c.id >= bindparam("first"),
    )
    .values(case_id=bindparam("case"))
)


@dataclass(frozen=True)
class Known:
    """What a turn knows of a filed case; the fields are those of ``CaseRow``."""

    case_no: str
    status: str
    unit: str | None
    due_at: datetime | None
    report_type: str | None
    submitted_at: datetime | None
    facts: dict[str, Any]
    assessment: dict[str, Any]


class NumberTakenError(Exception):
    """A fresh case number that somebody else's case has already; draw another."""


def save(session: Session, conversation: Any, told: Told, now: datetime) -> CaseRow:
    """Write a report down as a case: a draft until it is filed, then new.

    Args:
        conversation: whose report it is; its ``id``, ``channel`` and ``language`` are asked.

    Raises:
        NumberTakenError: the report's number is that of somebody else's case.
    """
    row = find(session, told.case_no)
    if row is not None and row.conversation_id != conversation.id:
        raise NumberTakenError
    if row is None:
        row = _begun(conversation, told, now)
        session.add(row)
    elif _goes_on(row, told):
        row.status, row.ended_at, row.outcome = "draft", None, None
        note(row, now, "reporter", "resumed", None)
    row.report_type = told.report_type
    row.language = conversation.language
    row.updated_at = now
    row.facts = facts_of(told)
    assess(row, row.submitted_at or now)
    if told.filed and row.status == "draft":
        row.status, row.submitted_at = "new", now
        assess(row, now)
        note(row, now, "reporter", "submitted", None)
        note(row, now, "system", "assessed", {"level": row.level, "unit": row.unit})
        _has_no_plan_yet(row)
        aftercare.renew(row, now)
    return row


def facts_of(told: Told) -> dict[str, Any]:
    """What a case keeps sealed of what is told."""
    return {
        "facts": told.facts,
        "unanswered": told.unanswered,
        "sources": told.sources,
        "narrative": "\n".join(told.narrative),
        "cancelled": told.cancelled,
        "poster": told.poster,
    }


def _begun(conversation: Any, told: Told, now: datetime) -> CaseRow:
    return CaseRow(
        case_no=told.case_no,
        conversation_id=conversation.id,
        status="draft",
        channel=conversation.channel,
        created_at=now,
        questionnaire=told.questionnaire,
        history=[HistoryRow(at=now, actor="reporter", event="begun", detail=from_poster(told))],
    )


def _has_no_plan_yet(row: CaseRow) -> None:
    """Until now it was a draft, and a draft has none of these: they need not be looked for."""
    for name in ("followups", "ledger"):
        if name in inspect(row).unloaded:
            set_committed_value(row, name, [])


def _goes_on(row: CaseRow, told: Told) -> bool:
    """Whether more is told of an unfinished report that staff had put aside."""
    put_aside = row.status == "closed" and row.submitted_at is None
    return put_aside and (told.filed or row.facts["facts"] != told.facts)


def from_poster(told: Told) -> dict[str, Any] | None:
    """What the history says of where a report came from."""
    return {"poster": told.poster["name"]} if told.poster else None


def find(session: Session, case_no: str) -> CaseRow | None:
    """The case of that number."""
    return session.execute(_OF_NUMBER, {"number": case_no}).scalar_one_or_none()


def of_person(session: Session, conversation_id: int) -> list[CaseRow]:
    """The filed cases of one conversation, newest first."""
    return list(session.execute(_OF_PERSON, {"conversation": conversation_id}).scalars())


def known_of(session: Transaction, conversation_id: int) -> list[Known]:
    """The filed cases of one conversation as a turn knows them, newest first."""
    return [Known(*row) for row in session.rows(_KNOWN, conversation=conversation_id)]


def add_information(row: CaseRow, text: str, facts: dict[str, Any], now: datetime) -> None:
    """Add a reporter's words and facts to a filed case; the level is worked out anew.

    As long as a case is no less urgent than before, nobody gets longer to look at it. A fact that
    staff set stays, unless what is told now is more urgent.
    """
    known = row.facts["facts"]
    grown = {name: _grown(name, known.get(name), value) for name, value in facts.items()}
    counting = overrides.heard_over(row, grown, now)
    merged = {**known, **counting}
    if {"carer", "since"} & set(counting) and "planned" not in counting:
        merged.pop("planned", None)  # who is there now was told: the gap is no longer to come
    row.facts = {
        **row.facts,
        "facts": merged,
        "unanswered": {k: v for k, v in row.facts["unanswered"].items() if k not in counting},
        "narrative": "\n".join(part for part in (row.facts["narrative"], text) if part),
    }
    before_level, row.updated_at = row.level, now
    reassess(row, now)
    detail = {"level_before": before_level, "level": row.level, "facts": sorted(facts)}
    note(row, now, "reporter", "information_added", detail)
    aftercare.renew(row, now)


def _grown(name: str, before: Any, value: Any) -> Any:
    """A fact after more was told: lists grow, save ages; whoever is ill is not healthy."""
    if name == "ages" or not (isinstance(before, list) and isinstance(value, list)):
        return value
    both = list(dict.fromkeys([*before, *value]))
    if name == "health" and len(both) > 1:
        both = [entry for entry in both if entry != "healthy"]
    return both


def withdraw(row: CaseRow, now: datetime) -> None:
    """The reporter takes the report back."""
    row.status, row.updated_at, row.ended_at = "withdrawn", now, now
    note(row, now, "reporter", "withdrawn", None)
    aftercare.end(row, "reporter", now)


def close(row: CaseRow, actor: str, why: Any, now: datetime) -> None:
    """Staff end a case that needs nothing more; what is open of its plan is called off.

    Args:
        why: for the history, any JSON value.
    """
    row.status, row.updated_at, row.ended_at = "closed", now, now
    note(row, now, actor, "closed", why)
    aftercare.end(row, actor, now)


def take_transcript(session: Transaction, case_id: int, conversation_id: int, after: int) -> None:
    """Give the conversation's lines from ``after`` on, that no case has yet, to this case."""
    session.change(_TAKE_LINES, conversation=conversation_id, first=after, case=case_id)


def listed(session: Session, status: str | None = None) -> Iterable[CaseRow]:
    """All cases, the oldest first; only those of a status when one is named."""
    query = select(CaseRow).order_by(CaseRow.id)
    if status:
        query = query.where(CaseRow.status == status)
    return session.execute(query.execution_options(yield_per=200)).scalars()
