"""The audit read: by who, what, which case and when; page by page, and as a file."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.export import harmless
from bot.cases.staff_tables import AuditHeadRow, AuditRow
from bot.clock import SHANGHAI

_AT_ONCE = 1000
Reading = Callable[[], AbstractContextManager[Session]]
COLUMNS = ("id", "at", "actor", "action", "case_no", "detail", "seal")
VERIFIED = "audit_verified"
"""The action under which a check of the whole chain is written down."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of the audit are wanted; ``None`` and empty values ask for all."""

    actor: str = ""
    action: str = ""
    case_no: str = ""
    first: date | None = None
    last: date | None = None

    def conditions(self) -> list[Any]:
        """The conditions on ``AuditRow``."""
        found = []
        for column, value in (
            (AuditRow.actor, self.actor),
            (AuditRow.action, self.action),
            (AuditRow.case_no, self.case_no),
        ):
            if value:
                found.append(column == value)
        if self.first:
            found.append(AuditRow.at >= datetime.combine(self.first, time(), SHANGHAI))
        if self.last:
            after = self.last + timedelta(days=1)
            found.append(AuditRow.at < datetime.combine(after, time(), SHANGHAI))
        return found

    def told(self) -> dict[str, str]:
        """What was asked for, as the audit's own row tells it."""
        return {name: str(value) for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Standing:
    """How many rows there are, the last seal, and the last check of the chain."""

    count: int
    seal: str
    verified: AuditRow | None


def rows(session: Session, wanted: Wanted, before: int | None, limit: int) -> list[AuditRow]:
    """The newest rows that are wanted, those before an id when one is named."""
    query = select(AuditRow).where(*wanted.conditions())
    if before is not None:
        query = query.where(AuditRow.id < before)
    return list(session.execute(query.order_by(AuditRow.id.desc()).limit(limit)).scalars())


def standing(session: Session) -> Standing:
    """Where the audit stands; reads three rows, however many there are."""
    head = session.get(AuditHeadRow, 1)
    query = select(AuditRow).where(AuditRow.action == VERIFIED).order_by(AuditRow.id.desc())
    verified = session.execute(query.limit(1)).scalar_one_or_none()
    return Standing(head.count if head else 0, head.seal if head else "", verified)


def holds(session: Session, seal: str) -> bool:
    """Whether a seal that was noted elsewhere is one of the audit's rows still."""
    query = select(func.count(AuditRow.id)).where(AuditRow.seal == seal)
    return bool(session.execute(query).scalar())


def last_id(session: Session) -> int:
    """The newest row's id, 0 when there is none."""
    return session.execute(select(func.max(AuditRow.id))).scalar() or 0


def everything(reading: Reading, wanted: Wanted, upto: int) -> Iterator[AuditRow]:
    """Wanted rows in the order in which they were written, up to an id.

    A short transaction for each thousand: a reader who is slow holds nothing up.
    """
    last = 0
    while True:
        query = (
            select(AuditRow)
            .where(AuditRow.id > last, AuditRow.id <= upto, *wanted.conditions())
            .order_by(AuditRow.id)
            .limit(_AT_ONCE)
        )
        with reading() as session:
            found = list(session.execute(query).scalars())
        yield from found
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id


def as_csv(found: Iterator[AuditRow]) -> Iterator[bytes]:
    """Rows as lines of a CSV file (UTF-8 with BOM, as spreadsheets want), a heading first."""
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    for row in found:
        detail = "" if row.detail is None else json.dumps(row.detail, ensure_ascii=False)
        values = (row.id, row.at.isoformat(), row.actor, row.action, row.case_no, detail, row.seal)
        yield _line(values)


def _line(values: tuple[Any, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(["" if value is None else harmless(value) for value in values])
    return text.getvalue().encode("utf-8", "replace")
