"""Handing a case over: it is asked, and accepted, declined, revoked, or nobody answers in time.

Until somebody answers the case is ``transferred`` and a look is planned for the time by which an
answer is due, so that it stands in the queue with that time. How long one may take is data
(``transfers.yml``). Every function works inside the caller's transaction.
"""

from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import followups, handling, overrides
from bot.cases.datafile import read_table
from bot.cases.handling import HandlingError
from bot.cases.history import note
from bot.cases.spans import after, is_a_span
from bot.cases.staff_tables import TransferRow
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import LEVELS, UNITS
from bot.datafiles import Strict
from bot.texts import N_

_PATH = Path(__file__).with_name("transfers.yml")
_RULE = "transfer:answer"
"""The rule of the look that is planned for the time by which an answer is due."""


class _Answer(Strict):
    within: dict[str, int]
    why: str
    _span = validator("within", allow_reuse=True)(is_a_span)


class TransferTable(Strict):
    """The schema of ``transfers.yml``."""

    answer: dict[str, _Answer]

    @validator("answer")
    def _all_levels(cls, value: dict[str, _Answer]) -> dict[str, _Answer]:
        if tuple(value) != LEVELS:
            raise ValueError(f"the levels must be {', '.join(LEVELS)}")
        return value


@cache
def transfer_table() -> TransferTable:
    """How long an answer may take, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_PATH, TransferTable)


def answer_by(level: str, now: datetime) -> datetime:
    """Until when somebody has to answer for a case of this level."""
    return after(now, transfer_table().answer[level].within)


def open_of(session: Session, row: CaseRow) -> TransferRow | None:
    """The transfer of a case that nobody has answered yet."""
    query = select(TransferRow).where(TransferRow.case_id == row.id, TransferRow.state == "asked")
    return session.execute(query.order_by(TransferRow.id.desc())).scalars().first()


def of_case(session: Session, row: CaseRow) -> list[TransferRow]:
    """All transfers of a case, the newest first."""
    query = select(TransferRow).where(TransferRow.case_id == row.id)
    return list(session.execute(query.order_by(TransferRow.id.desc())).scalars())


def ask(
    session: Session,
    row: CaseRow,
    to: tuple[str | None, str | None],
    why: str,
    by: str,
    now: datetime,
) -> TransferRow:
    """Ask a unit or a colleague to take a case over.

    Args:
        to: the unit, or the name of the colleague; one of the two.

    Raises:
        HandlingError: the case is not open or being handed over already, or it is theirs.
    """
    unit, worker = to
    _check(row, unit, worker)
    transfer = TransferRow(
        case_id=row.id,
        asked_by=by,
        from_unit=row.unit,
        from_worker=row.assigned,
        from_status=row.status,
        to_unit=unit,
        to_worker=worker,
        why=why,
        state="asked",
        asked_at=now,
        answer_by=answer_by(row.level, now),
    )
    session.add(transfer)
    row.status, row.updated_at = "transferred", now
    note(row, now, by, "transfer_asked", _told(transfer) | {"why": why})
    followups.schedule(row, "next_look", transfer.answer_by, by, now, rule=_RULE)
    return transfer


def _check(row: CaseRow, unit: str | None, worker: str | None) -> None:
    if not handling.is_open(row):
        raise HandlingError(N_("只有还在处理的案件可以这样做。"))
    if row.status == "transferred":
        raise HandlingError(N_("这个案件正在转办，要先接受、谢绝或撤回转办。"))
    if bool(unit) == bool(worker) or (unit and unit not in UNITS):
        raise HandlingError(N_("请选转给哪个单位，或者哪位同事。"))
    if worker and worker == row.assigned:
        raise HandlingError(N_("这个案件已经是这位同事负责了。"))
    if unit and unit == row.unit:
        raise HandlingError(N_("这个案件已经由这个单位负责了。"))


def accept(row: CaseRow, transfer: TransferRow, by: str, now: datetime) -> None:
    """Take over what was offered; the unit that it was offered to is responsible from now on.

    Raises:
        HandlingError: it is answered already.
    """
    _answer(row, transfer, "accepted", (by, None), now)
    row.status = "accepted"
    handling.take_on(row, by, now)
    note(row, now, by, "transfer_accepted", _told(transfer))
    if transfer.to_unit and transfer.to_unit != row.unit:
        overrides.override_unit(row, transfer.to_unit, by, str(transfer.why), now)


def decline(row: CaseRow, transfer: TransferRow, why: str, by: str, now: datetime) -> None:
    """Say no, with a reason; the case is where it was before.

    Raises:
        HandlingError: it is answered already.
    """
    _answer(row, transfer, "declined", (by, why), now)
    _restore(row, transfer)
    note(row, now, by, "transfer_declined", _told(transfer) | {"why": why})


def revoke(row: CaseRow, transfer: TransferRow, by: str, now: datetime) -> None:
    """Take the offer back; the case is where it was before.

    Raises:
        HandlingError: it is answered already.
    """
    _answer(row, transfer, "revoked", (by, None), now)
    _restore(row, transfer)
    note(row, now, by, "transfer_revoked", _told(transfer))


def overdue(session: Session, now: datetime) -> list[int]:
    """The ids of the transfers that nobody answered in time."""
    query = select(TransferRow.id).where(TransferRow.state == "asked", TransferRow.answer_by <= now)
    return list(session.execute(query.order_by(TransferRow.answer_by)).scalars())


def expire(session: Session, now: datetime) -> int:
    """Put every case that nobody answered for in time back into the queue, for everybody.

    Returns:
        how many there were.
    """
    found = 0
    for number in overdue(session, now):
        case_id = select(TransferRow.case_id).where(TransferRow.id == number)
        row = session.get(CaseRow, session.execute(case_id).scalar_one(), with_for_update=True)
        transfer = session.get(TransferRow, number, with_for_update=True, populate_existing=True)
        if transfer.state != "asked":
            continue  # answered in the meantime
        if row.status != "transferred":  # its reporter took it back
            transfer.state, transfer.answered_at = "revoked", now
            transfer.answered_by = followups.SYSTEM
            continue
        _answer(row, transfer, "expired", (followups.SYSTEM, None), now)
        handling.to_queue(row, now)
        note(row, now, followups.SYSTEM, "transfer_expired", _told(transfer))
        found += 1
    return found


def _answer(
    row: CaseRow, transfer: TransferRow, state: str, by: tuple[str, str | None], now: datetime
) -> None:
    if transfer.state != "asked" or row.status != "transferred":
        raise HandlingError(N_("这次转办已经有答复了。"))
    transfer.state, transfer.answered_at = state, now
    transfer.answered_by, transfer.answer = by
    row.updated_at = now
    for each in followups.open_of(row):
        if each.rule == _RULE:
            followups.cancel(each, followups.SYSTEM, now)


def _restore(row: CaseRow, transfer: TransferRow) -> None:
    row.status, row.assigned = transfer.from_status, transfer.from_worker


def _told(transfer: TransferRow) -> dict[str, str | None]:
    return {
        "to_unit": transfer.to_unit,
        "to_worker": transfer.to_worker,
        "from_worker": transfer.from_worker,
    }
