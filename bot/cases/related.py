"""Reports that may be about the same child: suggested to staff, never merged, never told.

Two filed reports are compared by what they say; keyed hashes of phone and place, and the county,
only find whom to compare with. ``related.yml`` says what counts how much.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import PositiveInt, validator
from sqlalchemy import (
    Integer,
    Text,
    bindparam,
    delete,
    insert,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session, object_session

from bot.cases import search
from bot.cases.address import Address, address_of
from bot.cases.datafile import read_table
from bot.cases.history import note
from bot.cases.keyring import Keyring
from bot.cases.sealed import keyring_of, opened
from bot.cases.tables import CaseRow, RelatedRow, TraceRow
from bot.datafiles import Strict
from bot.prepared import Prepared, Transaction

Decision = Literal["linked", "dismissed"]
Hashed = Callable[[str], str]

_LONGEST_NAME = 40
_KEPT_OPEN = 4096
"""How many reports' facts a process keeps open, as far as they are compared."""
_FILE = Path(__file__).with_name("related.yml")
_REASONS = (
    "phone", "phone_of_notices", "conversation", "house", "house_county_unknown", "place",
    "children", "several_children",
)  # fmt: skip
_STRENGTHS = ("strong", "likely", "weak")
_ALWAYS = ("phone", "phone_of_notices", "house", "house_county_unknown")


_NEAR = CaseRow.submitted_at.between(bindparam("since"), bindparam("until"))
_REGISTERED = CaseRow.report_type == "preregistration"
_MARKED = (
    select(CaseRow.id)
    .join(TraceRow, TraceRow.case_id == CaseRow.id)
    .where(or_(TraceRow.mark == bindparam("phone"), TraceRow.mark == bindparam("place")))
)
_OF_PERSON = select(CaseRow.id).where(_NEAR, CaseRow.conversation_id == bindparam("conversation"))
_OF_COUNTY = (
    select(CaseRow.id)
    .where(_NEAR, CaseRow.region == bindparam("region"), CaseRow.status != "draft")
    .order_by(CaseRow.submitted_at.desc(), CaseRow.id.desc())
    .limit(bindparam("of_county", type_=Integer))
)


def _found_by(marked: Any) -> Prepared:
    """The filed reports that one is compared with.

    Each way is a look into an index of its own; none goes through all reports.
    """
    ways = union_all(marked, _OF_PERSON, select(_OF_COUNTY.subquery().c.id))
    return Prepared(
        select(
            CaseRow.id,
            CaseRow.conversation_id,
            CaseRow.status,
            CaseRow.report_type,
            CaseRow.submitted_at,
            CaseRow.region,
            type_coerce(CaseRow.facts, Text),  # as it is held: most were opened before
        )
        .where(CaseRow.id.in_(ways), CaseRow.id != bindparam("case"), CaseRow.status != "draft")
        .order_by(CaseRow.id)
    )


_OF_REGISTERED = _found_by(_MARKED)  # found however long ago the others were filed
_OF_OTHERS = _found_by(_MARKED.where(or_(_NEAR, _REGISTERED)))
_FORGET_TRACES = Prepared(delete(TraceRow.__table__).where(TraceRow.case_id == bindparam("case")))
_TRACE = Prepared(insert(TraceRow.__table__), ("case_id", "mark"))
_PAIRS = RelatedRow.__table__
_KNOWN = Prepared(
    select(RelatedRow.first_id, RelatedRow.second_id, RelatedRow.state).where(
        or_(RelatedRow.first_id == bindparam("case"), RelatedRow.second_id == bindparam("case"))
    )
)
_SUGGEST = Prepared(
    insert(_PAIRS), ("first_id", "second_id", "state", "strength", "why", "suggested_at")
)
_SUGGEST_AGAIN = Prepared(
    update(_PAIRS).where(
        _PAIRS.c.first_id == bindparam("first"), _PAIRS.c.second_id == bindparam("second")
    ),
    ("strength", "why"),
)


class RelatedError(Exception):
    """A decision that is refused; the message is one sentence that says why."""


class _Reason(Strict):
    points: PositiveInt
    words: str


class Rules(Strict):
    """The schema of ``related.yml``."""

    window_days: PositiveInt
    ages_apart: float
    at_most: PositiveInt
    of_county: PositiveInt
    strengths: dict[str, PositiveInt]
    reasons: dict[str, _Reason]

    @validator("strengths")
    def _falls(cls, value: dict[str, int]) -> dict[str, int]:
        if tuple(value) != _STRENGTHS or sorted(value.values(), reverse=True) != [*value.values()]:
            raise ValueError(f"must be {', '.join(_STRENGTHS)}, each with fewer points")
        return value

    @validator("reasons")
    def _are_all_there(cls, value: dict[str, _Reason]) -> dict[str, _Reason]:
        if wrong := set(_REASONS) ^ set(value):
            raise ValueError(f"missing or unknown: {', '.join(sorted(wrong))}")
        return value


@dataclass(frozen=True)
class Said:
    """What a report says, as far as reports are compared."""

    phone: str | None
    address: Address | None
    township: str | None
    ages: tuple[float, ...]
    child_count: int
    sexes: frozenset[str]

    @classmethod
    def in_facts(cls, facts: Mapping[str, Any]) -> "Said":
        """What the facts of a case say; ages in rising order."""
        place = facts.get("location") or {}
        ages = tuple(sorted(facts.get("ages") or ()))
        return cls(
            facts.get("phone"),
            address_of(place),
            place.get("township"),
            ages,
            facts.get("child_count", len(ages)),
            frozenset(facts.get("sexes") or ()),
        )


class Filed(NamedTuple):
    """A filed report, as far as reports are compared; the fields are those of ``CaseRow``."""

    id: int
    conversation_id: int
    status: str
    report_type: str | None
    submitted_at: datetime
    region: str | None
    said: Said

    @classmethod
    def of(cls, case: CaseRow) -> "Filed":
        """A case."""
        return cls(
            case.id,
            case.conversation_id,
            case.status,
            case.report_type,
            case.submitted_at,
            case.region,
            Said.in_facts(_facts(case)),
        )


@dataclass(frozen=True)
class Suggestion:
    """Another report that may be about the same child.

    ``why`` holds the names of the reasons, the weightiest first.
    """

    case: Filed
    why: tuple[str, ...]
    points: int

    @property
    def strength(self) -> str:
        """``strong``, ``likely`` or ``weak``."""
        return next(name for name, least in rules().strengths.items() if self.points >= least)


@cache
def rules() -> Rules:
    """The rules in force.

    Raises:
        bot.cases.datafile.DataFileError: the file does not follow its schema.
    """
    return read_table(_FILE, Rules)


def reasons(one: Filed, other: Filed) -> tuple[str, ...]:
    """Why two filed reports may be about the same child; the order of the two does not matter."""
    if one is other or "draft" in (one.status, other.status):
        return ()
    found = [*_by_person(one, other)]
    if not _are_elsewhere(one, other):
        found += [*_by_place(one, other), *_by_children(one, other)]
    registered = "preregistration" in (one.report_type, other.report_type)
    if found and abs(one.submitted_at - other.submitted_at) > _window():
        found = [name for name in found if registered and name in _ALWAYS]
    return tuple(sorted(found, key=_by_weight)) if len(found) > 1 else tuple(found)


@cache
def _window() -> timedelta:
    return timedelta(days=rules().window_days)


def _by_weight(reason: str) -> tuple[int, str]:
    return -rules().reasons[reason].points, reason


def related(session: Transaction, case: CaseRow, hashed: Hashed) -> list[Suggestion]:
    """The filed reports that may be about the same child, the likeliest first.

    Args:
        hashed: the keyed hash under which personal content is looked up.
    """
    found = []
    mine = Filed.of(case)
    for other in _candidates(session, case, hashed):
        if why := reasons(mine, other):
            found.append(Suggestion(other, why, sum(rules().reasons[n].points for n in why)))
    found.sort(key=lambda suggestion: (-suggestion.points, -suggestion.case.id))
    return found[: rules().at_most]


def suggest(session: Transaction, case: CaseRow, hashed: Hashed, now: datetime) -> None:
    """Write down what a filed report is looked up by, and which reports it may belong to.

    A suggestion that is there already gets today's reasons; one that staff decided stays as it is.
    A draft leaves no trace.
    """
    if case.status == "draft":
        return
    leave_traces(session, case, hashed)
    known = {(first, second): state for first, second, state in session.rows(_KNOWN, case=case.id)}
    rows = []
    for suggestion in related(session, case, hashed):
        first, second = sorted((case.id, suggestion.case.id))
        pair = {"first_id": first, "second_id": second}
        today = {"strength": suggestion.strength, "why": list(suggestion.why)}
        state = known.get((first, second))
        if state is None:
            rows.append({**pair, **today, "state": "suggested", "suggested_at": now})
        elif state == "suggested":
            session.change(_SUGGEST_AGAIN, **today, first=first, second=second)
    session.insert_all(_SUGGEST, rows)


def leave_traces(session: Transaction, case: CaseRow, hashed: Hashed) -> None:
    """Write down what a filed report is looked up by; a draft leaves no trace."""
    if case.status == "draft":
        return
    session.flush()
    session.change(_FORGET_TRACES, case=case.id)
    phone = search.phone_marks(_facts(case).get("phone"), hashed)
    found_by = {*filter(None, _marks(case, hashed).values()), *phone}
    rows = [{"case_id": case.id, "mark": mark} for mark in sorted(found_by)]
    session.insert_all(_TRACE, rows)


def decide(
    session: Session, cases: tuple[CaseRow, CaseRow], state: Decision, by: str, now: datetime
) -> None:
    """A member of staff says whether two reports are about the same child.

    Both reports stay as they are; the decision stands in the history of both.

    Raises:
        RelatedError: no relation of the two was suggested, or nobody is named.
    """
    one, other = cases
    if not by.strip() or len(by) > _LONGEST_NAME:
        raise RelatedError(f"Say who decides, in at most {_LONGEST_NAME} characters.")
    row = session.get(RelatedRow, tuple(sorted((one.id, other.id))))
    if row is None:
        raise RelatedError(f"{one.case_no} and {other.case_no} were never suggested as related.")
    row.state, row.decided_at, row.decided_by = state, now, by
    note(one, now, by, f"related_{state}", {"case_no": other.case_no})
    note(other, now, by, f"related_{state}", {"case_no": one.case_no})


def listed(case: CaseRow) -> list[dict[str, Any]]:
    """What staff see beside a case: the other's number, strength, reasons in words, decision."""
    session = object_session(case)
    if session is None:
        return []
    query = (
        select(RelatedRow, CaseRow)
        .join(CaseRow, or_(CaseRow.id == RelatedRow.first_id, CaseRow.id == RelatedRow.second_id))
        .where(or_(RelatedRow.first_id == case.id, RelatedRow.second_id == case.id))
        .where(CaseRow.id != case.id)
    )
    rows = sorted(
        session.execute(query), key=lambda pair: (_STRENGTHS.index(pair[0].strength), -pair[1].id)
    )
    return [
        {
            "case_no": other.case_no,
            "state": row.state,
            "strength": row.strength,
            "why": [rules().reasons[name].words for name in row.why if name in _REASONS],
            "decided_by": row.decided_by,
        }
        for row, other in rows
    ]


def _facts(case: CaseRow) -> dict[str, Any]:
    facts: dict[str, Any] = case.facts["facts"]
    return facts


def _marks(case: CaseRow, hashed: Hashed) -> dict[str, str | None]:
    """The keyed hashes that a report is found by; the plain text cannot be got back from them."""
    phone, address = _facts(case).get("phone"), address_of(_facts(case).get("location"))
    return {
        "phone": hashed(f"trace/phone/{phone}") if phone else None,
        "place": hashed(f"trace/place/{address.name}") if address else None,
    }


def _candidates(session: Transaction, case: CaseRow, hashed: Hashed) -> list[Filed]:
    window = _window()
    rows = session.rows(
        _OF_REGISTERED if case.report_type == "preregistration" else _OF_OTHERS,
        **_marks(case, hashed),
        case=case.id,
        conversation=case.conversation_id,
        region=case.region,
        since=case.submitted_at - window,
        until=case.submitted_at + window,
        of_county=rules().of_county,
    )
    keyring = keyring_of(session.dialect)
    found = []
    for number, conversation, status, kind, at, region, held in rows:
        said = _said(keyring, held)
        found.append(Filed(number, conversation, status, kind, at, region, said))
    return found


@lru_cache(_KEPT_OPEN)
def _said(keyring: Keyring, held: str) -> Said:
    """What sealed facts say. A county's newest reports are compared with each new one."""
    return Said.in_facts(opened(keyring, CaseRow.facts.type.place, held)["facts"])


def _by_person(one: Filed, other: Filed) -> Iterable[str]:
    notices = one.report_type == other.report_type == "professional_notice"
    if one.said.phone and one.said.phone == other.said.phone:
        yield "phone_of_notices" if notices else "phone"
    if one.conversation_id == other.conversation_id and not notices:
        yield "conversation"  # a hospital or school tells of many children


def _by_place(one: Filed, other: Filed) -> Iterable[str]:
    here, there = one.said.address, other.said.address
    if here is None or there is None or not here.fits(there):
        return
    counties_known = _is_county(one.region) and _is_county(other.region)
    if here.agrees_with(there):
        yield "house" if counties_known else "house_county_unknown"
    elif counties_known:
        yield "place"


def _by_children(one: Filed, other: Filed) -> Iterable[str]:
    mine, yours = one.said.ages, other.said.ages
    counts = {one.said.child_count, other.said.child_count}
    if not mine or len(mine) != len(yours) or counts != {len(mine)}:
        return
    if not _is_county(one.region) or one.region != other.region:
        return
    if one.said.sexes and other.said.sexes and not one.said.sexes & other.said.sexes:
        return
    if all(abs(a - b) <= rules().ages_apart for a, b in zip(mine, yours, strict=True)):
        yield "children" if len(mine) == 1 else "several_children"


def _are_elsewhere(one: Filed, other: Filed) -> bool:
    """Whether the two are known to be in different counties or townships."""
    if not _may_be_same(one.region, other.region):
        return True
    return len({one.said.township, other.said.township} - {None}) > 1


def _may_be_same(one: str | None, other: str | None) -> bool:
    """Whether two codes (GB/T 2260) may mean the same county; a city's holds its counties'."""
    if not one or not other:
        return True
    short, long = sorted((_stem(one), _stem(other)), key=len)
    return long.startswith(short)


def _stem(adcode: str) -> str:
    if adcode.endswith("0000"):
        return adcode[:2]
    return adcode[:4] if adcode.endswith("00") else adcode


def _is_county(adcode: str | None) -> bool:
    return bool(adcode) and not adcode.endswith("00")  # type: ignore[union-attr] # bool() told
