"""The ledger of children to keep in view (信息台账), refreshed every half year at the latest.

Sources: S3 (registering children in advance), S4 (ledger of key cases, refreshed at least every
half year), S0 (orphans and de-facto-unsupported children). Entries are made as candidates only;
staff confirms or removes them. Every function works inside the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, root_validator, validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import followups
from bot.cases.datafile import read_table
from bot.cases.history import note
from bot.cases.situation import situation_of
from bot.cases.spans import after, is_a_span
from bot.cases.tables import CaseRow, LedgerRow
from bot.cases.vocabulary import ALLOWED, ENDED, REPORT_TYPES
from bot.datafiles import Strict

KINDS = ("left_behind", "moving", "in_difficulty", "orphan", "defacto_unsupported")
RULE = "ledger:"
"""What the rules of the ledger's own follow-ups begin with."""
LOOK = f"{RULE}next_look"
"""The rule of the follow-up by which an entry is looked at again."""

_PATH = Path(__file__).with_name("ledger.yml")
_FACTS = {**ALLOWED, "kind": KINDS}


class Entry(Strict):
    """When a case gives an entry of a kind."""

    kind: str
    types: tuple[str, ...] = ()
    facts: dict[str, list[str]] = Field(default_factory=dict)
    otherwise: bool = False
    source: Literal["S0", "S1", "S2", "S3", "S4", "law"]
    why: str

    @validator("kind")
    def _is_a_kind(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"there is no kind {value!r}")
        return value

    @validator("types", each_item=True)
    def _is_a_type(cls, value: str) -> str:
        if value not in REPORT_TYPES:
            raise ValueError(f"there is no report type {value!r}")
        return value

    @validator("facts")
    def _are_facts(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, values in value.items():
            for each in values:
                if each not in _FACTS.get(name, ()):
                    raise ValueError(f"there is no fact {name} {each!r}")
        return value

    @root_validator(skip_on_failure=True)
    def _asks_for_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if bool(values["facts"]) == values["otherwise"]:
            raise ValueError("needs either facts or otherwise")
        return values

    def holds(self, facts: dict[str, Any], report_type: str | None) -> bool:
        """Whether a report of this type with these facts is meant."""
        if self.types and report_type not in self.types:
            return False
        return all(_values(facts.get(name)) & set(ok) for name, ok in self.facts.items())


def _values(fact: Any) -> set[str]:
    return set(fact) if isinstance(fact, list) else {fact}


class Ledger(Strict):
    """The schema of ``ledger.yml``."""

    refresh: dict[str, int]
    remind_before: dict[str, int]
    kinds: dict[str, str]
    entries: list[Entry]
    _span = validator("refresh", "remind_before", allow_reuse=True)(is_a_span)

    @validator("refresh", "remind_before")
    def _is_in_days(cls, value: dict[str, int]) -> dict[str, int]:
        if value.get("days", 999) > 181:
            raise ValueError("must be at most half a year, in days")
        return value

    @validator("kinds")
    def _all_kinds(cls, value: dict[str, str]) -> dict[str, str]:
        if tuple(value) != KINDS:
            raise ValueError(f"the kinds must be {', '.join(KINDS)}")
        return value

    def of(self, facts: dict[str, Any], report_type: str | None) -> list[str]:
        """The kinds of entries that a report gives, each once, in the order of the table."""
        found: list[str] = []
        for entry in self.entries:
            if entry.otherwise and found:
                continue
            if entry.holds(facts, report_type) and entry.kind not in found:
                found.append(entry.kind)
        return found


@cache
def ledger_table() -> Ledger:
    """The table, read once.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_PATH, Ledger)


def enter(case: CaseRow, now: datetime) -> None:
    """Enter a case for every kind that its facts give, as a candidate.

    An entry that is there stays as it is, removed or not: staff decided.
    """
    if case.status == "draft" or case.status in ENDED:
        return
    known = {entry.kind for entry in case.ledger}
    for entry in case.ledger:
        entry.region = case.region
    fresh = [k for k in ledger_table().of(case.facts["facts"], case.report_type) if k not in known]
    for kind in fresh:
        case.ledger.append(
            LedgerRow(
                kind=kind,
                region=case.region,
                state="candidate",
                refreshed_at=now,
                refresh_by=after(now, ledger_table().refresh),
            )
        )
    if fresh:
        note(case, now, followups.SYSTEM, "ledger_entered", {"kinds": fresh})
        _plan_refresh(case, followups.SYSTEM, now)
    elif not _may_write(case, now):
        for row in _planned(case):
            if row.kind == "reminder":
                followups.cancel(row, followups.SYSTEM, now)


def confirm(entry: LedgerRow, by: str, now: datetime) -> None:
    """Staff has found that the child belongs into the ledger."""
    entry.state = "confirmed"
    note(entry.case, now, by, "ledger_confirmed", {"kind": entry.kind})
    _plan_refresh(entry.case, by, now)


def remove(entry: LedgerRow, by: str, now: datetime) -> None:
    """The child does not belong, or no longer belongs, into the ledger under this kind."""
    entry.state = "removed"
    note(entry.case, now, by, "ledger_removed", {"kind": entry.kind})
    _plan_refresh(entry.case, by, now)


def refresh(entry: LedgerRow, by: str, now: datetime, words: str | None = None) -> None:
    """Somebody has looked: the half year begins anew, and the look that was planned is done.

    Args:
        words: what was seen or said.
    """
    entry.refreshed_at, entry.refresh_by = now, after(now, ledger_table().refresh)
    note(entry.case, now, by, "ledger_refreshed", {"kind": entry.kind})
    first = min(each.refresh_by for each in [entry, *standing(entry.case)])
    for row in _planned(entry.case):
        if row.kind == "next_look" and row.due_at < first:
            followups.done(row, by, now, words)
    _plan_refresh(entry.case, by, now)


def standing(case: CaseRow) -> list[LedgerRow]:
    """The entries of a case that are not removed."""
    return [entry for entry in case.ledger if entry.state != "removed"]


def leave(case: CaseRow, by: str, now: datetime) -> None:
    """Remove a case's candidates; what staff confirmed stays."""
    for entry in standing(case):
        if entry.state == "candidate":
            remove(entry, by, now)


def take_up(case: CaseRow, left: datetime, by: str, now: datetime) -> None:
    """Make candidates again of what left the ledger because the case ended.

    Args:
        left: the moment at which the case ended.
    """
    gone = {
        line.detail["kind"]
        for line in case.history
        if line.event == "ledger_removed" and line.at == left
    }
    back = [entry for entry in case.ledger if entry.kind in gone and entry.state == "removed"]
    for entry in back:
        entry.state = "candidate"
    if back:
        note(case, now, by, "ledger_entered", {"kinds": [entry.kind for entry in back]})
        _plan_refresh(case, by, now)


def listed(
    session: Session,
    kind: str | None = None,
    region: str | None = None,
    due: datetime | None = None,
) -> Iterable[LedgerRow]:
    """The entries that stand, those first whose refreshing is due first.

    Args:
        region: only this region, by the first digits of its code (GB/T 2260).
        due: only those to be refreshed until then, aware.
    """
    query = select(LedgerRow).where(LedgerRow.state != "removed")
    if kind:
        query = query.where(LedgerRow.kind == kind)
    if region:
        query = query.where(LedgerRow.region.startswith(region, autoescape=True))
    if due is not None:
        query = query.where(LedgerRow.refresh_by <= due)
    return session.execute(query.order_by(LedgerRow.refresh_by, LedgerRow.id)).scalars()


def _planned(case: CaseRow) -> list[Any]:
    return [row for row in followups.open_of(case) if (row.rule or "").startswith(RULE)]


def _may_write(case: CaseRow, now: datetime) -> bool:
    """Whoever took a report back is not written to; nor where there may be danger."""
    danger = situation_of(case.facts, case.report_type, now).known("danger")
    return case.status not in ENDED and danger is False


def _plan_refresh(case: CaseRow, by: str, now: datetime) -> None:
    """One look and one reminder for the entry that is due first; none when no entry stands."""
    first = min((entry.refresh_by for entry in standing(case)), default=None)
    lead = after(now, ledger_table().remind_before) - now
    due = {"next_look": first} if first else {}
    if first and _may_write(case, now):
        due["reminder"] = first - lead
    kept = []
    for row in _planned(case):
        if due.get(row.kind) == row.due_at:
            kept.append(row.kind)
        else:
            followups.cancel(row, by, now)
    for kind, moment in due.items():
        if kind in kept or moment < now:
            continue
        says = "refresh" if kind == "reminder" else None
        followups.schedule(case, kind, moment, by, now, says=says, rule=f"{RULE}{kind}")
