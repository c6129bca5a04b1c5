"""``hutong ledger``: children to keep in view (信息台账)."""

import click

from bot.commands.aftercare import STAFF, minute, show, writing
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.group()
def ledger() -> None:
    """Children to keep in view (信息台账)."""


@ledger.command("list")
@click.option("--kind", help="Only this kind, as left_behind.")
@click.option("--region", help="Only this region: the first digits of its code.")
@click.option("--due", is_flag=True, help="Only what is to be refreshed by now.")
@stops_with_a_sentence
def list_ledger(kind: str | None, region: str | None, due: bool) -> None:
    """A line for each entry that stands, the one to be refreshed first at the top."""
    from bot.bootstrap import open_database
    from bot.cases import ledger as entries

    settings = load_settings()
    if kind and kind not in entries.KINDS:
        raise click.ClickException(
            f"There is no kind {kind!r}; there are {', '.join(entries.KINDS)}."
        )
    until = settings.clock.now() if due else None
    with open_database(settings).reading() as session:
        found = [
            (
                row.id,
                row.case.case_no,
                row.kind,
                row.state,
                row.region,
                minute(row.refreshed_at),
                minute(row.refresh_by),
            )
            for row in entries.listed(session, kind, region, until)
        ]
    show(("id", "case", "kind", "state", "region", "refreshed", "refresh by"), found)


@ledger.command("set")
@click.argument("number", type=int)
@click.argument("what", type=click.Choice(["confirm", "remove", "refresh"]))
@click.option("--record", help="What was seen or said, for a refresh.")
@click.option("--by", default=STAFF, help="Who says so.")
@stops_with_a_sentence
def set_entry(number: int, what: str, record: str | None, by: str) -> None:
    """Confirm, remove or refresh an entry."""
    from bot.cases import ledger as entries
    from bot.cases.followups import FollowupError
    from bot.cases.tables import LedgerRow

    with writing() as (session, now):
        entry = session.get(LedgerRow, number, with_for_update=True)
        if entry is None:
            raise FollowupError(f"There is no entry {number}.")
        if what == "refresh":
            entries.refresh(entry, by, now, record)
        else:
            (entries.confirm if what == "confirm" else entries.remove)(entry, by, now)
    click.echo(f"The entry {number}: {what}.")
