"""The whole program around a dialogue that says messages back, for what needs no trained model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.bootstrap import House, open_database
from bot.conversation.inbox import Inbox
from bot.conversation.turn import Talker
from bot.conversation.understanding import Understanding
from bot.meters import Meters
from bot.settings import load_settings
from tests.bot.conversation.conftest import EchoTalker, PlainInterpreter


@contextmanager
def echo_house(folder: Path, talker: Talker | None = None, **settings: Any) -> Iterator[House]:
    """A house with real database, desk and channels; only what is understood and said is plain.

    Args:
        folder: its data folder.
        talker: another dialogue than the one that says everything back.
        settings: as ``load_settings`` takes them.
    """
    held = load_settings(_env_file=None, data_dir=folder, **settings)
    database = open_database(held)
    inbox = Inbox(database, database.keyring.lasting, held.clock)
    understanding = Understanding(PlainInterpreter(), 0.5)
    yield House(held, database, inbox, Meters(), understanding, talker or EchoTalker())
    database.close()
