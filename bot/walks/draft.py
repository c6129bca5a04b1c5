"""A report while it is being told: facts, what was not answered, and which question is open."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.walks.questionnaire import Plan, Question

Unanswered = Literal["unknown", "declined"]
_FREE_OF_LIMIT = ("consent", "confirm")
_LISTS = ("health", "needs", "reason", "danger", "sexes")


@dataclass
class Draft:
    """The state of one report. Its JSON is what the dialogue keeps between turns.

    ``facts`` holds what is known, keyed by question (plus ``relation``, ``planned``, ``kind``);
    ``unanswered`` says which questions were met with "unknown" or "declined"; ``sources`` which
    message a fact came from; ``forced`` the question that is asked again although it was answered;
    ``noted``, ``changed`` and ``skipped`` what the last message brought beside an answer; ``adding``
    the filed case that the next words are meant for.
    """

    walk: str | None = None
    plan: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    narrative: list[str] = field(default_factory=list)
    asking: str | None = None
    forced: str | None = None
    case_no: str | None = None
    outcome: str | None = None
    misses: int = 0
    read: str | None = None
    noted: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    skipped: bool = False
    adding: str | None = None

    @classmethod
    def from_json(cls, value: dict[str, Any] | None) -> "Draft":
        """The draft that ``to_json`` wrote; a new one for ``None``."""
        return cls(**value) if value else cls()

    def to_json(self) -> dict[str, Any]:
        """The draft as plain JSON: a copy, but for the plan, which nothing changes."""
        return {
            name: value if name == "plan" else deepcopy(value) for name, value in vars(self).items()
        }

    @property
    def script(self) -> Plan:
        """This report's own copy of the questionnaire."""
        return Plan.of(self.walk, self.plan)

    @property
    def in_danger(self) -> bool:
        """Whether somebody told of danger to life or limb now."""
        return bool(self.facts.get("danger"))

    @property
    def is_open(self) -> bool:
        """Whether a report has begun and is neither filed nor given up."""
        return self.plan is not None and self.outcome is None

    def begin(self, walk: str | None) -> None:
        """Take up a walk; facts that are already known stay."""
        self.walk = walk
        self.plan = Plan.of(walk, None).to_json()
        if walk == "child_self":
            self.facts.setdefault("relation", "self")

    def settled(self, name: str) -> bool:
        """Whether a question needs no asking: it has a value or was not answered on purpose.

        A place that no one can find ("我们小区3号楼") is asked for once more.
        """
        if name == "location" and name not in self.asked and self.vague_place:
            return False
        return name in self.facts or name in self.unanswered

    @property
    def vague_place(self) -> str | None:
        """The words for a place of which not even the county is known, if that is all there is."""
        place = self.facts.get("location")
        return place["text"] if place and not place.get("adcode") else None

    def next_question(self) -> str | None:
        """The question to ask now: ``confirm`` when nothing is missing, ``None`` once confirmed."""
        if self.forced:
            return self.forced
        if self.walk is None:
            return "role"
        for name in self._wanted():
            if not self.settled(name):
                return name
        return None if self.facts.get("confirm") else "confirm"

    def _wanted(self) -> list[str]:
        """What this report still asks or has asked, within the limit.

        Once the limit is spent, as after a late change of walk, only the place is still asked:
        without it nobody can go.
        """
        names = self._fewest() if self.in_danger else self._walked()
        spent = self._spent()
        if len(spent) < self.script.limit:
            return names
        free = {*_FREE_OF_LIMIT, "location", *spent}
        return [name for name in names if name in free or self.settled(name)]

    def _spent(self) -> set[str]:
        """The questions asked that count towards the limit."""
        free = (*_FREE_OF_LIMIT, "role") if self.script.own_limit else _FREE_OF_LIMIT
        return {name for name in self.asked if name not in free}

    def _fewest(self) -> list[str]:
        plan = self.script
        return [name for name in plan.fewest if self._applies(plan.question(name), name)]

    def _walked(self) -> list[str]:
        plan = self.script
        steps = [step for step in plan.steps if self._applies(plan.question(step.ask), step.ask)]
        must = {step.ask for step in steps if not step.if_room}
        spent = self._spent()
        open_musts = {name for name in must if not self.settled(name)} - {*_FREE_OF_LIMIT} - spent
        room = plan.limit - len(spent) - len(open_musts)
        wanted = []
        for step in steps:
            if step.ask in must or self.settled(step.ask) or step.ask in spent:
                wanted.append(step.ask)
            elif room > 0:
                wanted.append(step.ask)
                room -= 1
        return wanted

    def _applies(self, question: Question, name: str) -> bool:
        if name == "since" and self.facts.get("planned"):
            return False
        return question.when is None or question.when.holds(self.facts)

    def progress(self) -> tuple[int, int]:
        """Which step this is and how many there are, not counting consent and confirmation."""
        counted = [n for n in self._wanted() if n not in _FREE_OF_LIMIT] if self.walk else []
        left = [name for name in counted if not self.settled(name)]
        done = len([n for n in self.asked if n not in _FREE_OF_LIMIT and n != self.asking])
        return done + 1, done + max(len(left), 1)

    def note_asked(self, name: str) -> None:
        """Remember that a question is open."""
        self.asking = name
        if name not in self.asked:
            self.asked.append(name)

    def go_back(self) -> bool:
        """Ask the question before the open one again; false when there is none."""
        asked = [name for name in self.asked if name not in _FREE_OF_LIMIT or name == self.asking]
        here = asked.index(self.asking) if self.asking in asked else len(asked)
        if here == 0:
            return False
        self.reopen(asked[here - 1])
        return True

    def take(self, name: str, value: Any, source: str | None, replace: bool = False) -> None:
        """Set a fact. Lists grow unless ``replace``; a danger once told is never dropped here."""
        if name in _LISTS and not replace and self.facts.get(name) and isinstance(value, list):
            value = list(dict.fromkeys([*self.facts[name], *value]))
            if name == "health" and len(value) > 1:
                value = [entry for entry in value if entry != "healthy"]
        if name == "location" and not replace:
            value = self._joined_place(value)
        self.facts[name] = value
        self.unanswered.pop(name, None)
        if source:
            self.sources[name] = source
        if self.forced == name:
            self.forced = None

    def _joined_place(self, place: dict[str, Any]) -> dict[str, Any]:
        """A place told in two messages: the fuller wording, with what only the other one says."""
        known = self.vague_place
        if known is None or known in place["text"]:
            return place
        if not place.get("adcode"):
            return place if len(place["text"]) > len(known) else self.facts["location"]
        return {**place, "text": f"{place['text']} {known}"}

    def leave_open(self, name: str, how: Unanswered) -> None:
        """Note that a question was met with "unknown" or "declined"."""
        if name != "danger" or not self.in_danger:
            self.facts.pop(name, None)
            self.unanswered[name] = how
        if self.forced == name:
            self.forced = None

    def reopen(self, name: str) -> None:
        """Ask a question again, whatever was said before."""
        self.forced = name
        self.unanswered.pop(name, None)
