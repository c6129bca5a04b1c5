"""What the commands of follow-ups and ledger share."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bot.settings import load_settings

STAFF = "staff"
_WIDE = 160  # columns of a table that goes into a file or a pipe


@contextmanager
def writing() -> Iterator[tuple[Any, datetime]]:
    """A transaction and the present moment; what cannot be done is told in one sentence."""
    from bot.bootstrap import open_database
    from bot.cases.followups import FollowupError

    settings = load_settings()
    try:
        with open_database(settings).writing() as session:
            yield session, settings.clock.now()
    except FollowupError as error:
        raise click.ClickException(str(error)) from None


def show(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """A table, in full width where it is not shown on a screen."""
    table = Table()
    for name in names:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(str(value) if value is not None else "" for value in row))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def minute(moment: datetime) -> str:
    """A moment to the minute."""
    return moment.isoformat(timespec="minutes")
