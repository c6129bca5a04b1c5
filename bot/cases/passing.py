"""What time alone does to a case: a child that was alone for some hours has been alone for a night.

Every function works inside the caller's transaction.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import aftercare
from bot.cases.assessing import reassess, urgency
from bot.cases.history import note
from bot.cases.rules import triage
from bot.cases.situation import situation_of
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import ENDED, LEVELS


def grown_worse(session: Session, now: datetime) -> list[int]:
    """The open cases that the rules call more urgent by now than when they were last assessed."""
    query = select(CaseRow).where(
        CaseRow.status.not_in(("draft", *ENDED)), CaseRow.level != LEVELS[0]
    )
    rows = session.execute(query.execution_options(yield_per=200)).scalars()
    return [row.id for row in rows if _is_worse(row, now)]


def look_again(row: CaseRow, now: datetime) -> None:
    """Assess a case anew if it has grown worse by time alone; the history says so."""
    if row.status == "draft" or row.status in ENDED or not _is_worse(row, now):
        return
    before = row.level
    reassess(row, now)
    row.updated_at = now
    note(row, now, "system", "time_passed", {"level_before": before, "level": row.level})
    aftercare.renew(row, now)


def _is_worse(row: CaseRow, now: datetime) -> bool:
    last = (row.assessment or {}).get("by_rules", row.level)
    level = triage(situation_of(row.facts, row.report_type, now), now).level
    return urgency(level) > urgency(last)
