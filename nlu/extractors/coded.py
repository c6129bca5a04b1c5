"""Which coded facts a message tells: what network, n-grams and word lists say of each, weighed together.

A small network for each entity (:mod:`nlu.extractors.weighed`) joins them with the kind of intent, since a fact
that fits one writer is unlikely of another, and with the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nlu.contract import CODED
from nlu.extractors.choices import hits
from nlu.extractors.found import Found
from nlu.extractors.kin import is_parent_of_child
from nlu.extractors.learnt import TokenOdds
from nlu.extractors.negation import (
    is_at_hand,
    is_denied,
    is_gone,
    is_need,
    is_of_grown_up,
    is_set_right,
)
from nlu.extractors.weighed import scales
from nlu.network import Reading

VOICES = (
    "network", "grams", "rival at the same place", "rival anywhere",
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
_NOT_THERE = re.compile(r"不在(?![了世咯哒]|人世)")
_GROWN_UP = re.compile(
    r"女士|[男女]人|(?<![大小]的)(?:[那这]个?|找[的了]个?|有个|陌生)[男女]的(?!.{0,3}[\d一二三四五六七八九十]岁)"
)
_HEARD = 0.04
"""A fact that the network gives less than this is not weighed."""
_AGAINST_ITS_BEST = 0.5
"""How likely every piece of a fact is, against its likeliest one."""
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


def candidates(hearing: Hearing, facts: Sequence[str]) -> list[Candidate]:
    """Every coded fact that the network hears, with the place where it is heard best.

    Args:
        hearing: of one message.
        facts: the network's names of facts, in its order.
    """
    shares = hearing.reading.facts
    best = shares.argmax(axis=0)
    found = []
    for i, name in enumerate(facts):
        entity, _, value = name.partition("=")
        if entity not in CODED or shares[best[i], i] < _HEARD:
            continue
        start, end = _stretch(hearing.reading, i, int(best[i]))
        if start == end or _of_another(hearing.text, name, start, end):
            continue
        grams = _GRAM_FACTOR * hearing.told.get(name, _UNHEARD / _GRAM_FACTOR)
        found.append(
            Candidate(entity, value, start, end, (log_odds(float(shares[best[i], i])), grams))
        )
    named = {entity: hits(entity, hearing.text) for entity in CODED}
    return [
        _beside_words(_against_rivals(c, found), named[c.entity], found, hearing.text)
        for c in found
    ]


def _of_another(text: str, name: str, start: int, end: int) -> bool:
    """Whether it is the wrong value of a correction, a grown-up's illness or sex, or a carer who is gone."""
    if name.startswith("sex") and (
        is_parent_of_child(text, start, end)
        or any(m.start() < end and m.end() > start for m in _GROWN_UP.finditer(text))
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


def _stretch(reading: Reading, fact: int, best: int) -> tuple[int, int]:
    """Where a fact begins and ends: the pieces around the likeliest one that are likely enough against it."""
    shares = reading.facts[:, fact]
    enough = shares[best] * _AGAINST_ITS_BEST
    first = last = best
    while first > 0 and shares[first - 1] >= enough:
        first -= 1
    while last + 1 < len(shares) and shares[last + 1] >= enough:
        last += 1
    spans = [span for span in reading.pieces.spans[first : last + 1] if span[0] < span[1]]
    return (spans[0][0], spans[-1][1]) if spans else (0, 0)


def kinds(intents: Mapping[str, float]) -> list[float]:
    """How likely each kind of intent is."""
    shares = dict.fromkeys(KINDS, 0.0)
    for name, share in intents.items():
        kind = name if name in shares else name.partition("/")[0]
        shares[kind if kind in shares else "move"] += share
    return list(shares.values())


def inputs(candidate: Candidate, likely: Sequence[float]) -> list[float]:
    """The numbers that are weighed: the voices, the kinds of intent."""
    return [*candidate.voices, *likely]


def score(candidate: Candidate, likely: Sequence[float]) -> float:
    """Above 0: the fact is told."""
    return scales(candidate.entity).score(inputs(candidate, likely), candidate.value)


def log_odds(share: float) -> float:
    """Logarithm of the odds of a probability, which is kept from certainty."""
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))


def _only_out(candidate: Candidate, text: str) -> bool:
    """Whether somebody is taken for dead who is only said not to be there: "爸妈都不在", not "都不在了"."""
    said = _NOT_THERE.search(text, candidate.start)
    return candidate.value == "deceased" and said is not None and said.start() < candidate.end


def chosen(hearing: Hearing, facts: Sequence[str]) -> list[Found]:
    """The coded facts that are told, each once, in the order of the text."""
    likely = kinds(hearing.intents)
    told = [
        c
        for c in candidates(hearing, facts)
        if score(c, likely) >= 0 and not _only_out(c, hearing.text)
    ]
    told.sort(key=lambda candidate: candidate.start)
    return [Found(c.entity, c.value, c.start, c.end) for c in told]
