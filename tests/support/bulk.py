"""Rows written in bulk, past the ORM: a COPY on PostgreSQL, big batches on SQLite.

Indexes and constraints are taken away first and made again at the end, which is many times quicker.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Column, Table

from bot.database import Database

_BATCH = 5000


class Bulk:
    """Writes whole tables within its block."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.engine.dialect
        self._again: list[str] = []

    def __enter__(self) -> "Bulk":
        self._raw = self._database.engine.raw_connection()
        cursor = self._raw.cursor()
        if self._database.is_sqlite:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND sql > ''")
            for name, definition in cursor.fetchall():
                self._again.append(definition)
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute("BEGIN")
        else:
            cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
            self._take_away(cursor)
        self._cursor = cursor
        return self

    def _take_away(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u')"
            " ORDER BY contype = 'f' DESC"
        )
        for table, name, definition in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
            self._again.insert(0, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            self._again.append(definition)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for statement in self._again:
                self._cursor.execute(statement)
            self._raw.commit()
            if not self._database.is_sqlite:
                self._raw.set_session(autocommit=True)
                self._cursor.execute("VACUUM ANALYZE")
                self._cursor.execute("CHECKPOINT")
        self._raw.invalidate()  # what was set for the filling goes with the connection
        self._raw.close()

    def sealed(self, column: Column) -> Callable[[Any], "Raw"]:
        """Turns values of a column into what the database holds, for values that come often."""
        process = column.type.bind_processor(self._dialect)
        return lambda value: Raw(process(value))

    def write(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows; all of them have the keys of the first one."""
        rows = iter(rows)
        first = next(rows)
        columns = [table.c[name] for name in first]
        processes = [column.type.bind_processor(self._dialect) for column in columns]

        def values(row: dict[str, Any]) -> list[Any]:
            return [
                value if process is None or isinstance(value, Raw) else process(value)
                for process, value in zip(processes, row.values(), strict=True)
            ]

        names = ", ".join(column.name for column in columns)
        lines = map(values, _chain(first, rows))
        if self._database.is_sqlite:
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
            while batch := [_for_sqlite(line) for line in islice(lines, _BATCH)]:
                self._cursor.executemany(statement, batch)
            return
        while batch := list(islice(lines, _BATCH)):
            text = io.StringIO()
            csv.writer(text).writerows(batch)
            text.seek(0)
            self._cursor.copy_expert(f"COPY {table.name} ({names}) FROM STDIN CSV", text)

    def write_pairs(self, table: Table, batches: Iterable[np.ndarray]) -> None:
        """Write a table of two whole numbers; each batch holds them as ``first << 32 | second``."""
        first, second = (column.name for column in table.columns)
        if self._database.is_sqlite:  # the table is its own index: in order, or it takes for ever
            keys = np.sort(np.concatenate(list(batches)))
            statement = f"INSERT INTO {table.name} ({first}, {second}) VALUES (?, ?)"
            for begin in range(0, len(keys), 1_000_000):
                some = keys[begin : begin + 1_000_000]
                pairs = zip((some >> 32).tolist(), (some & 0xFFFF_FFFF).tolist(), strict=True)
                self._cursor.executemany(statement, pairs)
            return
        row = np.dtype([("n", ">i2"), ("a", ">i4"), ("m", ">i4"), ("b", ">i4"), ("c", ">i4")])
        for keys in batches:
            rows = np.zeros(len(keys), dtype=row)
            rows["n"], rows["a"], rows["b"] = 2, 4, 4
            rows["m"], rows["c"] = keys >> 32, keys & 0xFFFF_FFFF
            data = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8 + rows.tobytes() + b"\xff\xff"
            copy = f"COPY {table.name} ({first}, {second}) FROM STDIN BINARY"
            self._cursor.copy_expert(copy, io.BytesIO(data))


class Raw(str):
    """A value that is already what the database holds."""


def _chain(first: dict[str, Any], rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rows


def _for_sqlite(values: list[Any]) -> list[Any]:
    """Moments as SQLAlchemy writes them there."""
    return [
        value.strftime("%Y-%m-%d %H:%M:%S.%f") if hasattr(value, "strftime") else value
        for value in values
    ]
