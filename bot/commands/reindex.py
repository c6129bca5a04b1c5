"""``hutong cases reindex``: cases from before can be found by their words, too."""

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings

_BATCH = 100


@click.command()
@stops_with_a_sentence
def reindex() -> None:
    """Let every case be found by number, phone, name, place and words.

    The program does so by itself as people write; this is for cases of databases made before. It
    may run beside the program, and again.
    """
    from sqlalchemy import select

    from bot.bootstrap import open_database
    from bot.cases import related, search
    from bot.cases.tables import CaseRow
    from bot.conversation.inbox import Inbox

    settings = load_settings()
    database = open_database(settings)
    hashed = Inbox(database, database.keyring.lasting, settings.clock).hashed
    last = count = 0
    while True:
        with database.writing() as session:
            query = select(CaseRow).where(CaseRow.id > last).order_by(CaseRow.id).limit(_BATCH)
            rows = list(session.execute(query).scalars())
            for row in rows:
                related.leave_traces(session, row, hashed)
                search.take_in(session, row, hashed)
        if not rows:
            break
        last, count = rows[-1].id, count + len(rows)
    click.echo(f"{count} cases can be found.")
