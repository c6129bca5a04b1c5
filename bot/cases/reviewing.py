"""Lines whose understanding is in doubt, and what staff say they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from bot.cases.staff_tables import ReviewRow
from bot.cases.tables import CaseRow, TranscriptRow
from bot.cases.vocabulary import ABSENCE_REASONS, CARERS, HEALTH, NEEDS, RELATIONS, SEXES

STATES = ("right", "corrected", "skipped")
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "child_count": (),
        "age": (),
        "sex": SEXES,
        "absence_reason": ABSENCE_REASONS,
        "carer": CARERS,
        "relation": RELATIONS,
        "since": (),
        "location": (),
        "health": HEALTH,
        "need": NEEDS,
        "phone": (),
        "person_name": (),
        "organisation": (),
        "case_no": (),
    }
)
"""The entities (contract, section 2), and for those with fixed values which ones there are."""
NUMBERS = ("child_count", "age")
_CONTEXT = 3
_PICK = "pick:"


class ReviewError(Exception):
    """A review that cannot be taken; ``entity`` and ``words`` say which fact is wrong, if one is."""

    def __init__(self, why: str, entity: str = "", words: str = "") -> None:
        super().__init__(why)
        self.why, self.entity, self.words = why, entity, words


@dataclass(frozen=True)
class Fact:
    """A stretch of a line and what it says; ``start`` and ``end`` count characters of the line."""

    entity: str
    value: Any
    start: int
    end: int

    def as_json(self) -> dict[str, Any]:
        """The fact as transcripts hold it."""
        return {"entity": self.entity, "value": self.value, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class Doubtful:
    """A line to review.

    Args:
        before: the lines before it, the last of them the bot's question.
        likely: the readings between which the bot asked, the likeliest first.
        case_no: of the case that it belongs to, if any.
    """

    line: TranscriptRow
    before: Sequence[TranscriptRow]
    likely: tuple[str, ...]
    case_no: str | None


@dataclass(frozen=True)
class Meant:
    """What staff say that a line means."""

    state: str
    intent: str | None = None
    facts: tuple[Fact, ...] = field(default=())


def waiting(session: Session, sight: Any, placeless: bool, limit: int) -> list[Doubtful]:
    """Lines in doubt that nobody reviewed, the newest first.

    Args:
        sight: a condition on ``CaseRow``.
        placeless: whether lines that belong to no case are in sight.
    """
    query = _open(sight, placeless).order_by(TranscriptRow.id.desc()).limit(limit)
    return [
        Doubtful(line, _before(session, line), _offered(session, line), case_no)
        for line, case_no in session.execute(query)
    ]


def how_many(session: Session, sight: Any, placeless: bool, most: int) -> int:
    """How many lines wait, counted up to ``most``."""
    query = _open(sight, placeless).limit(most).subquery()
    return int(session.execute(select(func.count()).select_from(query)).scalar() or 0)


def find(session: Session, number: int, sight: Any, placeless: bool) -> TranscriptRow | None:
    """A line in doubt within sight, reviewed or not."""
    query = _lines(sight, placeless).where(TranscriptRow.id == number)
    found = session.execute(query).first()
    return found[0] if found else None


def take(session: Session, line: TranscriptRow, meant: Meant, by: str, now: datetime) -> ReviewRow:
    """Write down what a line means; a later review of the same line takes the place of the earlier.

    Raises:
        ReviewError: a fact does not fit the line or the contract.
    """
    if meant.state not in STATES:
        raise ReviewError("state")
    if meant.state != "skipped" and not meant.intent:
        raise ReviewError("intent")
    for fact in meant.facts:
        _check(fact, line.text)
    query = select(ReviewRow).where(ReviewRow.transcript_id == line.id)
    row = session.execute(query).scalar_one_or_none() or ReviewRow(transcript_id=line.id)
    skipped = meant.state == "skipped"
    row.state, row.by, row.at = meant.state, by, now
    row.intent = None if skipped else meant.intent
    row.entities = None if skipped else [fact.as_json() for fact in meant.facts]
    session.add(row)
    return row


def undo(session: Session, by: str) -> int | None:
    """Take back a person's last review; the line's id, ``None`` when there is none."""
    query = select(ReviewRow).where(ReviewRow.by == by).order_by(ReviewRow.at.desc())
    row = session.execute(query.order_by(ReviewRow.id.desc()).limit(1)).scalar_one_or_none()
    if row is None:
        return None
    number: int = row.transcript_id
    session.delete(row)
    return number


def facts_of(entities: Sequence[Mapping[str, Any]] | None) -> tuple[Fact, ...]:
    """The facts of a transcript's line."""
    return tuple(
        Fact(each["entity"], each["value"], each["start"], each["end"])
        for each in entities or ()
        if each.get("entity") in VALUES and each.get("start") is not None
    )


def locate(text: str, words: str, entity: str, value: str, near: int | None = None) -> Fact:
    """The fact that some words of a line say.

    Args:
        near: where the words stand, if they stand there more than once.

    Raises:
        ReviewError: the words are not in the line, or the value is none of the entity's.
    """
    start = near if near is not None and text.startswith(words, near) else text.find(words)
    if not words or start < 0:
        raise ReviewError("words", entity, words)
    fact = Fact(entity, _value(entity, value, words), start, start + len(words))
    _check(fact, text)
    return fact


def _value(entity: str, value: str, words: str) -> Any:
    if entity in NUMBERS:
        try:
            number = float(value or words)
        except ValueError:
            raise ReviewError("number", entity, words) from None
        return int(number) if number.is_integer() else number
    return value if VALUES.get(entity) else (value or words)


def _check(fact: Fact, text: str) -> None:
    words = text[fact.start : fact.end]
    if fact.entity not in VALUES:
        raise ReviewError("entity", fact.entity, words)
    if not 0 <= fact.start < fact.end <= len(text):
        raise ReviewError("words", fact.entity, words)
    if VALUES[fact.entity] and fact.value not in VALUES[fact.entity]:
        raise ReviewError("value", fact.entity, words)
    if fact.entity in NUMBERS and not 0 <= float(fact.value) < 100:
        raise ReviewError("number", fact.entity, words)


def _lines(sight: Any, placeless: bool) -> Select:
    mine = and_(TranscriptRow.case_id.is_not(None), sight)
    return (
        select(TranscriptRow, CaseRow.case_no)
        .outerjoin(CaseRow, CaseRow.id == TranscriptRow.case_id)
        .where(
            TranscriptRow.doubt.is_not(None),
            TranscriptRow.sender == "reporter",
            or_(mine, TranscriptRow.case_id.is_(None)) if placeless else mine,
        )
    )


def _open(sight: Any, placeless: bool) -> Select:
    reviewed = select(ReviewRow.id).where(ReviewRow.transcript_id == TranscriptRow.id).exists()
    return _lines(sight, placeless).where(~reviewed)


def _before(session: Session, line: TranscriptRow) -> list[TranscriptRow]:
    query = (
        select(TranscriptRow)
        .where(
            TranscriptRow.conversation_id == line.conversation_id,
            TranscriptRow.id < line.id,
            TranscriptRow.case_id == line.case_id
            if line.case_id
            else TranscriptRow.case_id.is_(None),
        )
        .order_by(TranscriptRow.id.desc())
        .limit(_CONTEXT)
    )
    return list(session.execute(query).scalars())[::-1]


def _offered(session: Session, line: TranscriptRow) -> tuple[str, ...]:
    """The readings on the buttons of the bot's answer, where it asked which one was meant."""
    query = (
        select(TranscriptRow)
        .where(
            TranscriptRow.conversation_id == line.conversation_id,
            TranscriptRow.id > line.id,
            TranscriptRow.sender == "bot",
        )
        .order_by(TranscriptRow.id)
        .limit(2)
    )
    for answer in session.execute(query).scalars():
        found = [each["payload"] for each in answer.buttons or () if each.get("payload")]
        picked = [payload.removeprefix(_PICK) for payload in found if payload.startswith(_PICK)]
        if picked:
            return tuple(picked)
    return ()


@dataclass(frozen=True)
class Reviewed:
    """A line with what staff said that it means, and what is known of the people in it.

    Args:
        known: names, phones, places and organisations of its case and its conversation.
    """

    number: int
    text: str
    intent: str
    facts: tuple[Fact, ...]
    known: tuple[str, ...]


_PERSONAL = ("person_name", "phone", "location", "organisation")
_FACTS = ("name", "phone", "organisation")


def reviewed(session: Session) -> list[Reviewed]:
    """Every line that was confirmed or corrected, the oldest first."""
    query = (
        select(ReviewRow, TranscriptRow, CaseRow)
        .join(TranscriptRow, TranscriptRow.id == ReviewRow.transcript_id)
        .outerjoin(CaseRow, CaseRow.id == TranscriptRow.case_id)
        .where(ReviewRow.state.in_(("right", "corrected")))
        .order_by(ReviewRow.id)
    )
    return [
        Reviewed(
            line.id, line.text, row.intent, facts_of(row.entities), _known(session, line, case)
        )
        for row, line, case in session.execute(query)
    ]


def _known(session: Session, line: TranscriptRow, case: CaseRow | None) -> tuple[str, ...]:
    facts = (case.facts or {}).get("facts", {}) if case else {}
    found = [str(facts[name]) for name in _FACTS if facts.get(name)]
    place = facts.get("location") or {}
    found += [str(place[name]) for name in ("text", "township", "detail") if place.get(name)]
    query = select(TranscriptRow).where(
        TranscriptRow.conversation_id == line.conversation_id,
        TranscriptRow.entities.is_not(None),
    )
    for other in session.execute(query).scalars():
        found += [
            other.text[fact.start : fact.end]
            for fact in facts_of(other.entities)
            if fact.entity in _PERSONAL
        ]
    return tuple(dict.fromkeys(value for value in found if len(value) > 1))
