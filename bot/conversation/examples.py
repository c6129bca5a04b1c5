"""Reviewed lines as examples for the training data, without the people in them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cases.reviewing import NUMBERS, VALUES, Reviewed
from bot.conversation.scrubbing import Example, Marked, NotSureError, scrub
from nlu.extractors.case_numbers import read_case_number
from nlu.extractors.phones import read_phone
from nlu.extractors.times import iso, read_since
from nlu.normaliser import normalise, written_form

REFERENCE = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
"""The moment from which test files count (contract, section 2)."""


@dataclass(frozen=True)
class Refused:
    """A line that is not exported, by its number in the transcript, and why."""

    number: int
    why: str


@dataclass(frozen=True)
class Examples:
    """What can be exported, and what cannot."""

    found: tuple[Example, ...]
    refused: tuple[Refused, ...]
    repeated: int


def examples(lines: Iterable[Reviewed], known: Iterable[str] = ()) -> Examples:
    """Scrubbed examples, each once.

    Args:
        known: texts that the training data has already.
    """
    seen = {normalise(text).text for text in known}
    found: list[Example] = []
    refused: list[Refused] = []
    repeated = 0
    for line in lines:
        facts = tuple(Marked(f.entity, f.value, f.start, f.end) for f in line.facts)
        try:
            example = scrub(Example(line.text, line.intent, facts), line.known)
        except NotSureError as error:
            refused.append(Refused(line.number, str(error)))
            continue
        form = normalise(example.text).text
        if not form or form in seen:
            repeated += 1
            continue
        seen.add(form)
        found.append(example)
    return Examples(tuple(found), tuple(refused), repeated)


def as_yaml(found: Sequence[Example]) -> str:
    """The examples in the shape of ``nlu/data/nlu``."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for example in found:
        by_intent[example.intent].append(annotated(example))
    lines = ['version: "3.1"', "nlu:"]
    for intent in sorted(by_intent):
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {line}" for line in by_intent[intent]]
    return "\n".join(lines) + "\n"


def annotated(example: Example) -> str:
    """``[两个](child_count:2)孩子``: a fixed value or a number is written, words speak for themselves."""
    out, last = "", 0
    for fact in example.facts:
        words = example.text[fact.start : fact.end]
        says = VALUES[fact.entity] or fact.entity in NUMBERS
        value = f":{fact.value}" if says and str(fact.value) != words else ""
        out += example.text[last : fact.start] + f"[{words}]({fact.entity}{value})"
        last = fact.end
    return out + example.text[last:]


def as_jsonl(found: Sequence[Example]) -> str:
    """The examples as labelled messages, as ``hutong evaluate --test`` reads them."""
    rows = (
        {
            "text": example.text,
            "intent": example.intent,
            "entities": [
                {"entity": fact.entity, "value": value}
                for fact in example.facts
                if (value := _normal(fact, example.text[fact.start : fact.end])) is not None
            ],
            "style": "reviewed",
        }
        for example in found
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _normal(fact: Marked, words: str) -> Any:
    """The value as the language model gives it for these words at the reference time."""
    if fact.entity == "since":
        moment = read_since(words, REFERENCE)
        return iso(moment) if moment else None
    if fact.entity == "phone":
        return read_phone(words)
    if fact.entity == "case_no":
        return read_case_number(words)
    if VALUES[fact.entity] or fact.entity in NUMBERS:
        return fact.value
    return written_form(words)
