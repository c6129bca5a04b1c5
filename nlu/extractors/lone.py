"""Facts of which a message tells one (but for two or three in a hundred): place, organisation, name, since when.

Each stretch that tagger and network hear is weighed with what the others have for themselves, how long the
message is and what it is for; the best that weighs enough is told. The weights stand beside those of the
coded facts and are found in the same way (:mod:`nlu.extractors.coded`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.contract import TEXTUAL
from nlu.extractors import coded
from nlu.extractors.found import Found
from nlu.extractors.places import find_divisions
from nlu.extractors.weighed import scales

LONE = TEXTUAL | {"since"}
VOICES = (
    "tagger", "network", "both at their best", "both on the average", "the loudest rival", "whether a rival is louder",
    "how many are heard", "how many tokens", "length of the message", "place in the message",
)  # fmt: skip
LEAST = 0.15
"""A stretch that is less likely than this at its best is not weighed."""

_NEARLY, _LONG = -1.0, 10
"""How little a whole address may weigh, and from how many characters on a place is one: nobody writes one of where
somebody only works."""


@dataclass(frozen=True)
class Stretch:
    """A stretch heard as an entity: how many tokens, how likely to the tagger, the network, both together at their
    best and both on the average; ``facts`` are what it tells once its borders are right and it is read."""

    entity: str
    start: int
    tokens: int
    tagger: float
    network: float
    best: float
    mean: float
    facts: tuple[Found, ...]


def inputs(
    stretch: Stretch, rivals: Sequence[Stretch], length: int, likely: Sequence[float]
) -> list[float]:
    """The numbers that are weighed: the voices, the rivals, the kinds of intent.

    Args:
        stretch: to be weighed.
        rivals: all stretches of the entity, itself among them.
        length: of the message, in characters.
        likely: how likely each kind of intent is.
    """
    louder = max((other.best for other in rivals if other is not stretch), default=0.0)
    voices = (stretch.tagger, stretch.network, stretch.best, stretch.mean, louder)
    return [
        *(coded.log_odds(share) for share in voices),
        float(louder > stretch.best),
        float(len(rivals)),
        math.log(stretch.tokens),
        length / 40,
        stretch.start / length,
        *likely,
    ]


def by_entity(stretches: Sequence[Stretch]) -> dict[str, list[Stretch]]:
    """The stretches of each entity that a message tells once; those of others are left out."""
    out: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        if stretch.entity in LONE:
            out.setdefault(stretch.entity, []).append(stretch)
    return out


def _is_address(stretch: Stretch) -> bool:
    """Whether a place is told at length, through two divisions or more: "郑州市登封市大金店镇南寨村8号"."""
    words = str(stretch.facts[0].value)
    return stretch.entity == "location" and len(words) >= _LONG and len(find_divisions(words)) > 1


def told(stretches: Sequence[Stretch], length: int, likely: Sequence[float]) -> list[Found]:
    """Of each entity that a message tells once the facts of the stretch that weighs most, where it weighs enough."""
    facts: list[Found] = []
    for entity, rivals in by_entity(stretches).items():
        rows = [inputs(stretch, rivals, length, likely) for stretch in rivals]
        scores = [scales(entity).score(row) for row in rows]
        best = rivals[scores.index(max(scores))]
        if max(scores) >= 0 or (max(scores) >= _NEARLY and _is_address(best)):
            facts.extend(best.facts)
    return facts
