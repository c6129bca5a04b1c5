"""``hutong links``: links and posters of communities."""

import sys
from pathlib import Path

import click

from bot.commands.stopping import stops_with_a_sentence
from bot.settings import load_settings


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The communities: name,adcode as .csv, or .yml.",
)
@click.option(
    "--bot", "bot_name", default="", help="The Telegram bot's name, for links to Telegram."
)
@click.option("--web", default="", help="The web chat's address, https://…, for links to it.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for links.csv and the posters (PNG and PDF, A4).",
)
@stops_with_a_sentence
def links(path: Path, bot_name: str, web: str, out: Path | None) -> None:
    """Links that know their community, and posters with them as QR codes."""
    from bot.links import Links, read_communities
    from bot.posters import make_links, print_posters, write_links
    from bot.settings import secret_key

    made = make_links(read_communities(path), Links(secret_key(load_settings())), bot_name, web)
    if out is None:
        write_links(made, sys.stdout.buffer)
        return
    out.mkdir(parents=True, exist_ok=True)
    with (out / "links.csv").open("wb") as file:
        write_links(made, file)
    count = print_posters(made, out)
    click.echo(f"{len(made)} links and {count} posters are in {out}", err=True)
