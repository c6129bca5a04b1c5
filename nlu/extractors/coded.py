"""Which coded facts a message tells: what network, tagger and n-grams say of each, weighed together.

The weights are found on held-out data and messages for weighing by ``python -m nlu.measuring.weigh`` and kept in
``nlu/data/lexicon/weights.yml``: for each entity a bias, one weight for each voice, and one for each kind
of intent, since a fact that fits one writer is unlikely of another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlu import lexicon
from nlu.contract import CODED
from nlu.extractors.choices import hits
from nlu.extractors.found import Found
from nlu.extractors.learnt import TokenOdds
from nlu.extractors.negation import (
    is_at_hand,
    is_denied,
    is_gone,
    is_need,
    is_of_grown_up,
    is_set_right,
)
from nlu.extractors.values import ValueModel
from nlu.network import Reading

WEIGHTS = "weights"
VOICES = (
    "network", "tagger", "grams", "rival at the same place", "rival anywhere",
    "in the word list", "in the word list, here", "in the word list, but denied",
    "another value in the word list", "how many of the entity are heard", "length of the message",
)  # fmt: skip
KINDS = (
    "report_own_difficulty", "report_unattended_child", "child_seeking_help", "report_as_professional",
    "preregister_child", "report_elder_alone", "report_emergency", "inform", "correct_information",
    "add_information", "withdraw_report", "express_distress", "out_of_scope", "faq", "move",
    "faq/law_left_alone", "faq/temporary_care", "faq/psychological_support", "faq/schooling", "faq/supplies",
    "faq/entrusted_care",
)  # fmt: skip
"""The openers and the moves that tell facts; of the questions by themselves those whose subject is itself like a fact."""
VALUE_VOICES = {"health": (0, 1, 2, 5, 7)}
"""Of each entity the voices that each value hears in its own way; of the others the word list."""
_WORD_LIST = (5, 7)
_NOT_THERE = re.compile(r"不在(?![了世咯哒]|人世)")
_GROWN_UP = re.compile(
    r"女士|[男女]人|(?<![大小]的)(?:[那这]个?|找[的了]个?|有个|陌生)[男女]的(?!.{0,3}[\d一二三四五六七八九十]岁)"
)
_HEARD = 0.04
"""Where the tagger gives an entity less than this, it hears nothing."""
_UNHEARD = -5.0
_NO_RIVAL = -12.0
_GRAM_FACTOR = 2.0


@dataclass(frozen=True)
class Candidate:
    """A coded fact that may be told: where, and what each voice says of it (log odds)."""

    entity: str
    value: str
    start: int
    end: int
    voices: tuple[float, ...]


@dataclass(frozen=True)
class Hearing:
    """All that is known of a message before its facts are chosen."""

    text: str
    reading: Reading
    tokens: Sequence[TokenOdds]
    told: Mapping[str, float]
    intents: Mapping[str, float]

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return max(self.intents, key=self.intents.__getitem__, default="")


def candidates(hearing: Hearing, facts: Sequence[str], model: ValueModel) -> list[Candidate]:
    """Every coded fact that any voice hears, with the place where it is heard best.

    Args:
        hearing: of one message.
        facts: the network's names of facts, in its order.
        model: chooses values of the tagger's spans.
    """
    tagged = _tagged(hearing, model)
    best = hearing.reading.facts.argmax(axis=0)
    found = []
    for i, name in enumerate(facts):
        entity, _, value = name.partition("=")
        if entity not in CODED:
            continue
        share, start, end = tagged.get(name, (0.0, 0, 0))
        network = float(hearing.reading.facts[best[i], i])
        if not end:
            start, end = hearing.reading.pieces.spans[best[i]]
        if (
            max(network, share) < _HEARD
            or start == end
            or _of_another(hearing.text, name, start, end)
        ):
            continue
        grams = _GRAM_FACTOR * hearing.told.get(name, _UNHEARD / _GRAM_FACTOR)
        found.append(
            Candidate(entity, value, start, end, (log_odds(network), log_odds(share), grams))
        )
    named = {entity: hits(entity, hearing.text) for entity in CODED}
    return [
        _beside_words(_against_rivals(c, found), named[c.entity], found, hearing.text)
        for c in found
    ]


def _of_another(text: str, name: str, start: int, end: int) -> bool:
    """Whether it is the wrong value of a correction, a grown-up's illness or sex, or a carer who is gone."""
    if name.startswith("sex") and any(
        m.start() < end and m.end() > start for m in _GROWN_UP.finditer(text)
    ):
        return True
    if name == "carer=nobody":
        return is_set_right(text, start) or is_need(text, start, end)
    if name == "need=food":
        return is_set_right(text, start) or is_at_hand(text, start, end)
    if name.startswith("carer"):
        return is_set_right(text, start) or is_gone(text, end)
    return is_set_right(text, start) or (name.startswith("health") and is_of_grown_up(text, start))


def _against_rivals(candidate: Candidate, found: Sequence[Candidate]) -> Candidate:
    """The candidate with how much louder the other values of its entity are, at its place and anywhere."""
    rivals = [c for c in found if c.entity == candidate.entity and c.value != candidate.value]
    here = [c for c in rivals if c.start < candidate.end and c.end > candidate.start]
    own = sum(candidate.voices)
    voices = list(candidate.voices)
    for others in (here, rivals):
        louder = max((sum(c.voices) for c in others), default=_NO_RIVAL) - own
        voices.append(min(max(louder, _NO_RIVAL), -_NO_RIVAL) / 4)
    return replace(candidate, voices=tuple(voices))


def _beside_words(
    candidate: Candidate,
    named: Sequence[tuple[str, int, int]],
    found: Sequence[Candidate],
    text: str,
) -> Candidate:
    """The candidate with what the word list of its entity says, how many there are, and the length."""
    own = [(start, end) for value, start, end in named if value == candidate.value]
    here = any(start < candidate.end and end > candidate.start for start, end in own)
    denied = any(is_denied(text, start, end) for start, end in own)
    many = sum(other.entity == candidate.entity for other in found) / 3
    words = (float(bool(own)), float(here), float(denied), float(len(own) < len(named)))
    return replace(candidate, voices=(*candidate.voices, *words, many, len(text) / 40))


def _tagged(hearing: Hearing, model: ValueModel) -> dict[str, tuple[float, int, int]]:
    """Of each fact the tagger's best share and its span."""
    out: dict[str, tuple[float, int, int]] = {}
    for entity in sorted(CODED):
        for first, last, share in _stretches(hearing.tokens, entity):
            start, end = hearing.tokens[first].start, hearing.tokens[last].end
            for value, odds in model.odds(entity, hearing.text, start, end).items():
                name = f"{entity}={value}"
                if share * odds > out.get(name, (0.0,))[0]:
                    out[name] = (share * odds, start, end)
    return out


def _stretches(tokens: Sequence[TokenOdds], entity: str) -> list[tuple[int, int, float]]:
    """First and last token and best share of each stretch in which the tagger hears an entity."""
    first = [token.labels.get("B-" + entity, 0.0) for token in tokens]
    inside = [token.labels.get("I-" + entity, 0.0) for token in tokens]
    out: list[tuple[int, int, float]] = []
    for i in range(len(tokens)):
        share = first[i] + inside[i]
        if share <= _HEARD:
            continue
        goes_on = out and out[-1][1] == i - 1 and not (first[i] > inside[i] and first[i] > 0.2)
        if goes_on:
            out[-1] = (out[-1][0], i, max(out[-1][2], share))
        else:
            out.append((i, i, share))
    return out


def kinds(intents: Mapping[str, float]) -> list[float]:
    """How likely each kind of intent is."""
    shares = dict.fromkeys(KINDS, 0.0)
    for name, share in intents.items():
        kind = name if name in shares else name.partition("/")[0]
        shares[kind if kind in shares else "move"] += share
    return list(shares.values())


def inputs(candidate: Candidate, likely: Sequence[float]) -> list[float]:
    """The numbers that are weighed: a one, the voices, the kinds of intent."""
    return [1.0, *candidate.voices, *likely]


def own_inputs(candidate: Candidate, likely: Sequence[float]) -> list[float]:
    """The numbers that each value weighs in its own way: a one, the kinds of intent, some voices."""
    voices = VALUE_VOICES.get(candidate.entity, _WORD_LIST)
    return [1.0, *likely, *(candidate.voices[i] for i in voices)]


def weights_of(entity: str) -> dict[str, Any]:
    """How the voices for an entity are weighed: ``all``, and ``values`` where each weighs some in its own way."""
    found: dict[str, Any] = lexicon.load(WEIGHTS)[entity]
    return found


def score(candidate: Candidate, likely: Sequence[float]) -> float:
    """Above 0: the fact is told."""
    row = weights_of(candidate.entity)
    total = sum(a * b for a, b in zip(row["all"], inputs(candidate, likely), strict=True))
    own = row.get("values", {}).get(candidate.value)
    if own:
        total += sum(a * b for a, b in zip(own, own_inputs(candidate, likely), strict=True))
    return total


def log_odds(share: float) -> float:
    """Logarithm of the odds of a probability, which is kept from certainty."""
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))


def _only_out(candidate: Candidate, text: str) -> bool:
    """Whether somebody is taken for dead who is only said not to be there: "爸妈都不在", not "都不在了"."""
    said = _NOT_THERE.search(text, candidate.start)
    return candidate.value == "deceased" and said is not None and said.start() < candidate.end


def chosen(hearing: Hearing, facts: Sequence[str], model: ValueModel) -> list[Found]:
    """The coded facts that are told, each once, in the order of the text."""
    likely = kinds(hearing.intents)
    told = [
        c
        for c in candidates(hearing, facts, model)
        if score(c, likely) >= 0 and not _only_out(c, hearing.text)
    ]
    told.sort(key=lambda candidate: candidate.start)
    return [Found(c.entity, c.value, c.start, c.end) for c in told]
