"""``hutong followups``: what is to be done for cases, and what was."""

from datetime import datetime
from typing import Any

import click

from bot.commands.aftercare import STAFF, minute, show, writing
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.group()
def followups() -> None:
    """What is to be done for cases, and what was."""


@followups.command("list")
@click.option("--due", is_flag=True, help="Only what is due by now.")
@click.option("--region", help="Only this region: the first digits of its code.")
@stops_with_a_sentence
def list_followups(due: bool, region: str | None) -> None:
    """A line for each that is open, the earliest due first."""
    from bot.bootstrap import open_database
    from bot.cases import followups as rows

    settings = load_settings()
    now = settings.clock.now()
    with open_database(settings).reading() as session:
        found = [
            (
                row.id,
                row.case.case_no,
                row.kind,
                minute(row.due_at),
                "missed" if rows.is_missed(row, now) else "planned",
                row.unit,
                row.assigned,
                row.rule or STAFF,
            )
            for row in rows.due_before(session, now if due else None, region)
        ]
    show(("id", "case", "kind", "due", "state", "unit", "assigned", "rule"), found)


@followups.command("done")
@click.argument("number", type=int)
@click.option("--record", required=True, help="What was done, seen or said.")
@click.option("--quantity", type=int, help="Pieces of supplies.")
@click.option("--by", default=STAFF, help="Who did it.")
@stops_with_a_sentence
def followup_done(number: int, record: str, quantity: int | None, by: str) -> None:
    """Record that a follow-up is done."""
    from bot.cases import followups as rows
    from bot.cases.tables import FollowupRow

    with writing() as (session, now):
        row = session.get(FollowupRow, number, with_for_update=True)
        if row is None:
            raise rows.FollowupError(f"There is no follow-up {number}.")
        rows.done(row, by, now, record, quantity)
    click.echo(f"The follow-up {number} is done.")


@followups.command("schedule")
@click.argument("case_no")
@click.argument("kind")
@click.option("--at", "due", required=True, help="When, as 2026-11-21T10:00+08:00.")
@click.option("--text", "words", help="A reminder's own words.")
@click.option("--says", help="A reminder of the table instead, as carer_now (the default).")
@click.option("--anyway", is_flag=True, help="Although another reminder went out that day.")
@click.option("--assigned", help="Who is to do it.")
@click.option("--by", default=STAFF, help="Who schedules it.")
@stops_with_a_sentence
def schedule_followup(case_no: str, kind: str, due: str, by: str, **more: Any) -> None:
    """Plan one follow-up more for a case."""
    from bot.cases import followups as rows
    from bot.cases import store

    moment = _moment(due)
    if kind == "reminder" and not more["words"]:
        more["says"] = more["says"] or "carer_now"
    with writing() as (session, now):
        case = store.find(session, case_no.strip().upper())
        if case is None:
            raise rows.FollowupError("There is no such case.")
        row = rows.schedule(case, kind, moment, by, now, **more)
        session.flush()
        click.echo(f"The follow-up {row.id} is due {minute(row.due_at)}.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.ClickException(f"{text!r} is no time as 2026-11-21T10:00+08:00.") from None
    if moment.tzinfo is None:
        raise click.ClickException("The time needs a UTC offset, as 2026-11-21T10:00+08:00.")
    return moment
