"""Gives birth to workers quickly: libraries and their dictionaries are read once, workers are forks.

Everything of a worker's own (settings, database, model, server) is made after the fork by the
command ``hutong serve`` itself, and it dies as any process does. Importing Rasa and reading the
dictionaries is what takes most of a start; a hundred deaths would take hours otherwise.

Reads lines of JSON ``{"environment": …, "log": path}`` and answers each with the new process's id.
"""

import json
import os
import signal
import sys
from pathlib import Path


def _warm_up(model: Path) -> None:
    """Import the libraries and let them read their dictionaries, which no worker changes."""
    from bot.bootstrap import quiet_libraries

    quiet_libraries()
    import bot.console.app
    import bot.serve  # noqa: F401
    from bot.conversation.brain import Brain
    from bot.help.catalogue import load
    from bot.walks.region import code_of

    Brain(model, load(model.parent / "regions", code_of))


def _serve(order: dict) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in ((0, nothing), (1, log), (2, log)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(order["environment"])
    from bot.cli import hutong

    hutong(["serve"])


def main() -> None:
    """Fork a worker for each order until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    _warm_up(Path(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried at once
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _serve(json.loads(line))
            finally:
                os._exit(1)
        print(child, file=answers, flush=True)


if __name__ == "__main__":
    main()
