"""``hutong audit``: whether the audit is whole, and the audit as a file."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.cases.auditing import Wanted
    from bot.cases.staff_tables import AuditRow
    from bot.database import Database

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """Who read or did what in the console."""


@audit.command()
@click.option("--expect", "seal", default="", help="A seal that was noted earlier.")
@stops_with_a_sentence
def verify(seal: str) -> None:
    """Check every row's seal; fails when a row was changed, taken out or put in.

    Prints the last seal. Noted somewhere else, it shows later with --expect that nobody has
    written another audit with the same key.
    """
    from bot.bootstrap import open_database
    from bot.cases import auditing
    from bot.cases.audit import Audit

    settings = load_settings()
    database = open_database(settings)
    checker = Audit(database.keyring.lasting)
    with database.reading() as session:
        broken = checker.broken(session)
        where = auditing.standing(session)
        if not broken and seal and not auditing.holds(session, seal.strip().lower()):
            broken = "No row of the audit has the seal that was expected."
    with database.writing() as session:
        told = {"whole": broken is None, "rows": where.count}
        checker.write(session, settings.clock.now(), "console", auditing.VERIFIED, None, told)
    if broken:
        raise click.ClickException(broken)
    click.echo(f"The audit is whole: {where.count} rows.")
    if where.seal:
        click.echo(f"Last seal: {where.seal}")


@audit.command()
@click.option("--actor", default="", help="Only what this person did.")
@click.option("--action", default="", help="Only this action, as case_read.")
@click.option("--case", "case_no", default="", help="Only this case.")
@click.option("--from", "first", type=_DAY, help="The first day, 2026-11-01.")
@click.option("--to", "last", type=_DAY, help="The last day, itself included.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@stops_with_a_sentence
def export(
    actor: str,
    action: str,
    case_no: str,
    first: datetime | None,
    last: datetime | None,
    output: Path | None,
) -> None:
    """The audit as csv, in the order in which it was written; this is audited, too."""
    from bot.bootstrap import open_database
    from bot.cases import auditing
    from bot.cases.audit import Audit

    settings = load_settings()
    database = open_database(settings)
    wanted = auditing.Wanted(
        actor,
        action,
        case_no.strip().upper(),
        first.date() if first else None,
        last.date() if last else None,
    )
    with database.writing() as session:
        upto = auditing.last_id(session)
        told = {"upto": upto, **wanted.told()}
        writer = Audit(database.keyring.lasting)
        writer.write(session, settings.clock.now(), "console", "audit_exported", None, told)
    if output is None:
        _write(database, wanted, upto, sys.stdout.buffer)
        return
    with output.open("wb") as file:
        count = _write(database, wanted, upto, file)
    click.echo(f"{count} rows written to {output}", err=True)


def _write(database: "Database", wanted: "Wanted", upto: int, target: IO[bytes]) -> int:
    from bot.cases import auditing

    count = 0

    def found() -> Iterator["AuditRow"]:
        nonlocal count
        for row in auditing.everything(database.reading, wanted, upto):
            count += 1
            yield row

    target.writelines(auditing.as_csv(found()))
    return count
