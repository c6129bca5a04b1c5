"""Figures of an evaluation: accuracy, F1, calibration, speed."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from nlu.contract import NUMBERS
from nlu.thresholds import INTENT, URGENT_INTENTS

Fact = tuple[str, object]


@dataclass(frozen=True)
class Answer:
    """One message with what was wanted and what was said."""

    intent: str
    said: str
    confidence: float
    wanted: frozenset[Fact]
    found: frozenset[Fact]
    style: str = "plain"

    @property
    def right(self) -> bool:
        """Whether the intent is right."""
        return self.intent == self.said


@dataclass
class Score:
    """Counts of right, superfluous and missed items."""

    right: int = 0
    extra: int = 0
    missed: int = 0

    def add(self, wanted: bool, said: bool) -> None:
        """Count one item."""
        self.right += wanted and said
        self.extra += said and not wanted
        self.missed += wanted and not said

    @property
    def precision(self) -> float:
        """Right among said."""
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        """Right among wanted."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)


@dataclass(frozen=True)
class Figures:
    """The outcome of one evaluation; ``speed`` in milliseconds (p50, p95)."""

    messages: int
    accuracy: float
    macro_f1: float
    intents: dict[str, Score]
    entities: dict[str, Score]
    entity_f1: float
    urgent_recall: float
    styles: dict[str, tuple[int, float, float]]
    above: float
    wrong_above: float
    confusions: list[tuple[str, str, int]]
    speed: tuple[float, float] = (0.0, 0.0)
    answers: tuple[Answer, ...] = field(default=(), repr=False)


def comparable(facts: Iterable[Fact]) -> frozenset[Fact]:
    """Facts in a form in which 3, 3.0 and "3" are the same, and so are equal points in time."""
    return frozenset((entity, _plain(entity, value)) for entity, value in facts)


def _plain(entity: str, value: object) -> object:
    if entity in NUMBERS:
        return round(float(str(value)), 2)
    if entity == "since":
        text = str(value)
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return str(value)


def figures(answers: Sequence[Answer], speed: tuple[float, float] = (0.0, 0.0)) -> Figures:
    """All figures of a list of answers."""
    intents: dict[str, Score] = defaultdict(Score)
    entities: dict[str, Score] = defaultdict(Score)
    for answer in answers:
        for name in {answer.intent, answer.said}:
            intents[name].add(name == answer.intent, name == answer.said)
        for fact in answer.wanted | answer.found:
            entities[fact[0]].add(fact in answer.wanted, fact in answer.found)
    urgent = [answer for answer in answers if answer.intent in URGENT_INTENTS]
    sure = [answer for answer in answers if answer.confidence >= INTENT]
    wrong = Counter((answer.intent, answer.said) for answer in answers if not answer.right)
    return Figures(
        messages=len(answers),
        accuracy=_share(answer.right for answer in answers),
        macro_f1=sum(score.f1 for score in intents.values()) / max(1, len(intents)),
        intents=dict(sorted(intents.items())),
        entities=dict(sorted(entities.items())),
        entity_f1=_total(entities.values()).f1,
        urgent_recall=_share(answer.said in URGENT_INTENTS for answer in urgent),
        styles=_styles(answers),
        above=len(sure) / max(1, len(answers)),
        wrong_above=_share(not answer.right for answer in sure),
        confusions=[(a, b, n) for (a, b), n in wrong.most_common(20)],
        speed=speed,
        answers=tuple(answers),
    )


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return sum(counted) / max(1, len(counted))


def _total(scores: Iterable[Score]) -> Score:
    total = Score()
    for score in scores:
        total.right += score.right
        total.extra += score.extra
        total.missed += score.missed
    return total


def _styles(answers: Sequence[Answer]) -> dict[str, tuple[int, float, float]]:
    """Messages, intent accuracy and entity F1 by style."""
    out = {}
    for style in sorted({answer.style for answer in answers}):
        own = [answer for answer in answers if answer.style == style]
        score = Score()
        for answer in own:
            for fact in answer.wanted | answer.found:
                score.add(fact in answer.wanted, fact in answer.found)
        out[style] = (len(own), _share(answer.right for answer in own), score.f1)
    return out


def timed(call: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Milliseconds a message, p50 and p95."""
    spent = []
    for text in texts:
        begun = time.perf_counter()
        call(text)
        spent.append((time.perf_counter() - begun) * 1000)
    spent.sort()
    if not spent:
        return (0.0, 0.0)
    return spent[len(spent) // 2], spent[min(len(spent) - 1, int(len(spent) * 0.95))]
