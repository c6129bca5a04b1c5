"""``hutong review``: what staff set right, as examples for the training data."""

import sys
from pathlib import Path

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.group()
def review() -> None:
    """What staff set right in the review of understanding."""


@review.command()
@click.option(
    "--format", "form", type=click.Choice(["rasa-yaml", "jsonl"]), default="rasa-yaml",
    help="For nlu/data, or for `hutong evaluate --test`.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@stops_with_a_sentence
def export(form: str, output: Path | None) -> None:
    """Examples without the people in them, each once; what is not sure is listed and left out.

    Names, phones, places, organisations, case numbers and dates are replaced by invented ones of
    the same kind. Read every line before you add it to the training data.
    """
    from bot.bootstrap import open_database, quiet_libraries
    from bot.cases import reviewing
    from bot.cases.audit import Audit

    quiet_libraries()
    from bot.conversation.examples import as_jsonl, as_yaml, examples
    from nlu.training_data import DATA, FACTS, read_training

    settings = load_settings()
    known = (each.text for folder in (DATA, FACTS) for each in read_training(folder))
    database = open_database(settings)
    with database.writing() as session:
        made = examples(reviewing.reviewed(session), known)
        told = {"format": form, "lines": len(made.found), "refused": len(made.refused)}
        audit = Audit(database.keyring.lasting)
        audit.write(session, settings.clock.now(), "console", "review_exported", None, told)
    text = (as_yaml if form == "rasa-yaml" else as_jsonl)(made.found)
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.buffer.write(text.encode())
    click.echo(
        f"{len(made.found)} examples; {made.repeated} known already; {len(made.refused)} refused.",
        err=True,
    )
    for refused in made.refused:
        click.echo(f"  line {refused.number}: {refused.why}", err=True)
