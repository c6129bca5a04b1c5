"""Statements of every turn: made once for each database, and run on its driver itself.

SQLAlchemy compiles a statement, looks it up among those compiled before and wraps what comes back
each time that it runs; for the statements of a turn that takes much longer than the database does.
Here the same statement is compiled once, and its values still go through the types of their
columns: what is sealed is sealed. Everything that is not in the way of a turn uses objects.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.future import Connection, Engine
from sqlalchemy.orm import Session

LOCKED = {"key_share": True}
"""How a row is locked that stays: who adds rows that belong to it, as a message, need not wait."""
Row = Sequence[Any]
_Process = Callable[[Any], Any]


class Prepared:
    """A statement of every turn.

    Args:
        statement: of Core, with named parameters and without lists of any length.
        columns: of an ``insert`` or ``update``, those that get a value under their own name; in an
            ``insert`` the others get their default or nothing.
    """

    def __init__(self, statement: Any, columns: Sequence[str] | None = None) -> None:
        self.statement = statement
        self.columns = columns


class Form:
    """A prepared statement in the words of one database.

    Raises:
        ValueError: it holds a list, whose length changes its words.
    """

    def __init__(self, prepared: Prepared, dialect: Dialect) -> None:
        compiled = prepared.statement.compile(dialect=dialect, column_keys=prepared.columns)
        if compiled.post_compile_params:
            raise ValueError("a list has another length each time")
        self.words = str(compiled)
        self.gives_id = bool(compiled.isinsert and compiled.returning)
        self._fixed = {
            **{name: each.value for each, name in compiled.bind_names.items() if not each.required},
            **{each.key: each.default.arg for each in compiled.insert_prefetch},
        }
        types = {name: each.type for each, name in compiled.bind_names.items()}
        self._sealed = _processes(types.items(), dialect, "bind")
        self._names = compiled.positiontup if compiled.positional else None
        chosen = getattr(prepared.statement, "selected_columns", ())
        self._opened = _processes(enumerate(each.type for each in chosen), dialect, "result")

    def values(self, given: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        held = {**self._fixed, **given}
        for name, process in self._sealed:
            held[name] = process(held[name])
        return held if self._names is None else [held[name] for name in self._names]

    def rows(self, found: Sequence[Row]) -> Sequence[Row]:
        """The rows of the driver with their values as the columns' types give them."""
        if not self._opened:
            return found
        rows = [list(row) for row in found]
        for row in rows:
            for place, process in self._opened:
                if row[place] is not None:
                    row[place] = process(row[place])
        return rows


def _processes(types: Any, dialect: Dialect, way: str) -> list[tuple[Any, _Process]]:
    found = []
    for name, kind in types:
        if way == "bind":
            process = kind.dialect_impl(dialect).bind_processor(dialect)
        else:
            process = kind.dialect_impl(dialect).result_processor(dialect, None)
        if process is not None:
            found.append((name, process))
    return found


class Transaction(Session):
    """A session that also runs prepared statements; both are one transaction.

    Connection and transaction begin with the first statement of either kind. What a prepared
    statement changes is not seen by objects that were loaded before.

    Args:
        engine: where connections come from.
        forms: the statements prepared so far for this engine, kept from session to session.
        begin: begins a transaction on a cursor, where the driver does not begin it by itself.
    """

    def __init__(
        self,
        engine: Engine,
        forms: dict[Prepared, Form],
        begin: Callable[[Any], None] | None,
    ) -> None:
        super().__init__(engine, future=True, expire_on_commit=False)
        self._engine = engine
        self._forms = forms
        self._begin = begin
        self._driver: Any = None
        self._connection: Connection | None = None
        self._has_objects = False

    @property
    def dialect(self) -> Dialect:
        """The database's, on which its keys hang."""
        dialect: Dialect = self._engine.dialect
        return dialect

    def rows(self, prepared: Prepared, **values: Any) -> Sequence[Row]:
        """The rows that a query finds."""
        form = self._form(prepared)
        cursor = self._run(form.words, form.values(values))
        try:
            return form.rows(cursor.fetchall())
        finally:
            cursor.close()

    def row(self, prepared: Prepared, **values: Any) -> Row | None:
        """The first row that a query finds."""
        found = self.rows(prepared, **values)
        return found[0] if found else None

    def value(self, prepared: Prepared, **values: Any) -> Any:
        """The first column of the first row, or ``None``."""
        found = self.rows(prepared, **values)
        return found[0][0] if found else None

    def change(self, prepared: Prepared, **values: Any) -> int:
        """Run an update or a delete; how many rows it met."""
        form = self._form(prepared)
        cursor = self._run(form.words, form.values(values))
        met = int(cursor.rowcount)
        cursor.close()
        return met

    def insert(self, prepared: Prepared, **values: Any) -> int:
        """Put one row in; its id, where the database numbers the table's rows."""
        form = self._form(prepared)
        cursor = self._run(form.words, form.values(values))
        number = cursor.fetchone()[0] if form.gives_id else cursor.lastrowid
        cursor.close()
        return int(number or 0)

    def insert_all(self, prepared: Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put several rows in, in their order."""
        form = self._form(prepared)
        if rows:
            self._run(form.words, [form.values(row) for row in rows], many=True).close()

    def add(self, instance: Any, _warn: bool = True) -> None:
        """Put an object in (as any session does)."""
        self._has_objects = True
        super().add(instance, _warn)

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """The one connection."""
        if self._connection is None:
            self._connection = Connection(self._engine, connection=self._opened())
            self._has_objects = True
        return self._connection

    def finish(self) -> None:
        """Commit, in one transaction, whatever was done."""
        if self._has_objects:
            self.commit()
        if self._driver is not None:
            self._tried(self._driver.commit)

    def leave(self) -> None:
        """Give the connection back; what was not committed is undone."""
        try:
            if self._has_objects:
                self.close()
        finally:
            driver, self._driver, self._connection = self._driver, None, None
            if driver is not None:
                driver.close()

    def _form(self, prepared: Prepared) -> Form:
        form = self._forms.get(prepared)
        if form is None:
            form = self._forms[prepared] = Form(prepared, self._engine.dialect)
        return form

    def _run(self, words: str, values: Any, many: bool = False) -> Any:
        if self._has_objects:
            self.flush()
        cursor = self._opened().cursor()
        if not many:
            self._tried(cursor.execute, words, values)
        elif self._begin:
            self._tried(cursor.executemany, words, values)
        else:
            # many statements on one way there; a program on SQLite has no use for it
            from psycopg2.extras import execute_batch  # type: ignore[import-untyped] # no stubs

            self._tried(execute_batch, cursor, words, values)
        return cursor

    def _opened(self) -> Any:
        if self._driver is None:
            self._driver = self._engine.raw_connection()
            if self._begin:
                self._tried(self._begin, self._driver.cursor())
        return self._driver

    def _tried(self, step: Callable[..., Any], *given: Any) -> None:
        """Run a step of the driver.

        Raises:
            sqlalchemy.exc.DBAPIError: what SQLAlchemy itself would make of the driver's error.
        """
        dialect = self._engine.dialect
        try:
            step(*given)
        except dialect.dbapi.Error as error:
            gone = dialect.is_disconnect(error, self._driver, None)
            if gone:
                self._driver.invalidate(error)
            raise DBAPIError.instance(
                given[0] if given and isinstance(given[0], str) else None,
                None,
                error,
                dialect.dbapi.Error,
                hide_parameters=True,
                connection_invalidated=gone,
                dialect=dialect,
            ) from error
