"""Rows written in bulk, past the ORM: a COPY on PostgreSQL, big batches on SQLite.

Indexes and constraints are taken away first and made again at the end, which is many times quicker.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from itertools import chain, islice
from typing import Any

import numpy as np
from sqlalchemy import Column, Table

from bot.database import Database

_BATCH = 5000


class Bulk:
    """Writes whole tables within its block.

    Args:
        told: hears what is being done.
    """

    def __init__(self, database: Database, told: Callable[[str], None] = lambda _: None) -> None:
        self._database = database
        self._told = told
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
            cursor.execute("SET work_mem = '256MB'; SET jit = off")
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
            # what was made here need not be looked at again; what comes later is held to it
            unchecked = " NOT VALID" if definition.startswith("FOREIGN KEY") else ""
            self._again.insert(
                0, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}{unchecked}"
            )
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            self._again.append(definition)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for statement in self._again:
                self._told(_named(statement))
                self._cursor.execute(statement)
            self._raw.commit()
            if not self._database.is_sqlite:
                self._tidy()
        self._raw.invalidate()  # what was set for the filling goes with the connection
        self._raw.close()

    def _tidy(self) -> None:
        """Numbers that are drawn go on behind those that were given; statistics are as of now."""
        self._raw.set_session(autocommit=True)
        self._cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'id' AND column_default LIKE 'nextval%'"
        )
        for (table,) in self._cursor.fetchall():
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            newest = f"(SELECT coalesce(max(id), 0) + 1 FROM {table})"
            self._cursor.execute(f"SELECT setval({sequence}, {newest}, false)")
        self._told("VACUUM ANALYZE")
        self._cursor.execute("VACUUM ANALYZE")
        self._cursor.execute("CHECKPOINT")

    def run(self, statement: str) -> None:
        """Let the database do something."""
        self._cursor.execute(statement)

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows that need no processing."""
        self._put(table, "", (list(row) for row in rows))

    def moment(self, at: datetime) -> str:
        """A moment as a literal."""
        return f"'{at.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S.%f}'"

    def later(self, moment: str, seconds: str) -> str:
        """The expression for a moment so many seconds after another."""
        if self._database.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {moment}, ({seconds}) || ' seconds') || '000'"
        return f"{moment} + ({seconds}) * interval '1 second'"

    def unique(self, number: str) -> str:
        """The expression for 64 hex digits that stand for a number."""
        if self._database.is_sqlite:
            return f"printf('%064x', {number})"
        return f"md5(({number})::text) || md5('-' || ({number})::text)"

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
        self._put(table.name, f" ({names})", map(values, chain([first], rows)))

    def _put(self, table: str, names: str, lines: Iterator[list[Any]]) -> None:
        if self._database.is_sqlite:
            first = next(lines)
            marks = ", ".join("?" * len(first))
            statement = f"INSERT INTO {table}{names} VALUES ({marks})"
            lines = chain([first], lines)
            while batch := [_for_sqlite(line) for line in islice(lines, _BATCH)]:
                self._cursor.executemany(statement, batch)
            return
        while batch := list(islice(lines, _BATCH)):
            text = io.StringIO()
            csv.writer(text).writerows(batch)
            text.seek(0)
            self._cursor.copy_expert(f"COPY {table}{names} FROM STDIN CSV", text)

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


def _named(statement: str) -> str:
    """What a statement that makes a constraint or an index makes."""
    words = statement.split()
    return words[words.index("INDEX") + 1] if "INDEX" in words else words[5]


def _for_sqlite(values: list[Any]) -> list[Any]:
    """Moments as SQLAlchemy writes them there."""
    return [
        value.strftime("%Y-%m-%d %H:%M:%S.%f") if hasattr(value, "strftime") else value
        for value in values
    ]
