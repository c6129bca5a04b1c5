"""The counters that a district reports, by region and between two days.

The counters are those of policy-facts S2 (phone visits, text reminders, pieces of supplies, service
supports, special cases followed up) and S3 (calls for help received and answered). docs/stats.md
says what each one counts. Only counts leave this module, nothing that people wrote.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from bot.cases.tables import CaseRow, FollowupRow, HistoryRow, TranscriptRow
from bot.clock import SHANGHAI

COUNTERS = (
    "phone_visits", "text_reminders", "supplies", "service_supports", "special_cases",
    "calls_received", "calls_answered",
)  # fmt: skip
RANKS = ("country", "province", "city", "county", "unknown")
_SPECIAL = ("critical", "high")
_NO_STAFF = ("reporter", "bot", "system")
_NO_CALL = "preregistration"

NameOf = Callable[[str], str | None]


@dataclass(frozen=True)
class Period:
    """Whole days in Asia/Shanghai, the last one included.

    Raises:
        ValueError: the last day is before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the last day {self.last} is before the first day {self.first}")

    @property
    def begins(self) -> datetime:
        """The first moment, aware."""
        return datetime.combine(self.first, time(), SHANGHAI)

    @property
    def ends(self) -> datetime:
        """The first moment after it, aware."""
        return datetime.combine(self.last + timedelta(days=1), time(), SHANGHAI)


@dataclass(frozen=True)
class Figures:
    """What was counted somewhere.

    Args:
        counters: by the names of ``COUNTERS``.
        levels: reports of the period by level.
        first_looks: minutes from filing to the first look of a person, of reports of the period
            where somebody has looked.
    """

    counters: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    first_looks: tuple[float, ...] = ()

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.counters + other.counters,
            self.levels + other.levels,
            self.first_looks + other.first_looks,
        )

    @property
    def median_first_look(self) -> float | None:
        """Minutes, half of the reports were looked at sooner; ``None`` while none was."""
        return round(median(self.first_looks), 1) if self.first_looks else None


@dataclass(frozen=True)
class Line:
    """The figures of one region with all that lies in it.

    Args:
        rank: one of ``RANKS``.
        adcode: of the region; ``None`` for the whole and for reports that say no region.
        own: what is known to be here and nowhere more exactly.
    """

    rank: str
    adcode: str | None
    name: str | None
    figures: Figures
    own: Figures = field(default_factory=Figures)


@dataclass(frozen=True)
class Statistics:
    """The lines of one period: the whole first, then provinces, cities, counties as they nest."""

    period: Period
    region: str | None
    lines: tuple[Line, ...]

    @property
    def whole(self) -> Figures:
        """The figures of everything that was counted."""
        return self.lines[0].figures


def count(
    session: Session, period: Period, name_of: NameOf, region: str | None = None
) -> Statistics:
    """Count what happened in a period.

    Args:
        name_of: the name of a division by its code (GB/T 2260), ``None`` if there is none.
        region: count only in this division.
    """
    found: dict[str | None, Figures] = defaultdict(Figures)
    for parts in (_followups(session, period), _reports(session, period)):
        for adcode, figures in parts:
            if region is None or (adcode or "").startswith(stem(region)):
                found[adcode] += figures
    return Statistics(period, region, tuple(_lines(found, name_of, region)))


def stem(adcode: str) -> str:
    """The digits that all codes of a division begin with."""
    if adcode.endswith("0000"):
        return adcode[:2]
    return adcode[:4] if adcode.endswith("00") else adcode


def _followups(session: Session, period: Period) -> Iterable[tuple[str | None, Figures]]:
    query = (
        select(FollowupRow.kind, FollowupRow.quantity, CaseRow.id, CaseRow.region, CaseRow.level)
        .join(CaseRow, CaseRow.id == FollowupRow.case_id)
        .where(FollowupRow.state == "done", *_within(FollowupRow.done_at, period))
    )
    once: set[tuple[str, int]] = set()
    for kind, quantity, case_id, region, level in session.execute(query):
        counters: Counter[str] = Counter()
        if kind == "phone_visit":
            counters["phone_visits"] += 1
        elif kind == "reminder":
            counters["text_reminders"] += 1
        elif kind == "supplies":
            counters["supplies"] += quantity or 1  # how many was not written down: at least one
        elif kind == "named_worker" and ("supported", case_id) not in once:
            once.add(("supported", case_id))
            counters["service_supports"] += 1
        if kind != "reminder" and level in _SPECIAL and ("special", case_id) not in once:
            once.add(("special", case_id))
            counters["special_cases"] += 1
        yield region, Figures(counters)


def _reports(session: Session, period: Period) -> Iterable[tuple[str | None, Figures]]:
    filed = _within(CaseRow.submitted_at, period)
    looks = _first_looks(session, select(CaseRow.id).where(*filed))
    query = select(
        CaseRow.id, CaseRow.region, CaseRow.level, CaseRow.report_type, CaseRow.submitted_at
    ).where(*filed)
    for case_id, region, level, report_type, filed_at in session.execute(query):
        counters: Counter[str] = Counter()
        if report_type != _NO_CALL:
            counters["calls_received"] += 1
            counters["calls_answered"] += case_id in looks
        seen = looks.get(case_id)
        minutes = () if seen is None else ((seen - filed_at).total_seconds() / 60,)
        yield region, Figures(+counters, Counter({level: 1}), minutes)


def _first_looks(session: Session, cases: Select) -> dict[int, datetime]:
    """When a person first did something for a case, or wrote to its reporter."""
    found: dict[int, datetime] = {}
    did = select(HistoryRow.case_id, func.min(HistoryRow.at)).where(
        HistoryRow.case_id.in_(cases),
        HistoryRow.actor.notin_(_NO_STAFF),
        HistoryRow.event.not_like("related_%"),  # sorting files is no help for a child
    )
    wrote = select(TranscriptRow.case_id, func.min(TranscriptRow.at)).where(
        TranscriptRow.case_id.in_(cases), TranscriptRow.sender == "staff"
    )
    for query in (did.group_by(HistoryRow.case_id), wrote.group_by(TranscriptRow.case_id)):
        for case_id, at in session.execute(query):
            found[case_id] = min(at, found.get(case_id, at))
    return found


def _within(column: Any, period: Period) -> tuple[Any, Any]:
    return column >= period.begins, column < period.ends


def _lines(found: dict[str | None, Figures], name_of: NameOf, region: str | None) -> Iterable[Line]:
    yield Line("country", None, None, sum(found.values(), Figures()))
    known = sorted(adcode for adcode in found if adcode)
    above = {code for adcode in known for code in _chain(adcode) if name_of(code)}
    inside = stem(region) if region else ""
    for code in sorted(above | set(known)):
        if not code.startswith(inside):
            continue
        held = (found[adcode] for adcode in known if adcode.startswith(stem(code)))
        own = found.get(code, Figures())
        yield Line(_rank(code), code, name_of(code), sum(held, Figures()), own)
    if None in found:
        yield Line("unknown", None, None, found[None], found[None])


def _chain(adcode: str) -> tuple[str, str, str]:
    return adcode[:2] + "0000", adcode[:4] + "00", adcode


def _rank(adcode: str) -> str:
    return {2: "province", 4: "city", 6: "county"}[len(stem(adcode))]
