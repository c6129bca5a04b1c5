"""What is weighed for a fact, joined by a small network of its own for each entity: one layer of hidden units.

What a voice says counts more or less by what the others say, by the kind of intent and by the value, which no single
weight for each can tell. The networks are fitted on held-out data and messages for weighing by
``python -m nlu.measuring.weigh`` and kept in ``nlu/data/lexicon/weights.yml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import lexicon

Numbers = NDArray[np.float64]
WEIGHTS = "weights"


@dataclass(frozen=True)
class Scales:
    """The network of one entity.

    ``hidden`` has shape (units, 1 + numbers), each unit's bias first, and ``out`` (1 + units,); ``values`` are those of an
    entity with a code: of each candidate the numbers end with a one for its own value and zeros for the others.
    """

    hidden: Numbers
    out: Numbers
    values: tuple[str, ...] = ()

    def score(self, numbers: Sequence[float], value: str = "") -> float:
        """Above 0: the fact is told."""
        row = [*numbers, *own_value(value, self.values)]
        units = np.maximum(self.hidden[:, 1:] @ row + self.hidden[:, 0], 0.0)
        return float(self.out[0] + self.out[1:] @ units)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Scales:
        """From what the file holds of an entity."""
        hidden, out = (np.array(kept[name], dtype=float) for name in ("hidden", "out"))
        return cls(hidden, out, tuple(kept.get("values", ())))

    def kept(self) -> dict[str, Any]:
        """What the file holds of it, to three digits."""
        out: dict[str, Any] = {"values": list(self.values)} if self.values else {}
        return out | {"hidden": self.hidden.round(3).tolist(), "out": self.out.round(3).tolist()}


def own_value(value: str, values: Sequence[str]) -> list[float]:
    """A one for a value and zeros for the others."""
    return [float(value == other) for other in values]


@cache
def scales(entity: str) -> Scales:
    """The network of an entity, read once a process."""
    return Scales.of(lexicon.load(WEIGHTS)[entity])
