"""Follow-ups of a case, from planned to done; every function works inside the caller's transaction.

Each change is written into the case's history. A follow-up that is late is not marked: being
missed is a matter of the clock (``is_missed``).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from bot.cases.followup_plan import KINDS, Item, Wanted, followup_table, unit_of, wanted
from bot.cases.history import note
from bot.cases.situation import situation_of
from bot.cases.spans import after
from bot.cases.tables import CaseRow, FollowupRow
from bot.cases.vocabulary import ENDED

SYSTEM = "system"
_PLANNED = literal_column("'planned'")  # as the index that holds only these has it


class FollowupError(Exception):
    """Something that cannot be done with a follow-up; the message says why."""


def plan(case: CaseRow, now: datetime) -> None:
    """Bring a case's plan up to its level and situation.

    What is done, and what staff scheduled or called off, stays as it is. What is planned and
    still asked for keeps its due time; what is asked for no longer is called off. Planning
    twice changes nothing.
    """
    if case.status == "draft" or case.status in ENDED:
        return
    needed = wanted(case.level, situation_of(case.facts, case.report_type, now), case.unit, now)
    ours = [row for row in case.followups if row.rule and ":" not in row.rule]
    names = {each.rule for each in needed}
    dropped = [row for row in ours if row.state == "planned" and row.rule not in names]
    for row in dropped:
        _end(row, "cancelled", SYSTEM, now)
    added = [_add(case, each, dropped, now) for each in needed if not _is_settled(ours, each)]
    for row in ours:
        same = [each for each in needed if each.rule == row.rule and row.state == "planned"]
        row.unit = same[0].unit if same else row.unit
    if added or dropped:
        detail = {"planned": [_told(r) for r in added], "cancelled": [r.rule for r in dropped]}
        note(case, now, SYSTEM, "followups_planned", detail)


def _is_settled(rows: list[FollowupRow], need: Wanted) -> bool:
    """Whether what is needed is planned or done, or was called off by a person."""
    once = followup_table().kinds[need.item.kind].once
    for row in rows:
        if once and row.kind == need.item.kind and row.state == "done" and row.unit == need.unit:
            return True
        if row.rule == need.rule and not (row.state == "cancelled" and row.done_by == SYSTEM):
            return True
    return False


def _add(case: CaseRow, need: Wanted, dropped: list[FollowupRow], now: datetime) -> FollowupRow:
    """A new row; a worker who was named for the one that it takes the place of stays named."""
    before = (r.assigned for r in dropped if r.kind == need.item.kind and r.unit == need.unit)
    return _planned(
        case,
        now,
        kind=need.item.kind,
        due_at=need.due_at,
        unit=need.unit,
        assigned=next((name for name in before if name), None),
        content={"says": need.item.says} if need.item.says else None,
        rule=need.rule,
    )


def _planned(case: CaseRow, now: datetime, **values: Any) -> FollowupRow:
    row = FollowupRow(state="planned", created_at=now, **values)
    case.followups.append(row)
    return row


def schedule(
    case: CaseRow,
    kind: str,
    due: datetime,
    by: str,
    now: datetime,
    *,
    says: str | None = None,
    words: str | None = None,
    anyway: bool = False,
    assigned: str | None = None,
    rule: str | None = None,
) -> FollowupRow:
    """Plan one follow-up more.

    Args:
        due: aware.
        by: who schedules it, for the history.
        says: for a reminder, one of the table's.
        words: for a reminder, own words instead.
        anyway: a reminder that goes out although another went out that day.
        rule: the line of a table that asks for it; ``None``: a person does.

    Raises:
        FollowupError: the case is not open, or the kind or the reminder does not exist.
    """
    if rule is None and (case.status == "draft" or case.status in ENDED):
        raise FollowupError(f"The case {case.case_no} is not open.")
    if kind not in KINDS:
        raise FollowupError(f"There is no kind {kind!r}; there are {', '.join(KINDS)}.")
    content = _content(kind, says, words, anyway)
    values = {"unit": case.unit, "assigned": assigned, "content": content, "rule": rule}
    row = _planned(case, now, kind=kind, due_at=due, **values)
    note(case, now, by, "followup_scheduled", _told(row))
    return row


def _content(kind: str, says: str | None, words: str | None, anyway: bool) -> dict[str, Any] | None:
    reminders = followup_table().reminders
    if kind != "reminder":
        if says or words:
            raise FollowupError("Only a reminder says something.")
        return None
    if bool(says) == bool(words):
        raise FollowupError("A reminder needs one of the table's texts or own words.")
    if says and says not in reminders:
        raise FollowupError(f"There is no reminder {says!r}; there are {', '.join(reminders)}.")
    return {"says": says, "words": words, "anyway": anyway}


def bring_forward(case: CaseRow, item: Item, rule: str, by: str, now: datetime) -> FollowupRow:
    """Make sure that something is done by ``item.due`` from now: sooner, never later than planned."""
    due = after(now, item.due)
    same = [row for row in open_of(case) if row.kind == item.kind and _says(row) == item.says]
    if not same:
        row = schedule(case, item.kind, due, by, now, says=item.says, rule=rule)
        row.unit = unit_of(item, case.unit)
        return row
    row = min(same, key=lambda each: each.due_at)
    if due < row.due_at:
        row.due_at = due
        note(case, now, by, "followup_moved", _told(row))
    return row


def done(
    row: FollowupRow, by: str, now: datetime, words: str | None = None, quantity: int | None = None
) -> None:
    """Record that something was done, with what was seen or said, and pieces of supplies.

    Raises:
        FollowupError: it is not open, or a number is given for what is not counted.
    """
    if quantity is not None and (row.kind != "supplies" or quantity < 1):
        raise FollowupError("A quantity is for supplies, and at least 1.")
    _end(row, "done", by, now)
    row.quantity = quantity
    row.record = {"words": words} if words else None
    note(row.case, now, by, "followup_done", {"kind": row.kind, "rule": row.rule})


def cancel(row: FollowupRow, by: str, now: datetime, words: str | None = None) -> None:
    """Call something off.

    Raises:
        FollowupError: it is not open.
    """
    _end(row, "cancelled", by, now)
    row.record = {"words": words} if words else None
    note(row.case, now, by, "followup_cancelled", {"kind": row.kind, "rule": row.rule})


def cancel_open(case: CaseRow, by: str, now: datetime, keep: str | None = None) -> None:
    """Call off what is open; rules that begin with ``keep`` stay."""
    for row in open_of(case):
        if not (keep and row.rule and row.rule.startswith(keep)):
            cancel(row, by, now)


def take_up(case: CaseRow, called_off: datetime, now: datetime, but: tuple[str, ...]) -> None:
    """Plan again what was called off when a case ended: as much time is left as there was then.

    Args:
        called_off: the moment at which the case ended.
        but: beginnings of the rules that somebody else plans anew.
    """
    rows = [row for row in case.followups if row.state == "cancelled" and row.done_at == called_off]
    for row in rows:
        if row.rule and row.rule.startswith(but):
            continue
        row.due_at = max(row.due_at + (now - called_off), now)
        row.state, row.done_at, row.done_by, row.record = "planned", None, None, None


def open_of(case: CaseRow) -> list[FollowupRow]:
    """What is still to be done for a case, the earliest first."""
    rows = [row for row in case.followups if row.state == "planned"]
    return sorted(rows, key=lambda row: row.due_at)


def due_before(
    session: Session,
    moment: datetime | None = None,
    region: str | None = None,
    kind: str | None = None,
) -> Iterable[FollowupRow]:
    """What is open, the earliest due first.

    Args:
        kind: only this kind.
        moment: only what is due until then, aware.
        region: only this region, by the first digits of its code (GB/T 2260).
    """
    query = select(FollowupRow).join(CaseRow).where(FollowupRow.state == _PLANNED)
    if moment is not None:
        query = query.where(FollowupRow.due_at <= moment)
    if kind:
        query = query.where(FollowupRow.kind == kind)
    if region:
        query = query.where(CaseRow.region.startswith(region, autoescape=True))
    return session.execute(query.order_by(FollowupRow.due_at, FollowupRow.id)).scalars()


def is_missed(row: FollowupRow, now: datetime) -> bool:
    """Whether the time has passed and nobody has done it."""
    return bool(row.state == "planned" and row.due_at < now)


def _end(row: FollowupRow, state: str, by: str, now: datetime) -> None:
    if row.state != "planned":
        raise FollowupError(f"The follow-up {row.id} is {row.state} already.")
    row.state, row.done_at, row.done_by = state, now, by


def _says(row: FollowupRow) -> str | None:
    return (row.content or {}).get("says")


def _told(row: FollowupRow) -> dict[str, Any]:
    """A follow-up as the history tells of it."""
    return {"kind": row.kind, "rule": row.rule, "due_at": row.due_at.isoformat()}
