"""The composition root: the one place where objects are wired."""

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.desk import Desk
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Sender
from bot.conversation.outbox import Outbox
from bot.conversation.reminders import Reminders
from bot.conversation.turn import Talker, Turns
from bot.conversation.understanding import Understanding
from bot.conversation.watch import Watch
from bot.database import Database
from bot.help.catalogue import load
from bot.links import Links
from bot.settings import Settings, secret_key


@dataclass(frozen=True)
class House:
    """Everything that a running program holds."""

    settings: Settings
    database: Database
    inbox: Inbox
    understanding: Understanding
    talker: Talker

    @property
    def turns(self) -> Turns:
        """What answers messages; it holds no state of its own."""
        return Turns(
            self.database, self.inbox, self.understanding, self.talker, self.settings.clock
        )

    @property
    def reminders(self) -> Reminders:
        """What queues the reminders that are due; it holds no state of its own."""
        return Reminders(self.database, self.settings.clock)

    @property
    def watch(self) -> Watch:
        """What looks at open cases as time passes; it holds no state of its own."""
        return Watch(self.database, self.settings.clock)

    def desk(self, senders: dict[str, Sender]) -> Desk:
        """The desk for these channels."""
        outbox = Outbox(self.database, senders, self.settings.clock)
        return Desk(self.inbox, self.turns, outbox, self.settings.turn_threads)


def open_database(settings: Settings) -> Database:
    """The database, brought to the newest schema when it is our own SQLite file.

    Raises:
        bot.database.SchemaError: another database whose schema does not fit.
    """
    database = Database(settings.database)
    if not settings.database_url:
        database.upgrade()
    database.check()
    return database


def build(settings: Settings, model: Path) -> House:
    """Wire the program around a trained model.

    Raises:
        bot.help.reading.HelpFileError: a region file of the operator is wrong.
        bot.database.SchemaError: the database's schema does not fit.
    """
    quiet_libraries()
    from bot.walks.region import code_of

    help_held = load(settings.regions, code_of)  # before all that takes long
    from bot.conversation.brain import Brain
    from nlu.thresholds import INTENT

    database = open_database(settings)
    brain = Brain(model, help_held)
    inbox = Inbox(database, secret_key(settings), settings.clock)
    understanding = Understanding(brain.interpreter, INTENT, Links(secret_key(settings)))
    return House(settings, database, inbox, understanding, brain)


def quiet_libraries() -> None:
    """Nothing is sent anywhere, and nothing that people write is printed by a library.

    Has to run before Rasa is imported.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # Rasa's own: no progress bars of its parts
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.simplefilter("ignore")  # other people's deprecations are nothing a reporter can mend
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name in ("rasa", "rasa_sdk", "httpx", "telegram", "apscheduler", "matplotlib"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("rasa.core.actions.action").setLevel(logging.CRITICAL)
    logging.getLogger("rasa.core.processor").setLevel(logging.CRITICAL)
