"""What is left in a database: every value of every table, opened."""

import json
from typing import Any

from sqlalchemy import select

from bot.cases.tables import Base
from bot.database import Database


def everything_in(database: Database) -> str:
    """Every value of every table, opened where it is sealed, as one text."""
    found: list[Any] = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found += [
                    f"{table.name}:{json.dumps(v, ensure_ascii=False, default=str)}" for v in row
                ]
    return "\n".join(found)


def bytes_of(database: Database) -> str:
    """Every value of every table as the database holds it."""
    found: list[Any] = []
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.exec_driver_sql(f'select * from "{table.name}"')
            found += [repr(tuple(row)) for row in rows]
    return "\n".join(found)
