"""``hutong retention``: what has been kept for long enough is deleted."""

import click

from bot.commands.aftercare import minute, show
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.group()
def retention() -> None:
    """What has been kept for long enough is deleted."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only show it.")
@stops_with_a_sentence
def run(dry_run: bool) -> None:
    """Tell staff what is coming, delete what is due; `hutong serve` does so every ten minutes."""
    from bot.bootstrap import open_database
    from bot.conversation.inbox import Inbox
    from bot.conversation.keeper import Keeper

    settings = load_settings()
    database = open_database(settings)
    inbox = Inbox(database, database.keyring.lasting, settings.clock)
    keeper = Keeper(database, inbox, settings.keeping, settings.clock)
    kept = keeper.preview() if dry_run else keeper.look()
    rows = [("announced", each) for each in kept.announced]
    rows += [("deleted", each) for each in kept.deleted]
    show(
        ("what", "case", "kind", "due"),
        [(what, each.case_no, each.kind, minute(each.due_at)) for what, each in rows],
    )
    would = "would go" if dry_run else "gone"
    click.echo(
        f"{len(kept.deleted)} of cases, {kept.talks} talks, {kept.messages} messages {would}."
    )
