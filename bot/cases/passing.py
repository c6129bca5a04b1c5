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
from bot.cases.vocabulary import ENDED


def may_be_worse(session: Session, now: datetime) -> list[int]:
    """The open cases that the rules may call more urgent by now than when last looked at."""
    query = select(CaseRow.id).where(
        CaseRow.urgency.is_not(None), CaseRow.worsens_at <= now, CaseRow.status != "draft"
    )
    return list(session.execute(query.order_by(CaseRow.worsens_at)).scalars())


def look_again(row: CaseRow, now: datetime) -> bool:
    """Assess a case anew if it has grown worse by time alone; the history says so.

    Returns:
        whether it has.
    """
    if row.status == "draft" or row.status in ENDED:
        return False
    if not _is_worse(row, now):
        row.worsens_at = situation_of(row.facts, row.report_type, now).changes_at()
        return False
    before = row.level
    reassess(row, now)
    row.updated_at = now
    note(row, now, "system", "time_passed", {"level_before": before, "level": row.level})
    aftercare.renew(row, now)
    return True


def _is_worse(row: CaseRow, now: datetime) -> bool:
    last = (row.assessment or {}).get("by_rules", row.level)
    level = triage(situation_of(row.facts, row.report_type, now), now).level
    return urgency(level) > urgency(last)
