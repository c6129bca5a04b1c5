"""How PostgreSQL goes about the statements of some work: to find those that go through whole tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from bot.database import Database


@dataclass(frozen=True)
class Step:
    """A step of a plan that reads a table.

    Args:
        how: as PostgreSQL names it, ``Seq Scan`` or ``Index Scan``.
        index: what it reads through.
        sought: what is looked up in the index; empty where it is read from one end.
        rows: that it gave, and took up only to drop them again.
    """

    table: str
    how: str
    index: str
    sought: str
    rows: int
    dropped: int


@dataclass(frozen=True)
class Asked:
    """A statement of some work: its text, its steps, and the milliseconds that it took."""

    statement: str
    steps: tuple[Step, ...]
    ms: float


def asked_by(database: Database, work: Callable[[], Any], without: str = "") -> list[Asked]:
    """The statements that some work reads by, each explained right before it runs.

    Args:
        without: a way that the planner is to avoid, as ``seqscan``: in a small database it goes
            through whole tables where it never would in a large one.
    """
    found: dict[str, Asked] = {}

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "WITH")) or statement in found:
            return
        cursor = connection.connection.cursor()
        if without:
            cursor.execute(f"SET LOCAL enable_{without} = off")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        (plan,) = cursor.fetchone()[0]
        found[statement] = Asked(statement, tuple(_steps(plan["Plan"])), plan["Execution Time"])

    event.listen(database.engine, "before_cursor_execute", explain)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", explain)
    return list(found.values())


def _steps(node: dict[str, Any], times: int = 1) -> Iterator[Step]:
    if "Relation Name" in node or node["Node Type"].startswith("Bitmap"):
        loops = node["Actual Loops"]
        dropped = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        yield Step(
            node.get("Relation Name", ""),
            node["Node Type"],
            node.get("Index Name", ""),
            node.get("Index Cond", ""),
            node["Actual Rows"] * loops,
            dropped * loops,
        )
    for each in node.get("Plans", ()):
        yield from _steps(each)
