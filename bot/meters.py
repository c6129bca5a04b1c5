"""What is counted for operators, in Prometheus' format; no person, place or word is among it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.turns = Counter(
            "hutong_turns", "Turns answered, by how they ended", ["end"], registry=self._registry
        )
        self.seconds = Histogram(
            "hutong_turn_seconds",
            "How long a turn takes, from reading the message to the commit",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.errors = Counter(
            "hutong_errors",
            "Errors logged, by part of the program",
            ["part"],
            registry=self._registry,
        )
        self.minds_replaced = Counter(
            "hutong_minds_replaced",
            "Processes of language understanding that died or hung and were replaced",
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

    def shown(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._registry)
