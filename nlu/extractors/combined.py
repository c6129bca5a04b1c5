"""All extractors together.

Where a fact stands is decided by the character tagger and the network, whose probabilities are mixed;
which value it has, by the readers (numbers, times, names) or, for coded entities, by the value models
and the network. Telephone and case numbers are read by rule alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from nlu.contract import CODED, TEXTUAL
from nlu.extractors import learnt, values
from nlu.extractors.ages import OLDEST_CHILD, find_ages, read_ages
from nlu.extractors.case_numbers import find_case_numbers
from nlu.extractors.choices import hits
from nlu.extractors.found import Found, Value
from nlu.extractors.gaps import find_gaps
from nlu.extractors.learnt import TokenOdds
from nlu.extractors.negation import is_of_grown_up, is_set_right
from nlu.extractors.numerals import read_count
from nlu.extractors.phones import find_phones
from nlu.extractors.places import whole_place
from nlu.extractors.times import iso, read_since
from nlu.network import Network, Reading
from nlu.normaliser import Normalised, written_form
from nlu.thresholds import FACTS, TAGGER_SHARE
from nlu.training_data import Example

_UNBROKEN = frozenset({"location"})
"""Two facts of these never touch: what touches is one."""
_KIN = re.compile(r"[孙侄甥]|[堂表][弟妹]")


@dataclass(frozen=True)
class _Odds:
    """Mixed probability of one entity at each token, and where the tagger sees a beginning."""

    at: list[float]
    begins: list[bool]


@dataclass(frozen=True)
class Extractor:
    """Finds every entity of the contract in a message."""

    tagger: learnt.SpanTagger
    value_model: values.ValueModel
    fact_names: tuple[str, ...]

    def find(self, normal: Normalised, reading: Reading, now: datetime) -> list[Found]:
        """Facts of a message.

        Args:
            normal: the normalised message.
            reading: what the network says of it.
            now: aware time of the message, for ``since``.

        Returns:
            Facts with spans in the text as written, in its order; a coded fact once.
        """
        text = normal.text
        facts = [*find_phones(text), *find_case_numbers(text)]
        taken = list(facts)
        for span in self._spans(text, reading):
            if any(span.start < other.end and span.end > other.start for other in taken):
                continue
            if not is_set_right(text, span.start) and not _of_a_grown_up(span, text):
                facts.extend(self._valued(span, text, reading, now))
        if not any(fact.entity == "since" for fact in facts):
            for gap in find_gaps(text)[:1]:
                facts.extend(self._valued(gap, text, reading, now))
        return _placed(normal, _once([*facts, *_sexes_of_kin(facts, text)]))

    def _spans(self, text: str, reading: Reading) -> list[Found]:
        tokens = self.tagger.marginals(text)
        network = self._by_character(text, reading)
        found: list[Found] = []
        for entity in sorted(network):
            odds = _mixed(tokens, network[entity], entity)
            found.extend(_runs(text, tokens, odds, entity))
        return found

    def _by_character(self, text: str, reading: Reading) -> dict[str, list[float]]:
        """The network's probability of each entity at each character."""
        out = {name.partition("=")[0]: [0.0] * len(text) for name in self.fact_names}
        columns: dict[str, list[int]] = {}
        for i, name in enumerate(self.fact_names):
            columns.setdefault(name.partition("=")[0], []).append(i)
        for entity, indices in columns.items():
            best = reading.facts[:, indices].max(axis=1)
            for (start, end), value in zip(reading.pieces.spans, best, strict=False):
                for at in range(start, end):
                    out[entity][at] = float(value)
        return {entity: row for entity, row in out.items() if entity not in learnt.LEFT_TO_RULES}

    def _valued(self, span: Found, text: str, reading: Reading, now: datetime) -> list[Found]:
        if span.entity == "age":
            return _ages(span, text)
        value = self._value(span, text, reading, now)
        return [] if value is None else [Found(span.entity, value, span.start, span.end)]

    def _value(self, span: Found, text: str, reading: Reading, now: datetime) -> Value | None:
        words = text[span.start : span.end]
        if span.entity == "child_count":
            return read_count(words)
        if span.entity == "since":
            moment = read_since(words, now)
            return None if moment is None else iso(moment)
        return self._code(span, text, reading) if span.entity in CODED else words

    def _code(self, span: Found, text: str, reading: Reading) -> str | None:
        odds = self.value_model.odds(span.entity, text, span.start, span.end)
        inside = [
            i for i, (a, b) in enumerate(reading.pieces.spans) if a < span.end and b > span.start
        ]
        for i, name in enumerate(self.fact_names):
            entity, _, value = name.partition("=")
            if entity == span.entity and inside:
                odds[value] = odds.get(value, 0.0) + float(np.max(reading.facts[inside, i]))
        return max(odds, key=odds.__getitem__) if odds else None

    @classmethod
    def load(cls, folder: Path, network: Network) -> Extractor:
        """Read a trained extractor that works with a network's readings."""
        tagger = learnt.SpanTagger((folder / learnt.FILE).read_bytes())
        return cls(tagger, values.ValueModel.load(folder), network.facts)


def _mixed(tokens: Sequence[TokenOdds], network: Sequence[float], entity: str) -> _Odds:
    at, begins = [], []
    for token in tokens:
        first, inside = token.labels.get("B-" + entity, 0.0), token.labels.get("I-" + entity, 0.0)
        at.append(
            TAGGER_SHARE * (first + inside)
            + (1 - TAGGER_SHARE) * max(network[token.start : token.end])
        )
        begins.append(entity not in _UNBROKEN and first > inside and first > 0.2)
    return _Odds(at, begins)


def _runs(text: str, tokens: Sequence[TokenOdds], odds: _Odds, entity: str) -> list[Found]:
    """Stretches of tokens above the entity's limit at their best and above half of it throughout."""
    limit = FACTS.get(entity, FACTS["default"])
    found = []
    start: int | None = None
    for i in range(len(tokens) + 1):
        goes_on = i < len(tokens) and odds.at[i] >= limit * 0.6
        cut = start is not None and (not goes_on or odds.begins[i])
        if cut and start is not None:
            if max(odds.at[start:i]) >= limit:
                a, b = tokens[start].start, tokens[i - 1].end
                if entity == "location":
                    a, b = whole_place(text, a, b)
                found.append(Found(entity, text[a:b], a, b))
            start = None
        if goes_on and start is None:
            start = i
    return found


def _ages(span: Found, text: str) -> list[Found]:
    inside = [fact for fact in find_ages(text) if fact.start < span.end and fact.end > span.start]
    if inside:
        return inside
    read = [age for age in read_ages(text[span.start : span.end]) if 0 <= age <= OLDEST_CHILD]
    return [
        Found("age", int(age) if age == int(age) else age, span.start, span.end) for age in read
    ]


def _of_a_grown_up(span: Found, text: str) -> bool:
    return span.entity == "health" and is_of_grown_up(text, span.start)


def _sexes_of_kin(facts: Sequence[Found], text: str) -> list[Found]:
    """The sex that a writer's word for the child holds beside the relation: 孙子, 外甥女."""
    kin = [f for f in facts if f.entity == "relation" and _KIN.search(text[f.start : f.end])]
    return [
        Found("sex", value, fact.start + start, fact.start + end)
        for fact in kin
        for value, start, end in hits("sex", text[fact.start : fact.end])
    ]


def _once(facts: Sequence[Found]) -> list[Found]:
    """Each coded fact once; an age or count found twice at the same place once."""
    kept: dict[tuple[object, ...], Found] = {}
    for fact in sorted(facts, key=lambda fact: fact.start):
        key = (fact.entity, fact.value) if fact.entity in CODED else (fact.entity, fact.start)
        kept.setdefault(key, fact)
    return list(kept.values())


def _placed(normal: Normalised, facts: Sequence[Found]) -> list[Found]:
    placed = []
    for fact in facts:
        start, end = normal.to_original(fact.start, fact.end)
        value = written_form(normal.original[start:end]) if fact.entity in TEXTUAL else fact.value
        placed.append(Found(fact.entity, value, start, end))
    return placed


def train(
    examples: Sequence[Example],
    folder: Path,
    network: Network,
    settings: learnt.TaggerSettings | None = None,
) -> Extractor:
    """Train tagger and value models, write them to ``folder``, join them to a trained network."""
    tagger = learnt.train(examples, folder / learnt.FILE, settings)
    value_model = values.train(examples)
    value_model.save(folder)
    return Extractor(tagger, value_model, network.facts)
