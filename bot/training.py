"""The trained model: which one fits the data, and making it with progress shown."""

import hashlib
import json
import logging
import os
import shutil
import tarfile
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bot.datafiles import LOADER

ROOT = Path(__file__).resolve().parent.parent
_INPUTS = ("config.yml", "domain.yml", "nlu")
_SUFFIXES = {".yml", ".py", ".npz"}
_NOT_IN_THE_MODEL = {"measuring", "danger.py", "danger.yml"}


class TrainingError(Exception):
    """The model cannot be trained; the message says why."""


class ModelError(Exception):
    """A model file that cannot be loaded; the message says how to mend it."""


def fingerprint() -> str:
    """Names the model by what goes into it: pipeline, domain, data and components."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for name in _INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            for found in sorted(path.rglob("*")):
                if found.suffix in _SUFFIXES and not _NOT_IN_THE_MODEL & set(
                    found.relative_to(ROOT).parts
                ):
                    yield found


def model_path(models: Path) -> Path:
    """Where the model that fits today's data lies, or would lie."""
    return models / f"hutong-{fingerprint()}.tar.gz"


def ensure_model(models: Path) -> Path:
    """The model that fits today's data, trained first when it is not there."""
    path = model_path(models)
    return path if path.exists() else train(models)


def train(models: Path) -> Path:
    """Train the model on today's data and put it among the models.

    Raises:
        TrainingError: Rasa found the data unusable.
    """
    path = model_path(models)
    models.mkdir(parents=True, exist_ok=True)
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # a full training reads no cache: none is kept
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Training the model on the data in nlu/data (some minutes) …")
        with tempfile.TemporaryDirectory() as folder, _steps_shown(progress, task):
            made = _train_in(Path(folder))
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            shutil.move(made, draft)
            draft.replace(path)
        progress.update(task, description=f"Model trained: {path.name}")
    return path


@contextmanager
def _steps_shown(progress: Progress, task: TaskID) -> Iterator[None]:
    """What the components log of their training becomes the progress line."""

    class Line(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            progress.update(task, description=f"{record.getMessage()} …")

    components, line = logging.getLogger("nlu.components"), Line()
    before = components.level
    components.addHandler(line)
    components.setLevel(logging.INFO)
    try:
        yield
    finally:
        components.removeHandler(line)
        components.setLevel(before)


def _in_one_file(folder: Path) -> Path:
    """The messages of all files in one: Rasa joins files two by two, and looks at every message each time.

    Raises:
        TrainingError: a file cannot be read.
    """
    path, blocks = folder / "messages.yml", []
    for file in sorted((ROOT / "nlu" / "data" / "nlu").glob("**/*.yml")):
        try:
            held = yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
            blocks += [_block(each) for each in held["nlu"]]
        except (yaml.YAMLError, TypeError, KeyError) as error:
            raise TrainingError(f"{file.name} holds no messages: {error}") from None
    words = json.dumps(blocks, ensure_ascii=False)  # JSON is YAML
    path.write_text(f'version: "3.1"\nnlu: {words}\n', encoding="utf-8")
    return path


def _block(block: Any) -> dict[str, str]:
    """One intent's messages: what Rasa's schema would say of them.

    Raises:
        KeyError, TypeError: it names no intent or holds no examples.
    """
    intent, examples = block["intent"], block["examples"]
    if not (isinstance(intent, str) and isinstance(examples, str)):
        raise TypeError("an intent and its examples are text")
    return {"intent": intent, "examples": examples}


@contextmanager
def _messages_handled_quickly() -> Iterator[None]:
    """Rasa reads the file twice, first to hold it against a schema, copies all messages three times, to the last word,
    and makes a hash of each value of each to tell them apart."""
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
    from rasa.shared.nlu.training_data.message import Message

    usual, held_against_schema = Message.fingerprint, RasaYAMLReader.validate

    def copied(message: Message, _memo: Any) -> Message:
        twin = Message.__new__(Message)
        twin.__dict__.update(vars(message))
        twin.data = dict(message.data)  # its values are set anew, never changed
        twin.features = list(message.features)
        twin.output_properties = set(message.output_properties)
        return twin

    def fingerprint(message: Message) -> str:
        if message.features:
            return str(usual(message))
        if message._cached_fingerprint is None:
            words = json.dumps(message.data, sort_keys=True, default=_as_plain)
            message._cached_fingerprint = hashlib.sha256(words.encode()).hexdigest()
        return str(message._cached_fingerprint)

    Message.__deepcopy__, Message.fingerprint = copied, fingerprint
    RasaYAMLReader.validate = lambda *_: None  # we wrote the file
    try:
        yield
    finally:
        del Message.__deepcopy__
        Message.fingerprint, RasaYAMLReader.validate = usual, held_against_schema


def _as_plain(value: Any) -> Any:
    """What a value of a message that JSON does not know, as a token, holds."""
    return vars(value) if hasattr(value, "__dict__") else str(value)


@contextmanager
def _packed_quickly() -> Iterator[None]:
    """Archives at gzip's first level: what numbers leave to compress is not worth Rasa's last, twenty seconds more."""
    from rasa.engine.storage import local_model_storage as storage

    usual = storage.TarSafe

    class Quick(usual):  # type: ignore[misc, valid-type] # a class that is looked up here
        @classmethod
        def gzopen(cls, *given: Any, **named: Any) -> tarfile.TarFile:
            return super().gzopen(*given, **{**named, "compresslevel": 1})

    storage.TarSafe = Quick
    try:
        yield
    finally:
        storage.TarSafe = usual


def _train_in(folder: Path) -> Path:
    from bot.conversation import lean

    if lean.is_lean():
        raise TrainingError("This process serves; training needs a process of its own.")
    from rasa.model_training import train as rasa_train

    with warnings.catch_warnings(), _messages_handled_quickly(), _packed_quickly():
        warnings.simplefilter("ignore")  # scikit-learn and TensorFlow announce their own futures
        result = rasa_train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=[
                str(_in_one_file(folder)),
                str(ROOT / "nlu" / "data" / "rules"),
            ],
            output=str(folder / "made"),
            force_training=True,  # Rasa's cache sees no change of modules, word lists or the facts folder
        )
    if result.code != 0 or not result.model:
        raise TrainingError(f"Rasa could not train the model (code {result.code}).")
    return Path(result.model)
