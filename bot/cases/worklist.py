"""What is to be done, the most urgent first: one page at a time, quick however many cases there are.

The order is cut into pieces (overdue or not, by urgency), each of them a range of the index
``case_standing``; a page takes from the pieces in turn until it is full, and the next page goes on
behind its last case. The conditions that hold for a person's sight come from the caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from bot.cases.staff_tables import SeenRow
from bot.cases.tables import CaseRow, ConversationRow
from bot.cases.vocabulary import ENDED, LEVELS

PAGE = 50
MOST = 100
"""Counts stop here; more is said as "99+"."""
_UNTOUCHED = ("draft", "new")
NEEDS_A_PERSON = ("danger", "human", "unreachable")
"""Why a conversation needs somebody although no case is filed; danger first."""


@dataclass(frozen=True)
class Wish:
    """What a person wants to see; what is empty is not asked for.

    Args:
        where: the condition that the region fits, from the person's rights.
        mine: the name of the person, for the cases that are theirs.
        unread_by: the id of the person, for the cases that have something new for them.
    """

    level: str = ""
    status: str = ""
    unit: str = ""
    report_type: str = ""
    where: Any = None
    mine: str = ""
    unread_by: int | None = None

    @property
    def ended(self) -> bool:
        """Whether cases are asked for that nobody works on any more."""
        return self.status in ENDED

    def conditions(self) -> list[Any]:
        """The conditions on ``CaseRow``."""
        found: list[Any] = [
            column == value
            for column, value in (
                (CaseRow.level, self.level),
                (CaseRow.status, self.status),
                (CaseRow.unit, self.unit),
                (CaseRow.report_type, self.report_type),
                (CaseRow.assigned, self.mine),
            )
            if value
        ]
        if self.where is not None:
            found.append(self.where)
        if self.unread_by is not None:
            found.append(unread(self.unread_by))
        return found


@dataclass(frozen=True)
class Cursor:
    """Behind which case a page goes on: its piece, its time there (``None``: none) and its id.

    ``now`` is the moment of the first page: what becomes overdue meanwhile changes no piece.
    """

    now: datetime
    piece: int
    at: datetime | None
    id: int


@dataclass(frozen=True)
class Shown:
    """A page: the ids of its cases in order, and where the next one begins."""

    ids: tuple[int, ...]
    after: Cursor | None


@dataclass(frozen=True)
class Counts:
    """How many open cases there are of each kind, at most ``MOST``."""

    critical: int
    overdue: int
    mine: int
    unread: int


@dataclass(frozen=True)
class _Piece:
    """A part of the order: its condition, and the time that it is ordered by."""

    condition: Any
    by: Any = None
    newest_first: bool = False


def unread(staff_id: int) -> Any:
    """The condition that a case has something new: it was filed or written to since it was read."""
    return not_(
        exists(
            select(SeenRow.case_id)
            .join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
            .where(
                SeenRow.staff_id == staff_id,
                SeenRow.case_id == CaseRow.id,
                SeenRow.at >= ConversationRow.updated_at,
                or_(CaseRow.submitted_at.is_(None), SeenRow.at >= CaseRow.submitted_at),
            )
            .correlate(CaseRow)
        )
    )


def page(
    session: Session, sight: Any, wish: Wish, now: datetime, after: Cursor | None = None
) -> Shown:
    """The next page of what a person may and wants to see.

    Args:
        sight: the condition on ``CaseRow`` that holds for what the person may see.
        after: where the page before ended.
    """
    now = after.now if after else now
    pieces = _ended_pieces(wish) if wish.ended else _open_pieces(wish, now)
    ids: list[int] = []
    last: Cursor | None = None
    for number, piece in enumerate(pieces):
        if after and number < after.piece:
            continue
        query = _query(piece, [sight, *wish.conditions()])
        if after and number == after.piece:
            query = query.where(_behind(piece, after))
        for case_id, at in session.execute(query.limit(PAGE + 1 - len(ids))):
            if len(ids) == PAGE:
                return Shown(tuple(ids), last)
            ids.append(case_id)
            last = Cursor(now, number, at, case_id)
    return Shown(tuple(ids), None)


def count(session: Session, sight: Any, name: str, staff_id: int, now: datetime) -> Counts:
    """How many open cases of each kind a person has before them."""

    def of(*conditions: Any) -> int:
        found = select(CaseRow.id).where(sight, CaseRow.urgency.in_(_levels()), *conditions)
        some = found.limit(MOST).subquery()
        return int(session.execute(select(func.count()).select_from(some)).scalar() or 0)

    return Counts(
        critical=of(CaseRow.urgency == 0),
        overdue=of(CaseRow.waits_until < now),
        mine=of(CaseRow.assigned == name),
        unread=of(unread(staff_id)),
    )


def alarming(session: Session, sight: Any) -> list[str]:
    """The numbers of critical cases that nobody took on, the newest first, ``MOST`` at most."""
    query = (
        select(CaseRow.case_no)
        .where(sight, CaseRow.urgency == 0, CaseRow.status.in_(_UNTOUCHED))
        .order_by(CaseRow.waits_until.desc(), CaseRow.id.desc())
    )
    return list(session.execute(query.limit(MOST)).scalars())


def talks(session: Session) -> list[ConversationRow]:
    """Conversations that need a person and have no open case: danger first, then who waits longest.

    Behind them stand those that somebody holds, so that whoever took one on finds it again. A
    conversation whose case has ended counts once the person has written again.
    """
    attended = exists(
        select(CaseRow.id)
        .where(
            CaseRow.conversation_id == ConversationRow.id,
            or_(CaseRow.urgency.is_not(None), CaseRow.ended_at >= ConversationRow.updated_at),
        )
        .correlate(ConversationRow)
    )
    found: list[ConversationRow] = []
    # hardly any conversation is held, nearly all want no attention: a range of the first index,
    # and coalesce so that SQLite does not go through the second one instead
    unasked = func.coalesce(ConversationRow.attention, "").not_in(NEEDS_A_PERSON)
    held = and_(ConversationRow.held_by > "", unasked)
    for why in (*(ConversationRow.attention == each for each in NEEDS_A_PERSON), held):
        query = (
            select(ConversationRow)
            .where(why, not_(attended))
            .order_by(ConversationRow.updated_at)
            .limit(MOST - len(found))
        )
        found += session.execute(query).scalars()
    return found


def _levels() -> range:
    return range(len(LEVELS))


def _open_pieces(wish: Wish, now: datetime) -> Iterator[_Piece]:
    """The order of open cases.

    First critical ones: overdue, then those that nobody took on yet; then what else is overdue,
    by urgency; then the rest, by urgency and time left, those without a time behind.
    """
    wanted = [LEVELS.index(wish.level)] if wish.level in LEVELS else list(_levels())
    at, untouched = CaseRow.waits_until, CaseRow.status.in_(_UNTOUCHED)

    def piece(urgency: int, *conditions: Any, timed: bool = True) -> _Piece:
        found = and_(CaseRow.urgency == urgency, *conditions)
        return _Piece(found, at if timed else None)

    if 0 in wanted:
        yield piece(0, at < now)
        yield piece(0, at >= now, untouched)
    for urgency in wanted:
        if urgency:
            yield piece(urgency, at < now)
    for urgency in wanted:
        yield piece(urgency, at >= now, *([not_(untouched)] if urgency == 0 else []))
        yield piece(urgency, at.is_(None), timed=False)


def _ended_pieces(wish: Wish) -> Iterator[_Piece]:
    """The order of ended cases: what ended last first."""
    of_status = CaseRow.status == wish.status
    yield _Piece(and_(of_status, CaseRow.ended_at.is_not(None)), CaseRow.ended_at, True)
    yield _Piece(and_(of_status, CaseRow.ended_at.is_(None)), None, True)


def _query(piece: _Piece, conditions: list[Any]) -> Any:
    id_order = CaseRow.id.desc() if piece.newest_first else CaseRow.id
    if piece.by is None:
        query = select(CaseRow.id, CaseRow.ended_at).order_by(id_order)
    else:
        by_order = piece.by.desc() if piece.newest_first else piece.by
        query = select(CaseRow.id, piece.by).order_by(by_order, id_order)
    return query.where(piece.condition, *conditions)


def _behind(piece: _Piece, after: Cursor) -> Any:
    """What comes later in the piece than the case that the page before ended with."""
    further = CaseRow.id < after.id if piece.newest_first else CaseRow.id > after.id
    if piece.by is None or after.at is None:
        return further
    if piece.newest_first:
        return and_(piece.by <= after.at, or_(piece.by < after.at, further))
    return and_(piece.by >= after.at, or_(piece.by > after.at, further))
