"""What is known about a child, as the conditions that triage and routing ask for.

Each condition is true, false or ``None`` (nobody knows), computed from the facts of a report;
``conditions.yml`` says in words what each of them means, for staff.
Sources: Law on the Protection of Minors, art. 21 (under 8, under 16); contract, section 3.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.clock import SHANGHAI

Known = bool | None
Facts = Mapping[str, Any]

_NIGHT_BEGINS, _NIGHT_ENDS = time(0, 0), time(5, 0)
_DAY_ENDS = time(23, 59)
_ADULT_CARERS = {"grandparent", "relative", "neighbour", "friend", "teacher", "committee", "other"}
_CAN_BE_ENTRUSTED = _ADULT_CARERS - {
    "committee"
}  # the committee is no private person who was asked
_CANNOT_ENTRUST = {"missing", "deceased", "refused"}  # guardians who asked nobody to step in
_LEAST_AGE_TO_WRITE = 3
_NOT_LEFT_ALONE = 8
"""Under this age a child may not be left unattended, nor attend another (art. 21)."""


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
        if self.gap_coming():
            return False  # who will be there then; now the guardian still is
        if carer == "sibling":
            return self._only_small_children()
        if carer is None:
            return False if self._is_calm() else None
        return bool(carer == "nobody")

    def _only_small_children(self) -> Known:
        """Whether those who are together are all too small to look after each other."""
        ages = self._facts.get("ages") or ()
        if any(age >= _NOT_LEFT_ALONE for age in ages):
            return False
        if "child_count" in self._unanswered:
            return None
        if (self._facts.get("child_count") or len(ages)) == 1:
            return False  # the brother or sister is not among the children of the report
        return None if self._ages_missing() or not ages else True

    def _is_calm(self) -> bool:
        """Nothing has happened yet: what was not told about a carer is no alarm."""
        return self._type == "preregistration" or bool(self.gap_coming())

    def gap_coming(self) -> Known:
        """Care ends within days; once it has ended, the gap is there and no longer coming."""
        return bool(self._facts.get("planned")) and not self._has_begun()

    def _has_begun(self) -> bool:
        since = self._facts.get("since")
        return _earliest(since) <= self._now if since else False

    def _ages_missing(self) -> int:
        """Of how many children nobody told the age; 1 also when their number is unknown."""
        ages = self._facts.get("ages") or ()
        missing = max(0, (self._facts.get("child_count") or 1) - len(ages))
        return max(1, missing) if "child_count" in self._unanswered else missing

    def _age(self, test: Callable[[float], bool], least: float = 0) -> Known:
        """Whether some child's age passes a test; nobody who writes is younger than ``least``."""
        if any(test(age) for age in self._facts.get("ages") or ()):
            return True
        missing = self._ages_missing()
        if self._type == "child_self" and least and "child_count" not in self._unanswered:
            missing -= 0 if self._facts.get("ages") else 1  # the child who writes
        return None if missing > 0 else False

    def _health(self, *values: str) -> Known:
        health = self._list("health")
        if health & set(values):
            return True
        return False if health or self._type == "preregistration" else None

    def no_food(self) -> Known:
        return "no_food" in self._list("danger")

    def night_or_day(self) -> Known:
        """Alone for a night or for 24 hours; a night holds the hours from 0 to 5.

        Of a day without a clock time, any hour is possible; "today" means no night.
        """
        since = self._facts.get("since")
        if not since:
            return None
        if since == f"{self._now.astimezone(SHANGHAI):%Y-%m-%d}":
            return False
        longest, shortest = (self._alone_too_long(at) for at in (_earliest(since), _latest(since)))
        return longest if longest == shortest else None

    def _alone_too_long(self, start: datetime) -> bool:
        now = self._now.astimezone(SHANGHAI)
        if now - start >= timedelta(hours=24):
            return True
        night = datetime.combine(now.date(), _NIGHT_BEGINS, SHANGHAI)
        return start <= night and now >= datetime.combine(now.date(), _NIGHT_ENDS, SHANGHAI)

    def changes_at(self) -> datetime | None:
        """The next moment at which time alone may change an answer; ``None`` if it never does."""
        since = self._facts.get("since")
        if not since:
            return None
        first, last = _earliest(since), _latest(since)
        night = datetime.combine(first.date() + timedelta(days=1), _NIGHT_BEGINS, SHANGHAI)
        dawns = (datetime.combine(each.date(), _NIGHT_ENDS, SHANGHAI) for each in (first, night))
        day = timedelta(hours=24)
        moments = (first, last, *dawns, night, first + day, last + day)
        return min((each for each in moments if each > self._now), default=None)

    def guardians_absent(self) -> Known:
        if self.gap_coming():
            return False
        if self._absences() or self.nobody():
            return True
        return False if self._type == "preregistration" else None

    def _absences(self) -> set[str]:
        """Why guardians cannot care; parents who moved here with the child to work are there."""
        moved = self._facts.get("kind") == "moving"
        return self._list("reason") - ({"working_away"} if moved else set())

    def weak_carer(self) -> Known:
        carer = self._facts.get("carer")
        if carer == "sibling":
            return True
        if carer is None:
            return False if self._is_calm() else None
        return carer != "nobody" and bool(self._facts.get("weak_carer"))

    def adult_there(self) -> Known:
        carer = self._facts.get("carer")
        return None if carer is None else carer in _ADULT_CARERS

    def food_or_medicine(self) -> Known:
        needs = self._list("needs")
        if needs & {"food", "medicine"}:
            return True
        return None if "needs" in self._unanswered else False

    def supplies_needed(self) -> Known:
        return "supplies" in self._list("needs")

    def _only(self, allowed: set[str]) -> Known:
        """Nothing but these needs: a child who may be alone always needs more."""
        needs = self._list("needs")
        if not needs or not needs <= allowed or self.gap_coming() or self.weak_carer():
            return False
        return _not(self.nobody())

    def entrusted(self) -> Known:
        """An adult was asked to care by a guardian who is away, not found in the guardian's place."""
        somebody_asked = bool(self._absences() - _CANNOT_ENTRUST)
        return self._facts.get("carer") in _CAN_BE_ENTRUSTED and somebody_asked

    def child_wrote(self) -> Known:
        return self._type == "child_self"


def situation_of(held: Mapping[str, Any], report_type: str | None, now: datetime) -> "Situation":
    """The situation of a case.

    Args:
        held: what a case keeps in its column ``facts``.
        report_type: one of the contract's report types, or ``None`` before it is known.
        now: the moment of looking, aware.
    """
    unanswered = frozenset(held["unanswered"])
    return Situation(held["facts"], report_type or "unattended_child", now, unanswered)


_INFECTION = ("confirmed", "suspected", "fever")

_CONDITIONS: dict[str, Callable[[Situation], Known]] = {
    "danger": Situation.danger,
    "nobody": Situation.nobody,
    "under_3": lambda s: s._age(lambda age: age < 3, _LEAST_AGE_TO_WRITE),
    "under_8": lambda s: s._age(lambda age: age < 8),
    "under_16": lambda s: s._age(lambda age: age < 16),
    "from_8_to_15": lambda s: s._age(lambda age: 8 <= age < 16),
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
    "gap_coming": Situation.gap_coming,
    "weak_carer": Situation.weak_carer,
    "adult_there": Situation.adult_there,
    "food_or_medicine": Situation.food_or_medicine,
    "supplies_needed": Situation.supplies_needed,
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


def _earliest(since: str) -> datetime:
    """The earliest moment that a date or a moment may mean."""
    if len(since) == len("2026-11-20"):
        return datetime.combine(date.fromisoformat(since), _NIGHT_BEGINS, SHANGHAI)
    return datetime.fromisoformat(since).astimezone(SHANGHAI)


def _latest(since: str) -> datetime:
    if len(since) == len("2026-11-20"):
        return datetime.combine(date.fromisoformat(since), _DAY_ENDS, SHANGHAI)
    return datetime.fromisoformat(since).astimezone(SHANGHAI)
