"""A database full of invented cases, written in bulk: for measuring, not for testing what is right.

Each case has a number, name, phone, place and facts of its own, really sealed, and is really found
by them. What was said comes from some thousand talks (``many_talks``), sealed once and copied by
the database itself; so are replies, details of the history and where a talk stands. The share of
open cases, the levels and the lengths of time stand in ``Shares``.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bot.cases import search
from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import CaseRow, TraceRow
from bot.cases.vocabulary import LEVELS, REPORT_TYPES, UNITS
from bot.database import Database
from bot.walks.divisions import below, name_of
from tests.support.bulk import Bulk
from tests.support.many_rows import Copies
from tests.support.many_talks import TALKS, Talks, of_estate

_NUMBERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_ESTATES = 19997
_BATCH = 20000
_DRAFTS = timedelta(days=14)
"""Older drafts were announced for deletion, or are gone."""

Hashed = Callable[[str], str]
Told = Callable[[str], None]


@dataclass(frozen=True)
class Shares:
    """How the cases are made up.

    Args:
        open: of all; the others have ended.
        overdue: of the open ones.
        days: over which the cases have arrived, evenly.
    """

    open: float = 0.05
    overdue: float = 0.3
    statuses: tuple[str, ...] = ("draft", "new", "new", "new", "accepted", "in_progress")
    ended: tuple[str, ...] = ("closed",) * 18 + ("withdrawn", "duplicate")
    levels: tuple[float, ...] = (0.03, 0.17, 0.3, 0.5)
    counties: int = 300
    days: int = 700


@dataclass(frozen=True)
class Filled:
    """What there is to look for."""

    numbers: tuple[str, ...]
    phones: tuple[str, ...]
    estates: tuple[str, ...]
    names: tuple[str, ...]
    common: tuple[str, ...] = ("没人照看", "孩子一个人", "妈妈电话打不通", "照看 发烧")


def look_around(database: Database) -> Filled:
    """What there is to look for in a database that ``ManyCases`` filled."""
    with database.reading() as session:
        count = session.execute(select(func.max(CaseRow.id))).scalar()
        some = random.Random(7).sample(range(1, count + 1), 60)
        rows = list(session.execute(select(CaseRow).where(CaseRow.id.in_(some))).scalars())
    facts = [row.facts["facts"] for row in rows]
    return Filled(
        numbers=tuple(row.case_no for row in rows),
        phones=tuple(each["phone"] for each in facts),
        estates=tuple(each["location"]["text"][-7:-3] for each in facts),
        names=tuple(each["name"] for each in facts),
    )


class ManyCases:
    """Fills an empty, migrated database.

    Args:
        hashed: the keyed hash of the program that will look at it.
        now: the moment at which the cases are what they are.
        told: hears what is being done.
    """

    def __init__(
        self, database: Database, hashed: Hashed, now: datetime, told: Told = lambda _: None
    ) -> None:
        self._database = database
        self._hashed = hashed
        self._now = now
        self._told = told
        self._dice = random.Random(5)
        self._shares = Shares()
        cities = [city for province in below("") for city in below(province)]
        counties = [*below("440700"), *(c for city in cities for c in below(city) or [city])]
        self._regions = [*dict.fromkeys(counties)][: self._shares.counties]
        self._names = {code: name_of(code) or "" for code in self._regions}
        self._talks = Talks(self._dice)
        self._estates = [self._talks.estate() for _ in range(_ESTATES)]

    def fill(self, count: int) -> None:
        """Write so many cases, with their conversations, transcripts and marks."""
        with Bulk(self._database, self._told) as bulk:
            self._told("report_case")
            plan: list[_Plan] = []
            bulk.write(CaseRow.__table__, self._cases(bulk, count, plan))
            self._told("trace")
            bulk.write(TraceRow.__table__, self._traces(plan))
            self._told("word_mark")
            bulk.write_pairs(WordMarkRow.__table__, self._marks(plan))
            del plan[:]
            places = [of_estate(estate) for estate in self._estates]
            marks = [self._hashed(f"trace/place/{estate}") for estate in self._estates]
            copies = Copies(bulk, self._talks, self._now, self._told)
            copies.make([*zip(places, marks, strict=True)], self._hashed)

    def _cases(self, bulk: Bulk, count: int, plan: list["_Plan"]) -> Iterator[dict[str, Any]]:
        seal = bulk.sealed(CaseRow.__table__.c.assessment)
        assessments = {level: seal(_assessment(level)) for level in LEVELS}
        step = timedelta(days=self._shares.days) / (count + 1)
        for number in range(1, count + 1):
            each = self._plan(number, self._now - step * (count + 1 - number))
            plan.append(each)
            yield self._case(each) | {"assessment": assessments[each.level]}

    def _plan(self, number: int, arrived: datetime) -> "_Plan":
        dice, shares = self._dice, self._shares
        young = arrived > self._now - _DRAFTS
        is_open = dice.random() < shares.open
        level = dice.choices(LEVELS, shares.levels)[0]
        late = dice.random() < shares.overdue
        waits = self._now + timedelta(minutes=dice.randrange(1, 4000)) * (-1 if late else 1)
        return _Plan(
            id=number,
            case_no=f"HT-{arrived:%y%m%d}-{_tail(number)}",
            status=dice.choice(shares.statuses[not young :] if is_open else shares.ended),
            level=level,
            arrived=arrived,
            waits=waits if is_open else None,
            region=dice.choice(self._regions),
            name=self._talks.name(),
            phone=f"+86100{number:08}",
        )

    def _case(self, each: "_Plan") -> dict[str, Any]:
        ended = each.waits is None
        return {
            "id": each.id,
            "case_no": each.case_no,
            "conversation_id": each.id,
            "status": each.status,
            "report_type": REPORT_TYPES[each.id % len(REPORT_TYPES)],
            "channel": "web",
            "language": "zh_Hans",
            "questionnaire": "1",
            "created_at": each.arrived,
            "submitted_at": None if each.status == "draft" else each.arrived,
            "updated_at": each.arrived,
            "level": each.level,
            "due_at": each.waits or each.arrived,
            "unit": UNITS[each.id % len(UNITS)],
            "region": each.region,
            "urgency": None if ended else LEVELS.index(each.level),
            "waits_until": each.waits,
            "assigned": f"worker-{each.id % 500}" if each.status not in ("draft", "new") else None,
            "ended_at": min(each.arrived + timedelta(days=3), self._now) if ended else None,
            "version": 1,
            "facts": self._facts(each),
        }

    def _facts(self, each: "_Plan") -> dict[str, Any]:
        county = self._names[each.region]
        estate = self._estates[each.id % _ESTATES]
        facts = {
            "relation": "neighbour",
            "child_count": 2,
            "ages": [4, 3 + each.id % 12],
            "carer": "nobody" if each.level in LEVELS[:2] else "grandparent",
            "location": {
                "text": f"{county}{estate}3号楼",
                "county": county,
                "adcode": each.region,
            },
            "name": each.name,
            "phone": each.phone,
        }
        return {
            "facts": facts,
            "unanswered": {},
            "sources": {name: f"{each.id:064x}" for name in facts},
            "narrative": self._talks.opener(each.id % TALKS),
            "cancelled": False,
            "poster": None,
        }

    def _traces(self, plan: Sequence["_Plan"]) -> Iterator[dict[str, Any]]:
        for each in plan:
            yield {"case_id": each.id, "mark": self._hashed(f"trace/phone/{each.phone}")}

    def _marks(self, plan: Sequence["_Plan"]) -> Iterator[np.ndarray]:
        """Pairs of mark and case, a batch at a time."""
        talks = [self._array(talk) for talk in self._talks.said]
        estates = [self._array([of_estate(estate), estate]) for estate in self._estates]
        counties = {code: self._array([name]) for code, name in self._names.items()}
        known: dict[str, int] = {}

        def of(text: str) -> int:
            if text not in known:
                known[text] = int(self._array([text])[0])
            return known[text]

        for begin in range(0, len(plan), _BATCH):
            keys = []
            for each in plan[begin : begin + _BATCH]:
                own = (each.case_no[-5:], each.name)
                found = [of(text[at : at + 2]) for text in own for at in range(len(text) - 1)]
                marks = [talks[each.id % TALKS], estates[each.id % _ESTATES]]
                marks += [counties[each.region], np.array(found, dtype=np.int64)]
                keys.append(np.unique(np.concatenate(marks)) << 32 | each.id)
            yield np.concatenate(keys)

    def _array(self, texts: Iterable[str]) -> np.ndarray:
        return np.array(sorted(search.word_marks(texts, self._hashed)), dtype=np.int64)


def _assessment(level: str) -> dict[str, Any]:
    return {
        "reasons": [
            "孩子还小，身边没有大人，最需要的是吃的",
            "可能：有一夜没人（从什么时候起不清楚）",
        ],
        "referrals": ["township"],
        "why": "没有更具体的情况",
        "exceeded": False,
        "by_rules": LEVELS[0],  # what time alone makes worse was found before
    }


def _tail(number: int) -> str:
    """Five letters that no other case has, in no order that one sees."""
    left, tail = number * 7_368_787 % len(_NUMBERS) ** 5, ""
    for _ in range(5):
        left, at = divmod(left, len(_NUMBERS))
        tail += _NUMBERS[at]
    return tail


@dataclass(frozen=True)
class _Plan:
    """One case before it is written."""

    id: int
    case_no: str
    status: str
    level: str
    arrived: datetime
    waits: datetime | None
    region: str
    name: str
    phone: str
