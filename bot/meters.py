"""What is counted for operators, in Prometheus' format; no person, place or word is among it."""

from collections.abc import Sequence
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Counting(Protocol):
    """Counts what a turn does."""

    def turn_ended(self, end: str) -> None:
        """Count a turn by how it ended: answered, failed or overtaken."""

    def turn_took(self, seconds: float) -> None:
        """Count how long a turn took."""

    def error(self, part: str) -> None:
        """Count an error by the part of the program that logged it."""


class Tally:
    """What a process counts that shows no figures itself; ``taken`` goes to the ``Meters`` of another."""

    def __init__(self) -> None:
        self._counted: list[tuple[str, Any]] = []

    def turn_ended(self, end: str) -> None:
        """Note how a turn ended."""
        self._counted.append(("turn_ended", end))

    def turn_took(self, seconds: float) -> None:
        """Note how long a turn took."""
        self._counted.append(("turn_took", seconds))

    def error(self, part: str) -> None:
        """Note an error."""
        self._counted.append(("error", part))

    def taken(self) -> list[tuple[str, Any]]:
        """What was counted since this was last asked."""
        counted, self._counted = self._counted, []
        return counted


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.turns = Counter(
            "hutong_turns", "Turns answered, by how they ended", ["end"], registry=self._registry
        )
        self.seconds = Histogram(
            "hutong_turn_seconds",
            "How long a turn takes, from reading the message to the commit, which several may share",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.errors = Counter(
            "hutong_errors",
            "Errors logged, by part of the program",
            ["part"],
            registry=self._registry,
        )
        self.clerks_replaced = Counter(
            "hutong_clerks_replaced",
            "Processes that answer people and died or hung and were replaced",
            registry=self._registry,
        )
        self.queue_age = Gauge(
            "hutong_queue_age_seconds",
            "Age of the oldest unanswered message",
            registry=self._registry,
        )
        self.outbox_age = Gauge(
            "hutong_outbox_age_seconds", "Age of the oldest unsent reply", registry=self._registry
        )
        self.cases = Gauge(
            "hutong_open_cases", "Open cases by level", ["level"], registry=self._registry
        )

    def turn_ended(self, end: str) -> None:
        """Count a turn by how it ended: answered, failed or overtaken."""
        self.turns.labels(end).inc()

    def turn_took(self, seconds: float) -> None:
        """Count how long a turn took."""
        self.seconds.observe(seconds)

    def error(self, part: str) -> None:
        """Count an error by the part of the program that logged it."""
        self.errors.labels(part).inc()

    def add(self, counted: Sequence[tuple[str, Any]]) -> None:
        """Add what a ``Tally`` has counted."""
        for name, value in counted:
            getattr(self, name)(value)

    def shown(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._registry)
