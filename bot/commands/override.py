"""``hutong cases override``: staff set a level, a unit or a fact against the rules, or lift it."""

from datetime import datetime

import click

from bot.cases.tables import CaseRow
from bot.cases.vocabulary import LEVELS, UNITS
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.command()
@click.argument("case_no")
@click.option("--level", type=click.Choice(LEVELS), help="How urgent it is.")
@click.option("--unit", type=click.Choice(UNITS), help="Who is responsible.")
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help="A fact as found: carer=neighbour, ages=3,6, cannot_cope=yes, since=unknown.",
)
@click.option("--lift", "lifted", multiple=True, metavar="NAME", help="level, unit or a fact.")
@click.option("--why", required=True, help="The reason; it stands in the history.")
@click.option("--by", required=True, help="Who sets it; stands in the history.")
@stops_with_a_sentence
def override(
    case_no: str,
    level: str | None,
    unit: str | None,
    facts: tuple[str, ...],
    lifted: tuple[str, ...],
    why: str,
    by: str,
) -> None:
    """Set level, unit or facts of a case; it holds until lifted, and worse news is still heard."""
    from bot.bootstrap import open_database
    from bot.cases import store
    from bot.cases.overrides import OverrideError

    if not (level or unit or facts or lifted):
        raise click.UsageError("Say what to set: --level, --unit, --fact or --lift.")
    settings = load_settings()
    with open_database(settings).writing() as session:
        row = store.find(session, case_no.strip().upper())
        if row is None:
            raise click.ClickException("There is no such case.")
        try:
            _change(row, (level, unit, facts, lifted), (by, why), settings.clock.now())
        except OverrideError as error:
            raise click.ClickException(str(error)) from None
        due = row.due_at.isoformat(timespec="minutes")
        click.echo(f"{row.case_no}: {row.level}, until {due}, {row.unit}.")


def _change(
    row: CaseRow,
    wanted: tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]],
    by: tuple[str, str],
    now: datetime,
) -> None:
    """Carry out all changes: what is lifted first, facts before what is set above the rules."""
    from bot.cases import overrides
    from bot.walks.answers import place_as_fact

    level, unit, facts, lifted = wanted
    for name in lifted:
        overrides.lift(row, name, *by, now)
    for fact in facts:
        name, sign, text = fact.partition("=")
        if not sign:
            raise overrides.OverrideError(f"Write the fact as NAME=VALUE, not {fact!r}.")
        place = name.strip() == "location" and text.strip() != "unknown"
        value = place_as_fact(text) if place else overrides.read_value(name.strip(), text)
        overrides.override_fact(row, name.strip(), value, *by, now)
    if unit:
        overrides.override_unit(row, unit, *by, now)
    if level:
        overrides.override_level(row, level, *by, now)
