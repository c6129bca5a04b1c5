"""What staff do with a case: take it on, hand it back, note, visit, refer, close, open again.

Every function works inside the caller's transaction, writes into the case's history and refuses
what makes no sense with a ``HandlingError``. Who may do it is for the console to say
(``bot.console.rights``); settings against the rules are in ``bot.cases.overrides``, handing over
to somebody else is in ``bot.cases.transfers``.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import aftercare, followups, ledger, store
from bot.cases.assessing import assess, reassess
from bot.cases.followup_plan import KINDS
from bot.cases.history import note
from bot.cases.outcomes import outcome_table
from bot.cases.rules import due
from bot.cases.staff_tables import TransferRow
from bot.cases.tables import CaseRow, FollowupRow, LedgerRow
from bot.cases.vocabulary import ENDED, UNITS
from bot.texts import N_

RECORDED = tuple(kind for kind in KINDS if kind != "reminder")
"""What staff do and write down; reminders are sent by the bot."""
LONGEST_WORDS = 2000
MOST_PIECES = 100_000


class HandlingError(Exception):
    """Something that cannot be done; the message is a source text that says why."""


def is_open(row: CaseRow) -> bool:
    """Whether a filed case is still worked on."""
    return row.status != "draft" and row.status not in ENDED


def accept(row: CaseRow, by: str, now: datetime) -> None:
    """Take a case on: it is this person's from now on, and has been looked at.

    An unfinished report stays unfinished; somebody keeps an eye on it.

    Raises:
        HandlingError: somebody else has it, it is being handed over, or it has ended.
    """
    if row.status in ENDED:
        raise HandlingError(N_("这个案件已经结束了。要接着处理，请先重新打开。"))
    if row.status == "transferred":
        raise HandlingError(N_("这个案件正在转办，要先接受、谢绝或撤回转办。"))
    if row.assigned and row.assigned != by and row.status != "new":
        raise HandlingError(N_("这个案件已经有人接手了。"))
    if row.assigned == by and row.status != "new":
        raise HandlingError(N_("这个案件已经在您手里了。"))
    take_on(row, by, now)
    note(row, now, by, "accepted", None)


def take_on(row: CaseRow, worker: str, now: datetime) -> None:
    """Make a case a worker's; whoever takes it has looked, and the look that was due is done."""
    row.assigned, row.updated_at = worker, now
    if row.status == "draft":
        return
    row.status = "accepted"
    for each in followups.open_of(row):
        if each.kind == "next_look" and each.rule and each.rule != ledger.LOOK:
            followups.done(each, worker, now)


def give_back(row: CaseRow, by: str, now: datetime) -> None:
    """Give a case back to the queue, for whoever takes it on next.

    Raises:
        HandlingError: nobody has it, or it has ended.
    """
    if row.status in (*ENDED, "transferred") or not row.assigned:
        raise HandlingError(N_("这个案件现在没有人负责，不用交回。"))
    to_queue(row, now)
    note(row, now, by, "given_back", None)


def to_queue(row: CaseRow, now: datetime) -> None:
    """Nobody has the case any more; its due time is the one that it had."""
    row.assigned, row.updated_at = None, now
    if row.status != "draft":
        row.status = "new"


def assign(row: CaseRow, worker: str, by: str, now: datetime) -> None:
    """Give a case to a colleague.

    Raises:
        HandlingError: it is theirs already, it is being handed over, or it has ended.
    """
    if row.status in ENDED:
        raise HandlingError(N_("这个案件已经结束了。要接着处理，请先重新打开。"))
    if row.status == "transferred":
        raise HandlingError(N_("这个案件正在转办，要先接受、谢绝或撤回转办。"))
    if row.assigned == worker and row.status != "new":
        raise HandlingError(N_("这个案件已经是这位同事负责了。"))
    before = row.assigned
    row.assigned, row.updated_at = worker, now
    row.status = "accepted" if row.status == "new" else row.status
    note(row, now, by, "assigned", {"to": worker, "before": before})


def write_note(row: CaseRow, words: str, by: str, now: datetime) -> None:
    """Leave words for colleagues; the reporter never sees them."""
    row.updated_at = now
    note(row, now, by, "note", {"words": words})


def refer(row: CaseRow, unit: str, why: str, by: str, now: datetime) -> None:
    """Have one more unit told of a case; it stays told through every later assessment.

    Raises:
        HandlingError: the case is not open, or the unit is told already.
    """
    _must_be_open(row)
    if unit not in UNITS:
        raise HandlingError(N_("没有这个单位。"))
    if unit == row.unit or unit in row.assessment["referrals"]:
        raise HandlingError(N_("这个单位已经在负责或已经告知了。"))
    told = {"unit": unit, "actor": by, "why": why, "at": now.isoformat()}
    row.facts = {**row.facts, "referred": [*(row.facts.get("referred") or ()), told]}
    row.updated_at = now
    reassess(row, now)
    note(row, now, by, "referred", {"unit": unit, "why": why})


def record(
    row: CaseRow,
    kind: str,
    words: str,
    by: str,
    now: datetime,
    quantity: int | None = None,
    number: int | None = None,
) -> FollowupRow:
    """Write down that somebody called, visited or brought something.

    It settles the planned follow-up of that kind which is due first, if there is one. Whoever
    records something of a case that nobody has takes it on with that.

    Args:
        quantity: pieces of supplies.
        number: the id of the follow-up that is meant.

    Raises:
        HandlingError: the case is not open, or the follow-up is none of its open ones.
    """
    _must_be_open(row)
    if kind not in RECORDED:
        raise HandlingError(N_("请选做了什么。"))
    if (kind == "supplies") != (quantity is not None):
        raise HandlingError(N_("送了物资，请写一共几件；别的不用写件数。"))
    done = _planned(row, kind, number) or followups.schedule(row, kind, now, by, now, assigned=by)
    followups.done(done, by, now, words, quantity)
    if row.status == "new":
        take_on(row, by, now)
    if row.status == "accepted":
        row.status = "in_progress"
    row.updated_at = now
    return done


def call_off(row: CaseRow, number: int, why: str, by: str, now: datetime) -> None:
    """Call a planned follow-up off.

    Raises:
        HandlingError: it is none of the case's open ones.
    """
    followups.cancel(_the_planned(row, number), by, now, why)
    row.updated_at = now


def schedule(
    row: CaseRow, kind: str, due_at: datetime, by: str, now: datetime, assigned: str | None = None
) -> None:
    """Plan a visit, a call or the like.

    Raises:
        HandlingError: the case is not open, or the time has passed.
    """
    _must_be_open(row)
    if kind not in RECORDED:
        raise HandlingError(N_("请选要做什么。"))
    if due_at < now:
        raise HandlingError(N_("时间已经过去了，请写一个以后的时间。"))
    followups.schedule(row, kind, due_at, by, now, assigned=assigned)
    row.updated_at = now


def close(session: Session, row: CaseRow, outcome: str, words: str, by: str, now: datetime) -> None:
    """End a case, or put an unfinished report aside; it goes on when its reporter goes on.

    Raises:
        HandlingError: it has ended already, or there is no such outcome.
    """
    if row.status in ENDED:
        raise HandlingError(N_("这个案件已经结束了。"))
    if outcome not in outcome_table():
        raise HandlingError(N_("请选结果。"))
    end_transfers(session, row, by, now)
    store.close(row, by, {"outcome": outcome, "words": words}, now)
    row.outcome = outcome


def reopen(row: CaseRow, why: str, by: str, now: datetime) -> None:
    """Go on with a case that had ended: what was called off with it is planned again.

    Its due time starts anew. Whoever had it has it again; otherwise it is in the queue.

    Raises:
        HandlingError: it has not ended, or was never filed.
    """
    if row.status not in ENDED or row.submitted_at is None:
        raise HandlingError(N_("这个案件没有结束，不用重新打开。"))
    before, ended = row.status, row.ended_at
    row.status = "in_progress" if row.assigned else "new"
    row.ended_at = row.outcome = row.duplicate_of = None
    row.updated_at = now
    assess(row, now)
    note(row, now, by, "reopened", {"before": before, "why": why})
    aftercare.take_up(row, ended, by, now)
    if row.assigned:
        until = due(row.level, now)
        if not any(each.due_at <= until for each in followups.open_of(row)):
            followups.schedule(row, "next_look", until, by, now, rule="reopened:next_look")


def mark_duplicate(
    session: Session, row: CaseRow, of: CaseRow, why: str, by: str, now: datetime
) -> None:
    """Say that a case tells what another one tells already; the other one is worked on.

    Raises:
        HandlingError: it has ended, the two are one, or the other is a duplicate or unfinished.
    """
    _must_be_open(row)
    if row.id == of.id:
        raise HandlingError(N_("这就是它自己的编号，请写另一个案件的编号。"))
    if of.status in ("draft", "duplicate", "withdrawn"):
        raise HandlingError(N_("那个案件没填完、已撤回，或者本身就是重复的，不能并到它那里。"))
    end_transfers(session, row, by, now)
    row.status, row.duplicate_of, row.ended_at, row.updated_at = "duplicate", of.id, now, now
    note(row, now, by, "duplicate", {"of": of.case_no, "why": why})
    note(of, now, by, "duplicate_found", {"case_no": row.case_no, "why": why})
    of.updated_at = now
    aftercare.end(row, by, now)


def settle_ledger(row: CaseRow, number: int, decision: str, by: str, now: datetime) -> None:
    """Confirm an entry of the ledger, remove it, or say that somebody has looked.

    Raises:
        HandlingError: the case has no such entry, or there is no such decision.
    """
    entry: LedgerRow | None = next((each for each in row.ledger if each.id == number), None)
    ways = {"confirm": ledger.confirm, "remove": ledger.remove, "refresh": ledger.refresh}
    if entry is None or entry.state == "removed" or decision not in ways:
        raise HandlingError(N_("台账里没有这一条了。"))
    ways[decision](entry, by, now)
    row.updated_at = now


def end_transfers(session: Session, row: CaseRow, by: str, now: datetime) -> None:
    """Nobody has to answer any more for a case that ends."""
    query = select(TransferRow).where(TransferRow.case_id == row.id, TransferRow.state == "asked")
    for each in session.execute(query).scalars():
        each.state, each.answered_at, each.answered_by = "revoked", now, by


def _must_be_open(row: CaseRow) -> None:
    if not is_open(row):
        raise HandlingError(N_("只有还在处理的案件可以这样做。"))


def _planned(row: CaseRow, kind: str, number: int | None) -> FollowupRow | None:
    if number is not None:
        return _the_planned(row, number, kind)
    return next((each for each in followups.open_of(row) if each.kind == kind), None)


def _the_planned(row: CaseRow, number: int, kind: str | None = None) -> FollowupRow:
    for each in followups.open_of(row):
        if each.id == number and kind in (None, each.kind):
            return each
    raise HandlingError(N_("这件事已经做了或取消了。"))
