"""The commands, thin: settings in, one call, words out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.commands.audit import audit
from bot.commands.followups import followups
from bot.commands.keys import keys
from bot.commands.ledger import ledger
from bot.commands.links import links
from bot.commands.override import override
from bot.commands.reindex import reindex
from bot.commands.related import relate
from bot.commands.retention import retention
from bot.commands.review import review
from bot.commands.staff import staff
from bot.commands.stats import stats
from bot.commands.stopping import stops_with_a_sentence as _stops_with_a_sentence
from bot.settings import Settings, load_settings

_WIDE = 160  # columns of a table that goes into a file or a pipe


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def hutong() -> None:
    """Hutong (护童): a child without care reaches somebody who can act."""


def _trained(settings: Settings) -> Path:
    from bot.bootstrap import quiet_libraries
    from bot.training import TrainingError, model_path

    quiet_libraries()
    path = model_path(settings.models)
    if not path.exists():  # in a process of its own: what training held is given back
        done = subprocess.run([sys.executable, "-m", "bot", "train"])
        if done.returncode != 0:
            raise TrainingError("The model could not be trained; what stands above says why.")
    return path


@hutong.command()
@_stops_with_a_sentence
def serve() -> None:
    """Open the door: web chat at /, and Telegram when a token is set."""
    settings = load_settings()
    model = _trained(settings)
    from bot.conversation.clerks import Clerks

    count = settings.clerks_served
    with Clerks(settings, model, count) if count else nullcontext() as clerks:
        from bot.serve import serve as run  # while they load

        run(settings, model, clerks)


@hutong.command()
@click.option("--json", "as_json", is_flag=True, help="A message a line in, JSON a line out.")
@click.option("--sender", default="", help="Continue the conversation of this name.")
@_stops_with_a_sentence
def chat(as_json: bool, sender: str) -> None:
    """Talk in the terminal."""
    from uuid import uuid4

    settings = load_settings()
    model = _trained(settings)
    from bot.bootstrap import build
    from bot.channels.terminal import Terminal, talk, talk_json

    terminal = Terminal(build(settings, model), sender or uuid4().hex)
    if as_json:
        talk_json(terminal, _lines())
    else:
        talk(terminal, Console())


@hutong.command()
@_stops_with_a_sentence
def parse() -> None:
    """Understand each line of standard input; a JSON object a line out."""
    settings = load_settings()
    model = _trained(settings)
    from nlu.interpreter import Interpreter

    interpreter = Interpreter.load(model)
    for line in _lines():
        found = interpreter.parse(line.rstrip("\r\n"), settings.clock.now())
        answer = {
            "text": found.text,
            "intent": found.intent,
            "confidence": round(found.confidence, 4),
            "entities": [
                {"entity": e.entity, "value": e.value, "start": e.start, "end": e.end}
                for e in found.entities
            ],
        }
        sys.stdout.write(_printable(json.dumps(answer, ensure_ascii=False)) + "\n")
        sys.stdout.flush()


def _printable(text: str) -> str:
    """The text without what UTF-8 cannot hold (lone surrogates)."""
    return text.encode("utf-8", "replace").decode()


def _lines() -> Iterator[str]:
    """The lines of standard input as UTF-8; bytes that are none become question marks."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace")


@hutong.command()
@click.option("--if-needed", is_flag=True, help="Only when no model fits today's data.")
@_stops_with_a_sentence
def train(if_needed: bool) -> None:
    """Train the model on today's data."""
    from bot.bootstrap import quiet_libraries
    from bot.training import ensure_model
    from bot.training import train as train_anew

    quiet_libraries()
    models = load_settings().models
    click.echo(ensure_model(models) if if_needed else train_anew(models))


@hutong.command()
@click.option(
    "--test",
    "tests",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines of labelled messages; default: all under tests/nlu/messages.",
)
@click.option("--cross-validate", is_flag=True, help="Train five times on four fifths, too.")
@click.option(
    "--parts",
    type=click.IntRange(1, 5),
    default=5,
    help="How many of the five; with --cross-validate.",
)
@_stops_with_a_sentence
def evaluate(tests: tuple[Path, ...], cross_validate: bool, parts: int) -> None:
    """Measure how well messages are understood; the report goes to docs/nlu."""
    model = _trained(load_settings())
    from bot.training import ROOT
    from nlu.measuring.evaluate import evaluate as run

    own = sorted((ROOT / "tests" / "nlu" / "messages").glob("*.jsonl"))
    named = {path.stem: [path] for path in tests} or {"test-set": own}
    result = run(model, named, parts=parts if cross_validate else 0)
    for name, figures in result.parts.items():
        click.echo(f"{name}: intent accuracy {figures.accuracy:.3f}")


@hutong.group()
def cases() -> None:
    """List, show and export cases."""


@cases.command("list")
@click.option("--status", help="Only cases of this status.")
@_stops_with_a_sentence
def list_cases(status: str | None) -> None:
    """A line a case."""
    from bot.bootstrap import open_database
    from bot.cases import store

    table = Table()
    for name in ("case", "status", "level", "due", "unit", "type", "channel"):
        table.add_column(name, no_wrap=True)
    with open_database(load_settings()).reading() as session:
        for row in store.listed(session, status):
            due = row.due_at.isoformat(timespec="minutes") if row.due_at else ""
            table.add_row(
                row.case_no, row.status, row.level, due, row.unit, row.report_type, row.channel
            )
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


@cases.command("show")
@click.argument("case_no")
@_stops_with_a_sentence
def show_case(case_no: str) -> None:
    """One case as JSON."""
    from bot.bootstrap import open_database
    from bot.cases import store
    from bot.cases.export import as_contract

    with open_database(load_settings()).reading() as session:
        row = store.find(session, case_no.strip().upper())
        if row is None:
            raise click.ClickException("There is no such case.")
        click.echo(_printable(json.dumps(as_contract(row), ensure_ascii=False, indent=2)))


@cases.command("export")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@click.option("--status", help="Only cases of this status.")
@_stops_with_a_sentence
def export_cases(form: str, output: Path | None, status: str | None) -> None:
    """All cases as json, csv or xlsx."""
    from bot.bootstrap import open_database
    from bot.cases import store
    from bot.cases.export import write

    with open_database(load_settings()).reading() as session:
        rows = store.listed(session, status)
        if output is None:
            write(rows, form, sys.stdout.buffer)
        else:
            with output.open("wb") as file:
                count = write(rows, form, file)
            click.echo(f"{count} cases written to {output}", err=True)


@hutong.group()
def db() -> None:
    """The database."""


@db.command()
@_stops_with_a_sentence
def upgrade() -> None:
    """Bring the schema to the newest version."""
    from bot.bootstrap import database_of

    database_of(load_settings()).upgrade()
    click.echo("The schema is at the newest version.")


hutong.add_command(audit)
hutong.add_command(followups)
hutong.add_command(keys)
hutong.add_command(ledger)
hutong.add_command(retention)
hutong.add_command(review)
hutong.add_command(staff)
hutong.add_command(stats)
hutong.add_command(links)
cases.add_command(relate)
cases.add_command(override)
cases.add_command(reindex)
