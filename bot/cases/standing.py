"""Where a case stands in the queue: how urgent it is, and until when somebody must do something."""

from typing import Any

from sqlalchemy.orm import Session

from bot.cases.tables import CaseRow, FollowupRow
from bot.cases.vocabulary import ENDED, LEVELS


def stand(row: CaseRow) -> None:
    """Work out ``urgency`` and ``waits_until`` anew.

    A report that nobody looked at waits for its due time; a case that somebody works on waits for
    the earliest of its planned follow-ups. Cases that have ended, and drafts that were given up,
    stand nowhere.
    """
    over = row.status in ENDED or (row.status == "draft" and (row.facts or {}).get("cancelled"))
    if over or row.level is None:
        row.urgency = row.waits_until = None
        return
    row.urgency = LEVELS.index(row.level)
    if row.status in ("draft", "new"):
        row.waits_until = row.due_at
        return
    planned = [each.due_at for each in row.followups if each.state == "planned"]
    row.waits_until = min(planned, default=None)


def before_flush(session: Session, *_: Any) -> None:
    """Keep the standing of every case that is about to be written (a listener of the session)."""
    changed = session.new | session.dirty
    rows = {row for row in changed if isinstance(row, CaseRow)}
    rows |= {row.case for row in changed if isinstance(row, FollowupRow) and row.case}
    with session.no_autoflush:
        for row in rows:
            stand(row)
            if session.is_modified(row):
                row.version = (row.version or 0) + 1
