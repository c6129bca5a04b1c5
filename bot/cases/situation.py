"""What is known about a child, as the conditions that triage and routing ask for.

Each condition is true, false or ``None`` (nobody knows), computed from the facts of a report.
Sources: Law on the Protection of Minors, art. 21 (under 8, under 16); contract, section 3.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.clock import SHANGHAI

Known = bool | None
Facts = Mapping[str, Any]

_NIGHT_BEGINS, _NIGHT_ENDS = time(0, 0), time(5, 0)
_ADULT_CARERS = {"grandparent", "relative", "neighbour", "friend", "teacher", "committee", "other"}


def both(first: Known, second: Known) -> Known:
    """Kleene's conjunction: false if one is false, unknown if one is unknown."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


class Situation:
    """Answers the conditions named in ``triage.yml`` and ``routing.yml``.

    Args:
        facts: the report's facts, keyed as in the questionnaire; a fact that is missing is unknown.
        report_type: one of the contract's report types.
        now: the moment of looking, aware.
        unanswered: the fields whose question was asked and left unanswered.
    """

    def __init__(
        self,
        facts: Facts,
        report_type: str,
        now: datetime,
        unanswered: frozenset[str] = frozenset(),
    ) -> None:
        self._facts = facts
        self._type = report_type
        self._now = now
        self._unanswered = unanswered

    def known(self, condition: str) -> Known:
        """Whether the condition holds, as far as anybody knows.

        Raises:
            KeyError: no condition has this name.
        """
        return _CONDITIONS[condition](self)

    def _list(self, field: str) -> set[str]:
        return set(self._facts.get(field) or ())

    def danger(self) -> Known:
        if self._list("danger"):
            return True
        return None if "danger" in self._unanswered else False

    def nobody(self) -> Known:
        carer = self._facts.get("carer")
        if carer is None:
            return False if self._is_calm() else None
        return bool(carer == "nobody")

    def _is_calm(self) -> bool:
        """Nothing has happened yet: what was not told about a carer is no alarm."""
        return self._type == "preregistration" or bool(self._facts.get("planned"))

    def _age(self, test: Callable[[float], bool]) -> Known:
        ages = self._facts.get("ages") or ()
        if any(test(age) for age in ages):
            return True
        if "child_count" in self._unanswered:
            return None  # there may be one more, of any age
        return None if len(ages) < (self._facts.get("child_count") or 1) else False

    def _health(self, *values: str) -> Known:
        health = self._list("health")
        if health & set(values):
            return True
        return False if health or self._type == "preregistration" else None

    def no_food(self) -> Known:
        return "no_food" in self._list("danger")

    def night_or_day(self) -> Known:
        """Alone for a night or for 24 hours; a night holds the hours from 0 to 5."""
        since = self._facts.get("since")
        if not since:
            return None
        if len(since) == len("2026-11-20"):
            return date.fromisoformat(since) < self._now.astimezone(SHANGHAI).date()
        start = datetime.fromisoformat(since).astimezone(SHANGHAI)
        now = self._now.astimezone(SHANGHAI)
        if now - start >= timedelta(hours=24):
            return True
        night = datetime.combine(now.date(), _NIGHT_BEGINS, SHANGHAI)
        return start <= night and now >= datetime.combine(now.date(), _NIGHT_ENDS, SHANGHAI)

    def guardians_absent(self) -> Known:
        if self._list("reason") or self.nobody():
            return True
        return False if self._type == "preregistration" else None

    def weak_carer(self) -> Known:
        carer = self._facts.get("carer")
        if carer == "sibling" or self._facts.get("weak_carer"):
            return True
        return None if carer is None and not self._is_calm() else False

    def food_or_medicine(self) -> Known:
        needs = self._list("needs")
        if needs & {"food", "medicine"}:
            return True
        return None if "needs" in self._unanswered else False

    def _only(self, allowed: set[str]) -> Known:
        needs = self._list("needs")
        return bool(needs) and needs <= allowed

    def entrusted(self) -> Known:
        return self._facts.get("carer") in _ADULT_CARERS and bool(self._list("reason"))

    def child_wrote(self) -> Known:
        return self._type == "child_self"


_INFECTION = ("confirmed", "suspected", "fever")

_CONDITIONS: dict[str, Callable[[Situation], Known]] = {
    "danger": Situation.danger,
    "nobody": Situation.nobody,
    "under_3": lambda s: s._age(lambda age: age < 3),
    "under_8": lambda s: s._age(lambda age: age < 8),
    "under_16": lambda s: s._age(lambda age: age < 16),
    "from_8_to_15": lambda s: both(s._age(lambda age: 8 <= age < 16), _not(s.night_or_day())),
    "fever": lambda s: s._health("fever"),
    "injured": lambda s: s._health("injured"),
    "disabled": lambda s: s._health("disabled"),
    "no_food": Situation.no_food,
    "night_or_day": Situation.night_or_day,
    "sick_with_infection": lambda s: s._health(*_INFECTION),
    "confirmed_or_suspected": lambda s: s._health("confirmed", "suspected"),
    "contact_or_fever": lambda s: s._health("contact", "fever"),
    "contact": lambda s: s._health("contact"),
    "guardians_absent": Situation.guardians_absent,
    "child_wrote": Situation.child_wrote,
    "gap_coming": lambda s: bool(s._facts.get("planned")),
    "weak_carer": Situation.weak_carer,
    "food_or_medicine": Situation.food_or_medicine,
    "preregistration": lambda s: s._type == "preregistration",
    "only_money_or_schooling": lambda s: s._only({"money", "documents", "schooling"}),
    "only_money_or_papers": lambda s: s._only({"money", "documents"}),
    "only_schooling": lambda s: s._only({"schooling"}),
    "cannot_cope": lambda s: bool(s._facts.get("cannot_cope")),
    "entrusted": Situation.entrusted,
    "moved_here": lambda s: s._facts.get("kind") == "moving",
    "abuse": lambda s: "abuse" in s._list("danger"),
    "injury": lambda s: "injury" in s._list("danger"),
    "unconscious": lambda s: "unconscious" in s._list("danger"),
}

CONDITIONS = frozenset(_CONDITIONS)


def _not(value: Known) -> Known:
    return None if value is None else not value
