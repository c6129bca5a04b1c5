"""Figures for the overview: what arrived, how soon somebody looked and it was done, what is open.

Everything is counted by the database over a range of days; no row of a case leaves it. Times come
back as counts by minute, from which medians are exact to the minute.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, and_, case, func, or_, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from bot.cases.stats import Period
from bot.cases.tables import WORDED, CaseRow, TranscriptRow
from bot.cases.vocabulary import LEVELS

DOUBTS = ("fallback", "low", "corrected")


@dataclass(frozen=True)
class Scope:
    """Which cases are counted.

    Args:
        sight: a condition on ``CaseRow``.
        everywhere: whether the condition lets every case through; lines without a case count too.
    """

    sight: Any
    period: Period
    everywhere: bool = False

    def filed(self) -> list[Any]:
        """The conditions for reports that were filed, by when they began."""
        return [
            CaseRow.created_at >= self.period.begins,
            CaseRow.created_at < self.period.ends,
            CaseRow.submitted_at.is_not(None),
            self.sight,
        ]


@dataclass(frozen=True)
class Spans:
    """How long something took: counts by whole minutes, and how many were in time or too late."""

    minutes: Counter[int] = field(default_factory=Counter)
    in_time: int = 0
    late: int = 0

    def __add__(self, other: "Spans") -> "Spans":
        return Spans(
            self.minutes + other.minutes, self.in_time + other.in_time, self.late + other.late
        )

    @property
    def count(self) -> int:
        """How many are done."""
        return sum(self.minutes.values())

    @property
    def median(self) -> int | None:
        """Minutes; half took no longer. ``None`` while none is done."""
        half, seen = (self.count + 1) // 2, 0
        for minutes in sorted(self.minutes):
            seen += self.minutes[minutes]
            if seen >= half > 0:
                return minutes
        return None

    @property
    def share(self) -> float | None:
        """The share in time of those that are done or too late already."""
        due = self.in_time + self.late
        return self.in_time / due if due else None


@dataclass(frozen=True)
class Open:
    """Cases that somebody has to work on now, and those whose time has passed."""

    open: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Understood:
    """Lines that reporters wrote in words, and how many of them are worth a review, by reason."""

    lines: int = 0
    doubts: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        """The share without doubt."""
        return 1 - sum(self.doubts.values()) / self.lines if self.lines else None


def arrivals(session: Session, scope: Scope, by: str) -> Counter[tuple[str, str]]:
    """Filed reports by day (ISO, Asia/Shanghai) and by ``channel`` or ``level``."""
    day, kind = _Day(CaseRow.created_at), {"channel": CaseRow.channel, "level": CaseRow.level}[by]
    query = select(day, kind, func.count()).where(*scope.filed()).group_by(day, kind)
    return Counter({(each, value): count for each, value, count in session.execute(query)})


def first_looks(session: Session, scope: Scope, now: datetime) -> dict[str, Spans]:
    """From filing to the first look, by level; unlooked at after its due time is too late."""
    unlooked = and_(
        CaseRow.first_look_at.is_(None), CaseRow.due_at < now, CaseRow.urgency.is_not(None)
    )
    late = or_(CaseRow.first_look_at > CaseRow.due_at, unlooked)
    return _spans(session, CaseRow.first_look_at, late, scope.filed())


def closings(session: Session, scope: Scope, now: datetime) -> dict[str, Spans]:
    """From filing to closing, by level; still open after its due time is too late."""
    unclosed = and_(CaseRow.urgency.is_not(None), CaseRow.due_at < now)
    late = or_(and_(CaseRow.status == "closed", CaseRow.ended_at > CaseRow.due_at), unclosed)
    ended = case((CaseRow.status == "closed", CaseRow.ended_at))
    return _spans(session, ended, late, scope.filed())


def by_region(session: Session, scope: Scope, now: datetime) -> dict[str | None, tuple[int, int]]:
    """Filed reports by the code of their region, and how many of them wait past their time."""
    waits = func.sum(case((_waits_too_long(now), 1), else_=0))
    query = select(CaseRow.region, func.count(), waits).where(*scope.filed())
    found = session.execute(query.group_by(CaseRow.region))
    return {region: (count, int(late or 0)) for region, count, late in found}


def open_now(session: Session, sight: Any, now: datetime) -> dict[str, Open]:
    """What somebody has to work on now, by level."""
    late = func.sum(case((CaseRow.waits_until < now, 1), else_=0))
    query = (
        select(CaseRow.urgency, func.count(), late)
        .where(CaseRow.urgency.is_not(None), sight)
        .group_by(CaseRow.urgency)
    )
    return {
        LEVELS[urgency]: Open(count, int(overdue or 0))
        for urgency, count, overdue in session.execute(query)
    }


def understood(session: Session, scope: Scope) -> Understood:
    """How many lines of reporters were understood.

    A button that was pressed needs no understanding: its line has full confidence and no doubt,
    and is left out.
    """
    query = select(TranscriptRow.doubt, func.count()).where(
        TranscriptRow.at >= scope.period.begins,
        TranscriptRow.at < scope.period.ends,
        text(WORDED),  # an index holds what is counted, and nothing is read beside it
    )
    if not scope.everywhere:
        query = query.join(CaseRow, CaseRow.id == TranscriptRow.case_id).where(scope.sight)
    rows = session.execute(query.group_by(TranscriptRow.doubt))
    found: dict[str | None, int] = {doubt: count for doubt, count in rows}
    lines = sum(found.values())
    return Understood(lines, Counter({name: found[name] for name in DOUBTS if name in found}))


def total(parts: Iterable[Spans]) -> Spans:
    """Several levels together."""
    return sum(parts, Spans())


def _waits_too_long(now: datetime) -> Any:
    return and_(CaseRow.urgency.is_not(None), CaseRow.waits_until < now)


def _spans(session: Session, until: Any, late: Any, filed: list[Any]) -> dict[str, Spans]:
    minutes = _Minutes(CaseRow.submitted_at, until)
    too_late = func.sum(case((late, 1), else_=0))
    query = select(CaseRow.level, minutes, func.count(), too_late).where(*filed)
    found: dict[str, Spans] = {}
    for level, span, count, overdue in session.execute(query.group_by(CaseRow.level, minutes)):
        overdue = int(overdue or 0)
        done = Counter({span: count}) if span is not None else Counter()
        in_time = count - overdue if span is not None else 0
        found[level] = found.get(level, Spans()) + Spans(done, in_time, overdue)
    return found


class _Day(FunctionElement):
    """The day of a moment in Asia/Shanghai (UTC+8 all year), as ISO text."""

    type = String()
    inherit_cache = True
    name = "local_day"


class _Minutes(FunctionElement):
    """Whole minutes from one moment to another, not below zero; null where one is null."""

    type = Integer()
    inherit_cache = True
    name = "whole_minutes"


@compiles(_Day, "sqlite")
def _day_in_sqlite(element: Any, compiler: Any, **values: Any) -> str:
    return f"date({compiler.process(element.clauses, **values)}, '+8 hours')"


@compiles(_Day, "postgresql")
def _day_in_postgresql(element: Any, compiler: Any, **values: Any) -> str:
    column = compiler.process(element.clauses, **values)
    return f"CAST(CAST({column} + interval '8 hours' AS date) AS text)"


@compiles(_Minutes, "sqlite")
def _minutes_in_sqlite(element: Any, compiler: Any, **values: Any) -> str:
    begun, ended = (compiler.process(each, **values) for each in element.clauses)
    return f"max(0, (strftime('%s', {ended}) - strftime('%s', {begun})) / 60)"


@compiles(_Minutes, "postgresql")
def _minutes_in_postgresql(element: Any, compiler: Any, **values: Any) -> str:
    begun, ended = (compiler.process(each, **values) for each in element.clauses)
    span = f"floor(extract(epoch FROM {ended} - {begun}) / 60)"
    return f"CASE WHEN {ended} IS NOT NULL THEN greatest(0, CAST({span} AS integer)) END"
