"""The history of a case."""

from datetime import datetime
from typing import Any

from bot.cases.tables import CaseRow, HistoryRow


def note(row: CaseRow, at: datetime, actor: str, event: str, detail: Any) -> None:
    """Add a line to a case's history: who, what, and the detail."""
    row.history.append(HistoryRow(at=at, actor=actor, event=event, detail=detail))
