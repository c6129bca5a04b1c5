"""What an idle program costs: ``python -m tests.support.idle --model MODEL``.

Runs ``hutong serve`` on SQLite and on PostgreSQL side by side, with nobody there, and prints the
share of a core that each takes.
"""

import time
from contextlib import ExitStack
from pathlib import Path

import click
import psutil

from tests.support.grown import database_of
from tests.support.scaling import workers

_SETTLES = 10.0


@click.command()
@click.option("--model", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--seconds", default=90.0)
def main(model: Path, seconds: float) -> None:
    """Start both, wait, print."""
    with ExitStack() as stack:
        database, _ = stack.enter_context(database_of("hutong_idle", keep=False))
        found = {}
        for name, url in (("SQLite", ""), ("PostgreSQL", database.url)):
            ((process, _),) = stack.enter_context(workers(1, url, model))
            found[name] = psutil.Process(process.pid)
        time.sleep(_SETTLES)
        before = {name: _seconds(each) for name, each in found.items()}
        time.sleep(seconds)
        for name, each in found.items():
            click.echo(f"{name}: {(_seconds(each) - before[name]) / seconds:.2%} of a core")


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
