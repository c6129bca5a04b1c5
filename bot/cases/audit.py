"""The audit: who read or did what, each row sealed together with the one before it.

A row is written in the transaction of what it tells of, so that neither is there without the
other. The seals are a chain of keyed hashes (HMAC-SHA-256): a row that is changed, taken out or
put in between breaks it, and so does a row that is missing at the end, since the head counts them.
Whoever holds both the database and the key can write another chain; a seal that was noted
elsewhere (``hutong audit verify --expect``) shows that too.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.cases.staff_tables import AuditHeadRow, AuditRow

PRUNED = "audit_pruned"
_START = "0" * 64
_HEAD, _BASE = 1, 2  # the head, and what lies below the first row once older ones were pruned


@dataclass(frozen=True)
class Audit:
    """Writes and checks the audit.

    Args:
        key: key material of the seals.
    """

    key: bytes

    def write(
        self,
        session: Session,
        at: datetime,
        actor: str,
        action: str,
        case_no: str | None = None,
        detail: Any = None,
    ) -> None:
        """Add a row in the caller's transaction.

        Args:
            at: aware.
            actor: the name of the member of staff, or ``system``.
            action: what was done, as ``case_read``.
            detail: any JSON value; never what a reporter wrote.
        """
        head = session.get(AuditHeadRow, _HEAD, with_for_update=True, populate_existing=True)
        if head is None:
            head = AuditHeadRow(id=_HEAD, count=0, seal=_START)
            session.add(head)
            session.flush()
        row = AuditRow(at=at, actor=actor, action=action, case_no=case_no, detail=detail)
        row.seal = self._seal(row, head.seal)
        head.count += 1
        head.seal = row.seal
        session.add(row)
        session.flush()

    def broken(self, session: Session) -> str | None:
        """What is wrong with the chain, in a sentence; ``None`` when it is whole.

        Rows that are written while it is read are no fault: the head is read before and after.
        """
        base = _head(session, _BASE)
        found = self._broken_from(session, base)
        # rows that were pruned while it was read are no fault either
        return self._broken_from(session, _head(session, _BASE)) if found else None

    def prune(self, session: Session, before: datetime, now: datetime) -> int:
        """Delete the rows from before a moment; a row of the audit itself vouches for that.

        Returns:
            how many rows.
        """
        session.get(AuditHeadRow, _HEAD, with_for_update=True, populate_existing=True)
        kept = select(AuditRow.id).where(AuditRow.at >= before).order_by(AuditRow.id).limit(1)
        first = session.execute(kept).scalar()
        old = AuditRow.id < first if first is not None else AuditRow.at < before
        last = session.execute(select(AuditRow).where(old).order_by(AuditRow.id.desc()).limit(1))
        row = last.scalar_one_or_none()
        if row is None:
            return 0
        base = session.get(AuditHeadRow, _BASE) or AuditHeadRow(id=_BASE, count=0)
        gone = session.execute(select(func.count(AuditRow.id)).where(old)).scalar()
        base.count, base.seal = base.count + gone, row.seal
        session.add(base)
        session.flush()
        session.execute(delete(AuditRow).where(old).execution_options(synchronize_session=False))
        session.expire_all()
        self.write(session, now, "system", PRUNED, None, _vouched((base.count, base.seal)))
        return int(gone)

    def _broken_from(self, session: Session, base: tuple[int, str]) -> str | None:
        before, middle = _head(session), base[1]
        count, seal = base
        vouched = not count
        for row in _rows(session):
            if not hmac.compare_digest(row.seal, self._seal(row, seal)):
                return f"Row {row.id} of the audit, or one before it, was changed or taken out."
            seal, count = row.seal, count + 1
            vouched = vouched or (row.action == PRUNED and row.detail == _vouched(base))
            if count == before[0]:
                middle = seal
        if not vouched:
            return (
                f"The first {base[0]} rows of the audit were taken out, and nothing vouches for it."
            )
        after = _head(session)
        if middle != before[1] or not before[0] <= count <= after[0]:
            return f"The audit has {count} rows where {after[0]} were written."
        return None

    def _seal(self, row: AuditRow, before: str) -> str:
        told = [before, row.at.isoformat(), row.actor, row.action, row.case_no, row.detail]
        content = json.dumps(told, ensure_ascii=True, sort_keys=True).encode()
        return hmac.new(self.key, b"audit/" + content, hashlib.sha256).hexdigest()


def _vouched(base: tuple[int, str]) -> dict[str, Any]:
    return {"count": base[0], "seal": base[1]}


def _head(session: Session, number: int = _HEAD) -> tuple[int, str]:
    """How many rows were written (or pruned), and the last one's seal."""
    head = session.get(AuditHeadRow, number, populate_existing=True)
    return (head.count, head.seal) if head else (0, _START)


def _rows(session: Session) -> Iterator[AuditRow]:
    query = select(AuditRow).order_by(AuditRow.id)
    yield from session.execute(query.execution_options(yield_per=500)).scalars()
