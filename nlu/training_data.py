"""Read annotated examples: the training files (Rasa's YAML) and test files (JSON lines)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data" / "nlu"
"""Messages that teach intents and facts."""
FACTS = Path(__file__).parent / "data" / "facts"
"""Messages that teach facts alone: as many as were written, not as often as people say such things."""
WEIGHING = Path(__file__).parent / "data" / "weighing"
"""Labelled messages, never trained on, by which the voices for facts are weighed."""
ASKED = Path(__file__).parent / "data" / "asked"
"""Annotated messages written against a model, never trained on, which tell whether another one understands more."""
_ANNOTATION = re.compile(r"\[([^\]]+)\]\(([^):]+)(?::([^)]+))?\)")


@dataclass(frozen=True)
class Span:
    """A labelled stretch of text; ``value`` is as annotated, the text itself where none is given."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Example:
    """One message with its full intent name and its facts."""

    text: str
    intent: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Labelled:
    """One message for tests or weighing; ``facts`` are (entity, value) without place, ``style`` says how it is written."""

    text: str
    intent: str
    facts: tuple[tuple[str, object], ...]
    style: str = "plain"


def annotated(line: str, intent: str) -> Example:
    """Turn ``[两个](child_count:2)孩子`` into text and spans."""
    spans: list[Span] = []
    text = ""
    last = 0
    for match in _ANNOTATION.finditer(line):
        text += line[last : match.start()]
        words, entity, value = match.groups()
        spans.append(Span(entity, value or words, len(text), len(text) + len(words)))
        text += words
        last = match.end()
    return Example(text + line[last:], intent, tuple(spans))


def _examples(path: Path) -> Iterator[Example]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - safe loader
    for block in (content or {}).get("nlu", []):
        if "intent" not in block:
            continue
        for line in str(block["examples"]).splitlines():
            if line.startswith("- ") and line[2:].strip():
                yield annotated(line[2:].strip(), block["intent"])


def read_training(folder: Path) -> list[Example]:
    """All training examples under a folder, in a stable order."""
    return [example for path in sorted(folder.glob("**/*.yml")) for example in _examples(path)]


def read_labelled(paths: Iterable[Path]) -> list[Labelled]:
    """All messages of JSON-lines files (``text``, ``intent``, ``entities``, ``style``)."""
    found = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            row = json.loads(line)
            facts = tuple((item["entity"], item["value"]) for item in row.get("entities", ()))
            found.append(Labelled(row["text"], row["intent"], facts, row.get("style", "plain")))
    return found
