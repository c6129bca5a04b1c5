"""Cases in and out of the database; every function works inside the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.rules import Risk, Routing, route, triage
from bot.cases.situation import Situation
from bot.cases.tables import CaseRow, ConversationRow, HistoryRow, TranscriptRow
from bot.cases.vocabulary import LEVELS


@dataclass(frozen=True)
class Told:
    """A report as the dialogue hands it over, filed or not.

    ``facts`` are keyed by question; ``unanswered`` holds "unknown" or "declined" by question;
    ``sources`` the message that each fact came from.
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


def save(session: Session, conversation: ConversationRow, told: Told, now: datetime) -> CaseRow:
    """Write a report down as a case: a draft until it is filed, then new."""
    row = find(session, told.case_no)
    if row is None:
        row = CaseRow(
            case_no=told.case_no,
            conversation_id=conversation.id,
            status="draft",
            channel=conversation.channel,
            created_at=now,
            questionnaire=told.questionnaire,
            history=[HistoryRow(at=now, actor="reporter", event="begun")],
        )
        session.add(row)
    row.report_type = told.report_type
    row.language = conversation.language
    row.updated_at = now
    row.facts = {
        "facts": told.facts,
        "unanswered": told.unanswered,
        "sources": told.sources,
        "narrative": "\n".join(told.narrative),
        "cancelled": told.cancelled,
    }
    assess(row, row.submitted_at or now)
    if told.filed and row.status == "draft":
        row.status, row.submitted_at = "new", now
        assess(row, now)
        note(row, now, "reporter", "submitted", None)
        note(row, now, "system", "assessed", {"level": row.level, "unit": row.unit})
    return row


def assess(row: CaseRow, since: datetime) -> None:
    """Work out level, due time and unit anew from the facts.

    Args:
        since: when the clock of the due time started.
    """
    held = row.facts
    situation = Situation(
        held["facts"], row.report_type or "unattended_child", since, frozenset(held["unanswered"])
    )
    risk, routing = triage(situation, since), route(situation)
    row.level, row.due_at, row.unit = risk.level, risk.due_at, routing.unit
    row.region = (held["facts"].get("location") or {}).get("adcode")
    row.assessment = _assessment(risk, routing)


def _assessment(risk: Risk, routing: Routing) -> dict[str, Any]:
    return {
        "reasons": risk.sentences(),
        "referrals": list(routing.referrals),
        "why": routing.why,
    }


def find(session: Session, case_no: str) -> CaseRow | None:
    """The case of that number."""
    return session.execute(select(CaseRow).where(CaseRow.case_no == case_no)).scalar_one_or_none()


def of_person(session: Session, conversation_id: int) -> list[CaseRow]:
    """The filed cases of one conversation, newest first."""
    query = (
        select(CaseRow)
        .where(CaseRow.conversation_id == conversation_id, CaseRow.status != "draft")
        .order_by(CaseRow.id.desc())
        .limit(10)
    )
    return list(session.execute(query).scalars())


def add_information(row: CaseRow, text: str, facts: dict[str, Any], now: datetime) -> None:
    """Add a reporter's words and facts to a filed case; the level is worked out anew.

    As long as a case is no less urgent than before, nobody gets longer to look at it.
    """
    held = {
        **row.facts,
        "facts": dict(row.facts["facts"]),
        "unanswered": {k: v for k, v in row.facts["unanswered"].items() if k not in facts},
    }
    for name, value in facts.items():
        held["facts"][name] = _grown(name, held["facts"].get(name), value)
    held["narrative"] = "\n".join(part for part in (held["narrative"], text) if part)
    before_level, before_due = row.level, row.due_at
    row.facts, row.updated_at = held, now
    assess(row, now)
    if LEVELS.index(row.level) <= LEVELS.index(before_level):
        row.due_at = min(row.due_at, before_due)
    detail = {"level_before": before_level, "level": row.level, "facts": sorted(facts)}
    note(row, now, "reporter", "information_added", detail)


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
    row.status, row.updated_at = "withdrawn", now
    note(row, now, "reporter", "withdrawn", None)


def take_transcript(session: Session, row: CaseRow, conversation_id: int, after: int) -> None:
    """Give the conversation's lines from ``after`` on, that no case has yet, to this case."""
    session.flush()
    session.query(TranscriptRow).filter(
        TranscriptRow.conversation_id == conversation_id,
        TranscriptRow.case_id.is_(None),
        TranscriptRow.id >= after,
    ).update({"case_id": row.id}, synchronize_session=False)


def listed(session: Session, status: str | None = None) -> Iterable[CaseRow]:
    """All cases, the oldest first; only those of a status when one is named."""
    query = select(CaseRow).order_by(CaseRow.id)
    if status:
        query = query.where(CaseRow.status == status)
    return session.execute(query.execution_options(yield_per=200)).scalars()


def note(row: CaseRow, at: datetime, actor: str, event: str, detail: Any) -> None:
    """Add a line to a case's history: who, what, and the detail."""
    row.history.append(HistoryRow(at=at, actor=actor, event=event, detail=detail))
