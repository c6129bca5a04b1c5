"""Keys in the database: made, renewed, rotated; the values that they sealed, sealed anew.

A rotation makes a new key and then seals every value anew in small transactions, each of which
changes a value only if nobody else has meanwhile. The program goes on; a rotation that was stopped
goes on where it was when it is run again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Column, Text, bindparam, func, select, tuple_, type_coerce, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bot.cases.keyring import HeldKey, Keyring, KeyState, mark
from bot.cases.privacy_tables import KeyRow
from bot.cases.sealed import Sealed, keyring_of, opened, seal
from bot.cases.tables import Base

BATCH = 200
"""Values that are sealed anew in one transaction: some ten milliseconds."""
SETTLED = timedelta(days=1)
"""A key is destroyed so long after nothing is sealed with it any more: a stopped process may wake."""
_TABLE = KeyRow.__table__


@dataclass(frozen=True)
class KeyFigures:
    """A key as it is listed, with how many values it seals."""

    id: int
    state: str
    made_at: datetime
    values: int


def held(connection: Connection) -> list[HeldKey]:
    """The keys that the database holds."""
    rows = connection.execute(select(_TABLE).order_by(_TABLE.c.id))
    return [
        HeldKey(row.id, cast(KeyState, row.state), row.wrapped, row.made_at, row.retired_at)
        for row in rows
    ]


def write(connection: Connection, keys: list[HeldKey]) -> None:
    """Put keys into the database."""
    for key in keys:
        connection.execute(
            _TABLE.insert().values(
                id=key.id, state=key.state, wrapped=key.wrapped, made_at=key.made_at
            )
        )


def rewrap(connection: Connection, keys: list[HeldKey]) -> None:
    """Put keys that were wrapped under new material in the place of what was there."""
    for key in keys:
        connection.execute(_TABLE.update().where(_TABLE.c.id == key.id).values(wrapped=key.wrapped))


def begin(session: Session, now: datetime) -> int:
    """Make a new key that seals from now on; while a rotation is unfinished, go on with its key.

    Returns:
        the number of the key that seals.
    """
    connection = session.connection()
    keyring = keyring_of(connection.dialect)
    rows = session.execute(select(KeyRow).order_by(KeyRow.id).with_for_update()).scalars().all()
    current = next(row for row in rows if row.state == "current")
    if any(row.state == "old" for row in rows):
        keyring.take(held(connection))
        return int(current.id)
    current.state = "old"
    session.flush()
    fresh = keyring.fresh(max(row.id for row in rows) + 1, now)
    write(connection, [fresh])
    keyring.take(held(connection))
    return fresh.id


def finish(session: Session, now: datetime) -> list[int]:
    """Retire the old keys that seal nothing any more.

    Returns:
        the numbers of the keys that still seal something.
    """
    left = []
    for row in session.execute(select(KeyRow).where(KeyRow.state == "old")).scalars():
        if _sealed_with(session, row.id):
            left.append(int(row.id))
        else:
            row.state, row.retired_at = "retired", now
    return left


def destroy_retired(session: Session, now: datetime) -> list[int]:
    """Destroy the keys that were retired a day ago, if really nothing is sealed with them.

    Returns:
        their numbers.
    """
    query = select(KeyRow).where(KeyRow.state == "retired", KeyRow.retired_at <= now - SETTLED)
    gone = []
    for row in session.execute(query).scalars().all():
        if _sealed_with(session, row.id):
            row.state, row.retired_at = "old", None  # the next rotation takes it up again
        else:
            session.delete(row)
            gone.append(int(row.id))
    return gone


def figures(session: Session) -> list[KeyFigures]:
    """All keys that seal or sealed, with how many values each seals."""
    rows = session.execute(select(KeyRow).where(KeyRow.state != "lasting").order_by(KeyRow.id))
    return [
        KeyFigures(row.id, row.state, row.made_at, _sealed_with(session, row.id))
        for row in rows.scalars()
    ]


def sealed_columns() -> list[Column]:
    """Every column of every table whose values are sealed."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def reseal(
    transaction: Callable[[], Any], number: int, rest: float = 0.02
) -> Iterator[tuple[str, int]]:
    """Seal anew whatever is not sealed with a key, a small transaction at a time.

    Args:
        transaction: opens a writing session, as ``Database.writing``.
        number: the key.
        rest: seconds between two transactions, so that turns get in.

    Yields:
        the column and how many of its values were sealed anew, after each transaction.
    """
    for column in sealed_columns():
        after: tuple[Any, ...] | None = None
        while True:
            with transaction() as session:
                changed, after = _batch(session, column, number, after)
            if after is None:
                break
            yield str(column), changed
            time.sleep(rest)


def _batch(
    session: Session, column: Column, number: int, after: tuple[Any, ...] | None
) -> tuple[int, tuple[Any, ...] | None]:
    """Seal one batch anew; how many, and the last row that was looked at (``None``: no more)."""
    keyring = keyring_of(session.connection().dialect)
    key_columns = list(column.table.primary_key.columns)
    raw = type_coerce(column, Text)
    query = select(*key_columns, raw.label("held")).where(raw.not_like(f"{mark(number)}%"))
    if after is not None:
        query = query.where(tuple_(*key_columns) > tuple_(*after))
    # what a turn is writing just now is left for the next round: neither waits for the other
    query = query.order_by(*key_columns).limit(BATCH).with_for_update(skip_locked=True)
    rows = session.execute(query).all()
    if not rows:
        return 0, None
    return _sealed_anew(session, keyring, column, rows), tuple(rows[-1])[:-1]


def _sealed_anew(session: Session, keyring: Keyring, column: Column, rows: list[Any]) -> int:
    place = column.type.place
    key_columns = list(column.table.primary_key.columns)
    change = (
        update(column.table)
        .where(*(each == bindparam(f"key_{each.name}", type_=each.type) for each in key_columns))
        .where(type_coerce(column, Text) == bindparam("before", type_=Text()))
        .values({column.name: bindparam("anew", type_=Text())})
    )
    count = 0
    for row in rows:
        before = row.held
        values = {f"key_{each.name}": row[i] for i, each in enumerate(key_columns)}
        anew = seal(keyring, place, opened(keyring, place, before))
        done = session.connection().execute(change, {**values, "before": before, "anew": anew})
        count += done.rowcount
    return count


def _sealed_with(session: Session, number: int) -> int:
    """How many values a key seals."""
    return sum(
        session.execute(
            select(func.count()).where(type_coerce(column, Text).like(f"{mark(number)}%"))
        ).scalar()
        for column in sealed_columns()
    )
