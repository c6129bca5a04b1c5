"""The whole of language understanding behind one call: ``Interpreter.parse``.

It reads its parts straight out of the model archive and needs neither Rasa's graph nor
TensorFlow nor scikit-learn, so it is there in a second or two after the start.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nlu import clock, encoder
from nlu.contract import RETRIEVAL
from nlu.extractors import places
from nlu.extractors.danger import find_dangers
from nlu.extractors.found import Found
from nlu.thresholds import RANKING_LENGTH, URGENT
from nlu.understanding import FILES, Understanding

Entity = Found
UNKNOWN = "out_of_scope"


@dataclass(frozen=True)
class Parse:
    """What a message was understood to say; ``intent`` in full (``faq/privacy``), spans in the text as written."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    dangers: tuple[str, ...]

    @property
    def maybe_danger(self) -> bool:
        """Whether somebody may be in danger now, even if another intent is likelier."""
        return bool(self.dangers) or dict(self.ranking).get("report_emergency", 0.0) >= URGENT

    def as_rasa(self) -> dict[str, Any]:
        """The shape that Rasa's message processor passes on."""
        name, _, key = self.intent.partition("/")
        parsed: dict[str, Any] = {
            "text": self.text,
            "intent": {"name": name, "confidence": self.confidence},
            "intent_ranking": [
                {"name": intent, "confidence": value} for intent, value in self.ranking
            ],
            "entities": [
                {
                    "entity": e.entity,
                    "value": e.value,
                    "start": e.start,
                    "end": e.end,
                    "extractor": "hutong",
                }
                for e in self.entities
            ],
            "response_selector": selector(self.ranking),
        }
        if key:
            parsed["intent"]["full_retrieval_intent_name"] = self.intent
        return parsed


def selector(ranking: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """What Rasa's response selector would leave in a message: the likeliest retrieval intent."""
    answers = [(intent, value) for intent, value in ranking if intent.startswith(RETRIEVAL + "/")]
    full, confidence = answers[0] if answers else (None, 0.0)
    return {
        "all_retrieval_intents": [RETRIEVAL],
        RETRIEVAL: {
            "response": {
                "responses": [],
                "confidence": confidence,
                "intent_response_key": full,
                "utter_action": f"utter_{full}" if full else None,
            },
            "ranking": [
                {"intent_response_key": intent, "confidence": value} for intent, value in answers
            ],
        },
    }


class Interpreter:
    """Understands messages; one object may serve several threads."""

    def __init__(self, understanding: Understanding) -> None:
        self.understanding = understanding

    @classmethod
    def load(cls, model_path: Path | str) -> Interpreter:
        """Read a model trained by ``rasa train`` or :func:`nlu.train.train`.

        Args:
            model_path: the ``.tar.gz`` file, or a folder that holds the parts (``network.json`` …).

        Raises:
            FileNotFoundError: there is no such model, or it holds no language understanding of ours.
        """
        path = Path(model_path)
        if path.is_dir():
            return cls._from_folders(path)
        with tempfile.TemporaryDirectory() as folder, tarfile.open(path) as archive:
            wanted = [
                m
                for m in archive.getmembers()
                if m.isfile() and _is_ours(m.name) and ".." not in m.name
            ]
            archive.extractall(folder, members=wanted)  # noqa: S202 - members are filtered above
            return cls._from_folders(Path(folder))

    @classmethod
    def _from_folders(cls, folder: Path) -> Interpreter:
        part = next(folder.rglob("network.json"), None)
        if part is None:
            raise FileNotFoundError(f"no language model in {folder}")
        return cls(Understanding.load(part.parent))

    def warm_up(self) -> None:
        """Load every lazy table now, so that no message waits for it."""
        encoder.warm_up()
        places.warm_up()
        self.parse("你好，孩子昨晚八点起没人管，电话13800138000，国庆走的")

    def parse(self, text: str, now: datetime | None = None) -> Parse:
        """Understand one message.

        Args:
            text: as written; anything, also nothing.
            now: aware time of the message; the clock's when None.
        """
        with clock.at(now):
            understood = self.understanding.understand(text, clock.reference_time())
        if not understood.ranking:
            return Parse(text, UNKNOWN, 0.0, ((UNKNOWN, 0.0),), (), ())
        ranking = understood.ranking[:RANKING_LENGTH]
        return Parse(text, *ranking[0], ranking, understood.facts, tuple(find_dangers(text)))


def _is_ours(name: str) -> bool:
    return Path(name).name in FILES
