"""The composition root: the one place where objects are wired."""

import logging
import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from bot.cases.keyring import Keyring
from bot.conversation import plans
from bot.conversation.alerts import Alerts
from bot.conversation.answering import Answering, Threads
from bot.conversation.claims import Claims
from bot.conversation.clerks import ClerkError, Clerks
from bot.conversation.desk import Desk
from bot.conversation.inbox import Inbox
from bot.conversation.keeper import Keeper
from bot.conversation.messages import Sender
from bot.conversation.outbox import Outbox
from bot.conversation.reminders import Reminders
from bot.conversation.turn import Talker, Turns
from bot.conversation.understanding import Understanding
from bot.conversation.watch import Watch
from bot.database import Database
from bot.help.catalogue import Catalogue, load
from bot.links import Links
from bot.meters import Counting, Meters
from bot.settings import Settings, secret_key
from bot.texts import LANGUAGES, texts
from bot.training import ModelError
from nlu import encoder

if TYPE_CHECKING:  # Rasa is loaded in ``_mind``, when it is known how
    from bot.conversation.brain import Brain
    from bot.conversation.processor import TurnProcessor

_TALKATIVE = (
    "rasa", "rasa_sdk", "httpx", "httpcore", "telegram", "apscheduler", "matplotlib", "sqlalchemy",
)  # fmt: skip
"""Libraries that would log what people write once somebody turns logging up."""


@dataclass(frozen=True)
class Front:
    """Everything that a serving program holds, whoever answers."""

    settings: Settings
    database: Database
    inbox: Inbox
    meters: Meters

    @property
    def answering(self) -> Answering:
        """Who answers what comes in."""
        raise NotImplementedError

    @property
    def reminders(self) -> Reminders:
        """What queues the reminders that are due; it holds no state of its own."""
        return Reminders(self.database, self.settings.clock)

    @property
    def watch(self) -> Watch:
        """What looks at open cases as time passes; it holds no state of its own."""
        return Watch(self.database, self.settings.clock)

    @property
    def keeper(self) -> Keeper:
        """What deletes what has been kept for long enough; it holds no state of its own."""
        return Keeper(self.database, self.inbox, self.settings.keeping, self.settings.clock)

    def desk(self, senders: dict[str, Sender], claims: Claims) -> Desk:
        """The desk for these channels; ``claims`` are shared with other workers."""
        outbox = Outbox(self.database, senders, self.settings.clock, claims)
        return Desk(self.inbox, self.answering, outbox, claims)


@dataclass(frozen=True)
class House(Front):
    """A program that answers in its own process."""

    understanding: Understanding
    talker: Talker

    @property
    def turns(self) -> Turns:
        """What answers messages; it holds no state of its own."""
        return _turns(self.settings, self.database, self.understanding, self.talker, self.meters)

    @property
    def answering(self) -> Answering:
        """Threads."""
        return Threads(self.inbox, self.turns, self.settings.turn_threads)


@dataclass(frozen=True)
class ServedFront(Front):
    """A program whose clerks answer."""

    clerks: Clerks

    @property
    def answering(self) -> Answering:
        """The clerks."""
        return self.clerks


def _turns(
    settings: Settings,
    database: Database,
    understanding: Understanding,
    talker: Talker,
    meters: Counting,
) -> Turns:
    inbox = _inbox(settings, database)
    alerts = Alerts(settings.alert_chat, settings.console, inbox) if settings.alert_chat else None
    return Turns(database, inbox, understanding, talker, settings.clock, alerts, meters)


def _inbox(settings: Settings, database: Database) -> Inbox:
    return Inbox(database, database.keyring.lasting, settings.clock)


def open_database(settings: Settings) -> Database:
    """The database, brought to the newest schema when it is our own SQLite file.

    Raises:
        bot.database.SchemaError: another database whose schema does not fit.
        bot.cases.keyring.WrongKeyError: it was sealed with other key material.
    """
    database = database_of(settings)
    if not settings.database_url:
        database.upgrade()
    database.check()
    plans.keep_in_force(database)
    return database


def database_of(settings: Settings) -> Database:
    """The database with its keys, whatever its schema."""
    before = settings.secret_key_before.encode() or None
    return Database(settings.database, Keyring(secret_key(settings), before))


def build(
    settings: Settings, model: Path, processor: "Callable[[Path], TurnProcessor] | None" = None
) -> House:
    """Wire the program around a trained model.

    Args:
        settings: of this program.
        model: the trained model's archive.
        processor: makes another processor of the model than the usual one.

    Raises:
        bot.help.reading.HelpFileError: a region file of the operator is wrong.
        bot.database.SchemaError: the database's schema does not fit.
        bot.texts.MissingCatalogueError: a language's catalogue is not there.
        bot.training.ModelError: the model cannot be loaded.
    """
    quiet_libraries()
    with ThreadPoolExecutor(1) as beside:
        beside.submit(encoder.warm_up)  # it hardly needs Python's lock
        help_held = _help(settings)  # before all that takes long
        database = open_database(settings)
        understanding, brain = _mind(settings, model, help_held, processor)
    inbox = _inbox(settings, database)
    return House(settings, database, inbox, Meters(), understanding, brain)


def build_served(settings: Settings, model: Path, clerks: Clerks) -> ServedFront:
    """Wire a program around clerks who are starting; this process loads no model.

    Raises:
        as ``build``.
    """
    quiet_libraries()
    _help(settings)
    database = open_database(settings)
    try:
        clerks.begin()
    except ClerkError as error:
        raise _not_loaded(model, error) from None
    return ServedFront(settings, database, _inbox(settings, database), clerks.meters, clerks)


def build_clerk(
    settings: Settings, model: Path, meters: Counting, wait: Callable[[], object]
) -> tuple[Inbox, Turns]:
    """Wire what a clerk needs.

    Args:
        settings: of the program.
        model: the trained model's archive.
        meters: what counts its turns.
        wait: returns when the database has the newest schema.
    """
    quiet_libraries()
    with ThreadPoolExecutor(1) as beside:
        beside.submit(encoder.warm_up)
        understanding, brain = _mind(settings, model, _help(settings), None)
    wait()
    database = database_of(settings)
    plans.keep_in_force(database)  # it may be newer than the program that started it
    turns = _turns(settings, database, understanding, brain, meters)
    return _inbox(settings, database), turns


def _help(settings: Settings) -> Catalogue:
    for language in LANGUAGES:
        texts(language)
    from bot.walks.region import code_of

    return load(settings.regions, code_of)


def _mind(
    settings: Settings,
    model: Path,
    help_held: Catalogue,
    processor: "Callable[[Path], TurnProcessor] | None",
) -> "tuple[Understanding, Brain]":
    """What understands messages and what answers them."""
    from bot.conversation.lean import load_rasa

    load_rasa()
    from bot.conversation.brain import Brain
    from nlu.thresholds import INTENT

    try:
        brain = Brain(model, help_held, processor) if processor else Brain(model, help_held)
    except Exception as error:  # whatever a broken archive makes of the library
        raise _not_loaded(model, error) from None
    threadpool_limits(1, "blas")  # turns have threads of their own; more only fight for the cores
    return Understanding(brain.interpreter, INTENT, Links(secret_key(settings))), brain


def _not_loaded(model: Path, error: Exception) -> ModelError:
    return ModelError(
        f"The model {model} cannot be loaded ({type(error).__name__}): "
        "delete that file and run `hutong train`."
    )


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
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("rasa.core.actions.action").setLevel(logging.CRITICAL)
    logging.getLogger("rasa.core.processor").setLevel(logging.CRITICAL)
