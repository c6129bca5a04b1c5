"""Which acts on a case are offered to whom, and the form of each.

Three things decide: the right of the role, whose case it is, and where the case stands. The first
is checked by the page (``bot.console.pages``), the second here, the third by the case layer, which
refuses with a reason what makes no sense any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from bot.cases import handling
from bot.cases.outcomes import outcome_table
from bot.cases.overrides import FACTS
from bot.cases.staff_tables import StaffRow, TransferRow
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import ENDED
from bot.cases.vocabulary import LEVELS as LEVEL_NAMES
from bot.cases.vocabulary import UNITS as UNIT_NAMES
from bot.console import forms
from bot.console.filters import LEVELS, UNITS
from bot.console.history_words import kind_in_words
from bot.console.rights import Staff, stem_of
from bot.texts import Texts

ACTS: Mapping[str, str] = MappingProxyType(
    {
        "accept": "accept",
        "give-back": "accept",
        "assign": "assign",
        "transfer": "transfer",
        "transfer-accept": "transfer",
        "transfer-decline": "transfer",
        "transfer-revoke": "transfer",
        "refer": "refer",
        "level": "override",
        "unit": "override",
        "fact": "override",
        "lift": "override",
        "note": "note",
        "record": "record",
        "schedule": "record",
        "call-off": "record",
        "ledger": "record",
        "close": "close",
        "duplicate": "close",
        "reopen": "reopen",
        "relate": "relate",
    }
)
"""Every act on a case and the right that it needs."""
_FORMS: Mapping[str, type[forms.ActForm]] = MappingProxyType(
    {
        "assign": forms.AssignForm,
        "transfer": forms.TransferForm,
        "transfer-decline": forms.WhyForm,
        "refer": forms.UnitForm,
        "level": forms.LevelForm,
        "unit": forms.UnitForm,
        "lift": forms.WhyForm,
        "note": forms.NoteForm,
        "record": forms.RecordForm,
        "schedule": forms.ScheduleForm,
        "call-off": forms.WhyForm,
        "close": forms.CloseForm,
        "duplicate": forms.DuplicateForm,
        "reopen": forms.WhyForm,
    }
)


def is_theirs(staff: Staff, row: CaseRow, act: str, transfer: TransferRow | None) -> bool:
    """Whether it is for this person to do the act on this case, whatever the role's right.

    A worker ends, gives back and hands over only what is theirs; supervisors and above may for
    them. A transfer is answered by whom it was offered to, and revoked by who had the case.
    """
    above, mine = staff.may("assign"), row.assigned == staff.name
    if act in ("close", "duplicate", "give-back"):
        return mine or above
    if act == "transfer":
        return mine or above or row.assigned is None
    if transfer is None:
        return True
    if act in ("transfer-accept", "transfer-decline"):
        return above or answers(staff, transfer)
    if act == "transfer-revoke":
        return above or staff.name in (transfer.asked_by, transfer.from_worker)
    return True


def answers(staff: Staff, transfer: TransferRow) -> bool:
    """Whether a transfer was offered to this person: by name, or to their unit."""
    if transfer.to_worker:
        return bool(transfer.to_worker == staff.name)
    return staff.unit is not None and staff.unit == transfer.to_unit


def _fits(row: CaseRow, act: str, staff: Staff) -> bool:
    """Whether the act makes sense where the case stands."""
    open_, handed = handling.is_open(row), row.status == "transferred"
    going = row.status not in ENDED and not handed
    mine = row.assigned == staff.name
    fitting: Mapping[str, Callable[[], bool]] = {
        "accept": lambda: going and (row.status == "new" or row.assigned is None),
        "give-back": lambda: going and row.assigned is not None and not (mine and _waits(row)),
        "assign": lambda: going,
        "transfer": lambda: open_ and not handed,
        "note": lambda: True,
        "ledger": lambda: any(entry.state != "removed" for entry in row.ledger),
        "close": lambda: row.status not in ENDED,
        "reopen": lambda: row.status in ENDED and row.submitted_at is not None,
        "relate": lambda: row.status != "draft",
    }
    if act.startswith("transfer-"):
        return handed
    return fitting.get(act, lambda: open_)()


def _waits(row: CaseRow) -> bool:
    """A filed report that somebody kept an eye on while it was written, and nobody took on yet."""
    return bool(row.status == "new")


def available(staff: Staff, row: CaseRow, transfer: TransferRow | None) -> frozenset[str]:
    """The acts that are offered to a person on the page of a case."""
    return frozenset(
        act
        for act, right in ACTS.items()
        if staff.may(right) and is_theirs(staff, row, act, transfer) and _fits(row, act, staff)
    )


def colleagues(session: Session, row: CaseRow) -> list[str]:
    """The names of those who can work on a case: it is in their sight, and they may take it on."""
    query = select(StaffRow).where(StaffRow.active.is_(True)).order_by(StaffRow.name)
    accounts = (
        Staff(each.id, each.name, each.role, each.region, each.unit, each.language)
        for each in session.execute(query).scalars()
    )
    return [each.name for each in accounts if each.may("accept") and covers(each, row.region)]


def covers(staff: Staff, region: str | None) -> bool:
    """Whether cases of a region are in a person's sight, as ``Staff.sight`` has it in a query."""
    stem = stem_of(staff.region)
    if not stem or (region or "").startswith(stem):
        return True
    around = (None, staff.region[:2] + "0000", staff.region[:4] + "00")
    return staff.sees_placeless and region in around


@dataclass(frozen=True)
class Offers:
    """The choices that the forms on one case's page offer.

    Args:
        workers: the names of the colleagues who can take the case on.
    """

    row: CaseRow
    workers: tuple[str, ...]
    t: Texts
    sent: Mapping[str, forms.ActForm] = field(default_factory=dict)

    def form(self, act: str, what: str = "", data: FormData | None = None) -> forms.ActForm:
        """The form of an act: as it was sent, if it was, with what is wrong with it.

        Args:
            what: the fact, follow-up or the like, where one case has several of the act's forms.
        """
        key = f"{act}:{what}" if what else act
        if data is None and key in self.sent:
            return self.sent[key]
        if act == "fact" and what in FACTS:
            value = self.row.facts["facts"].get(what)
            return forms.fact_form(what, self.t, data, value)
        made = forms.made(_FORMS.get(act, forms.ActForm), self._choices(act), data)
        if act == "record" and what and data is None and "kind" in made:
            made.kind.data = self._kind_of(what)
        return made

    def _kind_of(self, number: str) -> str | None:
        return next((each.kind for each in self.row.followups if str(each.id) == number), None)

    def _choices(self, act: str) -> Mapping[str, forms.Choices]:
        t, blank = self.t, ("", self.t("请选"))
        workers = [(name, name) for name in self.workers]
        kinds = [blank, *((kind, kind_in_words(kind, t)) for kind in handling.RECORDED)]
        units = [(unit, t(UNITS[unit])) for unit in UNIT_NAMES if unit != self.row.unit]
        if act == "assign":
            return {"worker": [blank, *_others(workers, self.row.assigned)]}
        if act == "transfer":
            people = [(f"worker:{n}", n) for n, _ in _others(workers, self.row.assigned)]
            groups = {t("单位"): [(f"unit:{unit}", words) for unit, words in units]}
            return {"to": {t("请选"): [blank], **groups, t("同事"): people}}
        if act == "refer":
            told = (self.row.assessment or {}).get("referrals", ())
            return {"unit": [blank, *(pair for pair in units if pair[0] not in told)]}
        if act == "schedule":
            return {"kind": kinds, "worker": [("", t("不指定")), *workers]}
        if act == "close":
            return {"outcome": [(name, t(each.title)) for name, each in outcome_table().items()]}
        levels = [(name, t(LEVELS[name])) for name in LEVEL_NAMES if name != self.row.level]
        return {"unit": [blank, *units], "level": [blank, *levels], "kind": kinds}


def _others(workers: list[tuple[str, str]], assigned: str | None) -> list[tuple[str, str]]:
    return [pair for pair in workers if pair[0] != assigned]
