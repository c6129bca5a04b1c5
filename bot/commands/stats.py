"""``hutong stats``: the counters that a district reports."""

import io
import sys
from datetime import datetime
from pathlib import Path

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day, 2026-11-01.")
@click.option("--to", "last", type=_DAY, required=True, help="The last day, itself included.")
@click.option("--region", help="Only this division: six digits (GB/T 2260).")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "xlsx", "png"]), default="table"
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@stops_with_a_sentence
def stats(first: datetime, last: datetime, region: str | None, form: str, out: Path | None) -> None:
    """Visits, reminders, supplies, calls for help and cases by region."""
    from bot.bootstrap import open_database
    from bot.cases.stats import Period, count
    from bot.cases.stats_files import write
    from bot.walks.divisions import name_of

    if region and not name_of(region):
        raise click.ClickException(f"There is no division {region} (--region).")
    try:
        period = Period(first.date(), last.date())
    except ValueError as error:
        raise click.ClickException(f"{error} (--from, --to).") from None
    with open_database(load_settings()).reading() as session:
        statistics = count(session, period, name_of, region)
    target = io.BytesIO()
    write(statistics, form, target)
    if out:
        out.write_bytes(target.getvalue())
    else:
        sys.stdout.buffer.write(target.getvalue())
