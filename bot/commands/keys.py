"""``hutong keys``: what the database is sealed with."""

import time

import click

from bot.commands.aftercare import minute, show
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.group()
def keys() -> None:
    """The keys that the database is sealed with."""


@keys.command("list")
@stops_with_a_sentence
def list_keys() -> None:
    """A line for each key: when it was made and how many values it seals."""
    from bot.bootstrap import open_database
    from bot.cases import keys as rows

    with open_database(load_settings()).reading() as session:
        found = [
            (each.id, each.state, minute(each.made_at), each.values)
            for each in rows.figures(session)
        ]
    show(("key", "state", "made", "values"), found)


@keys.command()
@stops_with_a_sentence
def rotate() -> None:
    """Make a new key and seal everything anew with it; the program may go on meanwhile.

    Stopped half-way, it goes on where it was when it is run again.
    """
    from bot.bootstrap import open_database
    from bot.cases import keys as rows
    from bot.database import KEYS_EVERY

    settings = load_settings()
    database = open_database(settings)
    with database.writing() as session:
        destroyed = rows.destroy_retired(session, settings.clock.now())
        number = rows.begin(session, settings.clock.now())
    for each in destroyed:
        click.echo(f"Key {each} is destroyed.")
    click.echo(f"Key {number} seals from now on.")
    left, count = [number], 0
    while left:
        time.sleep(KEYS_EVERY + 0.5)  # until every process has noticed the new key
        for _, changed in rows.reseal(database.writing, number):
            count += changed
        with database.writing() as session:
            left = rows.finish(session, settings.clock.now())
    click.echo(f"{count} values were sealed anew; the keys before are retired.")
