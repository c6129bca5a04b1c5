"""``hutong cases relate``: staff say whether two reports are about the same child."""

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.command()
@click.argument("case_no")
@click.argument("other_no")
@click.option("--as", "state", type=click.Choice(["linked", "dismissed"]), required=True)
@click.option("--by", required=True, help="Who decides; it stands in the history of both.")
@stops_with_a_sentence
def relate(case_no: str, other_no: str, state: str, by: str) -> None:
    """Link two reports that were suggested as related, or dismiss the suggestion."""
    from bot.bootstrap import open_database
    from bot.cases import related, store

    settings = load_settings()
    with open_database(settings).writing() as session:
        rows = [store.find(session, number.strip().upper()) for number in (case_no, other_no)]
        one, other = rows
        if one is None or other is None:
            raise click.ClickException("There is no such case.")
        decision: related.Decision = "linked" if state == "linked" else "dismissed"
        try:
            related.decide(session, (one, other), decision, by, settings.clock.now())
        except related.RelatedError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{one.case_no} and {other.case_no}: {state}.")
