"""The acts on a case: each is one transaction with its line of the history and its audit row.

Every form carries the version of the case that its page showed. Has somebody changed the case
since, nothing is overwritten: the page comes back with what happened meanwhile and all that was
typed, and the act is to be confirmed again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import handling, overrides, related, search, transfers
from bot.cases.followups import FollowupError
from bot.cases.handling import HandlingError
from bot.cases.overrides import FACTS, OverrideError
from bot.cases.staff_tables import TransferRow
from bot.cases.tables import CaseRow
from bot.console import case, forms
from bot.console.case import Attempt
from bot.console.offers import ACTS, Offers, colleagues, is_theirs
from bot.console.pages import Page, View, Visit, to
from bot.texts import N_

_CHANGED = N_("您打开这一页以后，别人改了这个案件，所以还没有执行。请看看变了什么，再确认一次。")
_UNFIT = N_("还没有执行，请看下面标出的地方。")


@dataclass(frozen=True)
class Doing:
    """An act under way: who does it to which case, and what they filled in."""

    visit: Visit
    session: Session
    row: CaseRow
    form: Any
    what: str
    transfer: TransferRow | None

    @property
    def by(self) -> str:
        """Who does it."""
        return self.visit.staff.name

    @property
    def now(self) -> datetime:
        """When."""
        return self.visit.now

    @property
    def number(self) -> int:
        """The id that the form names; 0 for none."""
        return int(self.what) if self.what.isdecimal() and len(self.what) < 10 else 0

    def answered(self) -> TransferRow:
        """The transfer that is to be answered.

        Raises:
            HandlingError: there is none any more.
        """
        if self.transfer is None:
            raise HandlingError(N_("这次转办已经有答复了。"))
        return self.transfer


class _NotDoneError(Exception):
    """An act that was not carried out; nothing of it is written."""

    def __init__(self, attempt: Attempt, status: int) -> None:
        super().__init__()
        self.attempt = attempt
        self.status = status


Detail = dict[str, Any] | None
"""What the audit says of an act besides its name; never what somebody wrote."""


def _view(act: str) -> View:
    def view(visit: Visit) -> Response:
        try:
            with visit.database.writing() as session:
                row = case.find(visit, session, lock=True)
                _perform(visit, session, row, act)
                session.flush()
                query = select(CaseRow.id).where(CaseRow.id == row.id, visit.staff.sight())
                still_seen = session.execute(query).first() is not None
        except _NotDoneError as not_done:
            return case.render(visit, not_done.attempt, not_done.status)
        return to(f"/cases/{row.case_no}?done={act}#done" if still_seen else "/")

    return view


def _perform(visit: Visit, session: Session, row: CaseRow, act: str) -> None:
    """Carry an act out, with its audit row, or raise without having written anything."""
    transfer = transfers.open_of(session, row)
    if not is_theirs(visit.staff, row, act, transfer):
        raise visit.refuse(visit.t(_WHOSE.get(act, _WHOSE["close"])), 403)
    what = visit.words("what")
    key = f"{act}:{what}" if what else act
    if act == "fact" and what not in FACTS:
        raise visit.refuse(visit.t("没有这一项。"), 400)
    offers = Offers(row, tuple(colleagues(session, row)), visit.t)
    form = offers.form(act, what, visit.form)
    fits = form.validate()
    if visit.words("version") != str(row.version):
        raise _NotDoneError(Attempt(key, form, visit.t(_CHANGED), _last_seen(visit)), 409)
    if not fits:
        raise _NotDoneError(Attempt(key, form, visit.t(_UNFIT)), 422)
    try:
        detail = _DO[act](Doing(visit, session, row, form, what, transfer))
    except HandlingError as error:
        raise _NotDoneError(Attempt(key, form, visit.t(str(error))), 409) from None
    except (OverrideError, FollowupError, related.RelatedError):
        problem = visit.t("现在不能这样做，请看看案件现在的情况。")
        raise _NotDoneError(Attempt(key, form, problem), 409) from None
    visit.audit(session, f"case_{act.replace('-', '_')}", row.case_no, detail)


def _last_seen(visit: Visit) -> int:
    """The last line of the history on the page that the form was on."""
    last = visit.words("last")
    return int(last) if last.isdecimal() else 0


_WHOSE: Mapping[str, str] = MappingProxyType(
    {
        "close": N_("只能办结自己接手的案件。请先接手，或找督导员。"),
        "duplicate": N_("只能处理自己接手的案件。请先接手，或找督导员。"),
        "give-back": N_("这个案件不在您手里，不能由您交回。"),
        "transfer": N_("这个案件由别人负责，不能由您转办。"),
        "transfer-accept": N_("这次转办不是请您答复的。"),
        "transfer-decline": N_("这次转办不是请您答复的。"),
        "transfer-revoke": N_("这次转办不是您提出的，不能由您撤回。"),
    }
)


def _accept(doing: Doing) -> Detail:
    handling.accept(doing.row, doing.by, doing.now)
    return None


def _give_back(doing: Doing) -> Detail:
    handling.give_back(doing.row, doing.by, doing.now)
    return None


def _assign(doing: Doing) -> Detail:
    worker = doing.form.worker.data
    handling.assign(doing.row, worker, doing.by, doing.now)
    return {"to": worker}


def _transfer(doing: Doing) -> Detail:
    kind, _, name = doing.form.to.data.partition(":")
    to_whom = (name, None) if kind == "unit" else (None, name)
    transfers.ask(doing.session, doing.row, to_whom, doing.form.why.data, doing.by, doing.now)
    return {"to": name}


def _transfer_accept(doing: Doing) -> Detail:
    transfers.accept(doing.row, doing.answered(), doing.by, doing.now)
    return None


def _transfer_decline(doing: Doing) -> Detail:
    transfers.decline(doing.row, doing.answered(), doing.form.why.data, doing.by, doing.now)
    return None


def _transfer_revoke(doing: Doing) -> Detail:
    transfers.revoke(doing.row, doing.answered(), doing.by, doing.now)
    return None


def _refer(doing: Doing) -> Detail:
    unit = doing.form.unit.data
    handling.refer(doing.row, unit, doing.form.why.data, doing.by, doing.now)
    return {"unit": unit}


def _level(doing: Doing) -> Detail:
    before, level = doing.row.level, doing.form.level.data
    overrides.override_level(doing.row, level, doing.by, doing.form.why.data, doing.now)
    return {"before": before, "after": level}


def _unit(doing: Doing) -> Detail:
    before, unit = doing.row.unit, doing.form.unit.data
    overrides.override_unit(doing.row, unit, doing.by, doing.form.why.data, doing.now)
    return {"before": before, "after": unit}


def _fact(doing: Doing) -> Detail:
    try:
        value = forms.fact_value(doing.what, doing.form)
    except ValueError as error:
        raise HandlingError(str(error)) from None
    overrides.override_fact(doing.row, doing.what, value, doing.by, doing.form.why.data, doing.now)
    if doing.what == "location":
        search.take_in(doing.session, doing.row, doing.visit.console.hashed)
    return {"what": doing.what}


def _lift(doing: Doing) -> Detail:
    overrides.lift(doing.row, doing.what, doing.by, doing.form.why.data, doing.now)
    return {"what": doing.what}


def _note(doing: Doing) -> Detail:
    handling.write_note(doing.row, doing.form.words.data, doing.by, doing.now)
    return None


def _record(doing: Doing) -> Detail:
    form = doing.form
    number = doing.number if doing.what else None
    handling.record(
        doing.row, form.kind.data, form.words.data, doing.by, doing.now, form.quantity.data, number
    )
    return {"kind": form.kind.data}


def _schedule(doing: Doing) -> Detail:
    form = doing.form
    due_at = forms.aware(form.due.data)
    worker = form.worker.data or None
    handling.schedule(doing.row, form.kind.data, due_at, doing.by, doing.now, worker)
    return {"kind": form.kind.data}


def _call_off(doing: Doing) -> Detail:
    handling.call_off(doing.row, doing.number, doing.form.why.data, doing.by, doing.now)
    return None


def _ledger(doing: Doing) -> Detail:
    decision = doing.visit.words("decision")
    handling.settle_ledger(doing.row, doing.number, decision, doing.by, doing.now)
    return {"decision": decision}


def _close(doing: Doing) -> Detail:
    form = doing.form
    handling.close(
        doing.session, doing.row, form.outcome.data, form.words.data, doing.by, doing.now
    )
    return {"outcome": form.outcome.data}


def _duplicate(doing: Doing) -> Detail:
    other = _other(doing, doing.form.of.data)
    handling.mark_duplicate(
        doing.session, doing.row, other, doing.form.why.data, doing.by, doing.now
    )
    return {"of": other.case_no}


def _reopen(doing: Doing) -> Detail:
    handling.reopen(doing.row, doing.form.why.data, doing.by, doing.now)
    return None


def _relate(doing: Doing) -> Detail:
    other, decision = _other(doing, doing.what), doing.visit.words("decision")
    if decision not in ("linked", "dismissed"):
        raise HandlingError(N_("请选一项。"))
    related.decide(doing.session, (doing.row, other), decision, doing.by, doing.now)  # type: ignore[arg-type] # just checked
    doing.row.updated_at = other.updated_at = doing.now
    return {"other": other.case_no, "decision": decision}


def _other(doing: Doing, number: str) -> CaseRow:
    """Another case by its number, if it is in the person's sight.

    Raises:
        HandlingError: there is none.
    """
    query = select(CaseRow).where(
        CaseRow.case_no == number.strip().upper(), doing.visit.staff.sight()
    )
    found: CaseRow | None = doing.session.execute(query).scalar_one_or_none()
    if found is None:
        raise HandlingError(N_("没有那个编号的案件，或不在您的范围内。"))
    return found


_DO: Mapping[str, Callable[[Doing], Detail]] = MappingProxyType(
    {
        "accept": _accept,
        "give-back": _give_back,
        "assign": _assign,
        "transfer": _transfer,
        "transfer-accept": _transfer_accept,
        "transfer-decline": _transfer_decline,
        "transfer-revoke": _transfer_revoke,
        "refer": _refer,
        "level": _level,
        "unit": _unit,
        "fact": _fact,
        "lift": _lift,
        "note": _note,
        "record": _record,
        "schedule": _schedule,
        "call-off": _call_off,
        "ledger": _ledger,
        "close": _close,
        "duplicate": _duplicate,
        "reopen": _reopen,
        "relate": _relate,
    }
)
PAGES = tuple(
    Page(f"/cases/{{case_no}}/{act}", right, _view(act), "POST") for act, right in ACTS.items()
)
