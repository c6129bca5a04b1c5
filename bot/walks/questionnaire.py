"""The questionnaire: its schema, and the part of it that one report keeps."""

import hashlib
import json
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, root_validator, validator

from bot.cases.vocabulary import REPORT_TYPES
from bot.datafiles import LOADER, Strict
from bot.walks.answers import READERS

_FILE = Path(__file__).with_name("questionnaire.yml")
_DEFAULT = "default"


class Choice(Strict):
    """A button: a value, words that are read as if typed, or a move of the dialogue."""

    title: str
    value: Any = None
    says: str | None = None
    go: str | None = None
    walk: str | None = None
    facts: dict[str, Any] = {}


class When(Strict):
    """Facts that must (``all``) or must not (``not``) have one of the listed values."""

    all: dict[str, list[Any]] = {}
    never: dict[str, list[Any]] = Field({}, alias="not")

    def holds(self, facts: dict[str, Any]) -> bool:
        """Whether the question applies to what is known so far."""
        wanted = all(facts.get(name) in values for name, values in self.all.items())
        return wanted and not any(facts.get(n) in values for n, values in self.never.items())


class Question(Strict):
    """One question: its wording by walk, its choices, and how an answer is read."""

    reader: str
    label: str
    ask: dict[str, str]
    explain: dict[str, str]
    optional: bool = True
    names: list[str] = []
    when: When | None = None
    buttons: dict[str, list[Choice]] = {}
    if_yes: dict[str, Any] = {}
    if_no: dict[str, Any] = {}

    @root_validator(pre=True)
    def _one_list_of_buttons_is_for_all(cls, values: dict[str, Any]) -> dict[str, Any]:
        if isinstance(values.get("buttons"), list):
            values = {**values, "buttons": {_DEFAULT: values["buttons"]}}
        return values

    @validator("reader")
    def _reader_exists(cls, value: str) -> str:
        if value not in READERS:
            raise ValueError(f"there is no reader {value!r}")
        return value

    @validator("ask", "explain")
    def _has_a_default(cls, value: dict[str, str]) -> dict[str, str]:
        if not value.get(_DEFAULT):
            raise ValueError("needs a wording under 'default'")
        return value


class Step(Strict):
    """A place in a walk: which question, and whether only if the limit leaves room."""

    ask: str
    if_room: bool = False


class Walk(Strict):
    """One kind of report: its questions in order, and the fewest for a child in danger.

    ``limit`` is its own bound on how many it asks, lower than that of the file; the question who
    is writing does not count towards it.
    """

    title: str
    opening: str
    limit: int | None = None
    questions: list[Step]
    fewest: list[str]

    @validator("questions", pre=True)
    def _short_steps(cls, value: list[Any]) -> list[Any]:
        return [{"ask": step} if isinstance(step, str) else step for step in value]


class Questionnaire(Strict):
    """The whole file."""

    version: str
    limit: int
    walks: dict[str, Walk]
    questions: dict[str, Question]

    @root_validator(skip_on_failure=True)
    def _everything_named_exists(cls, values: dict[str, Any]) -> dict[str, Any]:
        questions, walks = values["questions"], values["walks"]
        if set(walks) != set(REPORT_TYPES):
            raise ValueError(f"the walks must be {', '.join(REPORT_TYPES)}")
        for name, walk in walks.items():
            for asked in [step.ask for step in walk.questions] + walk.fewest:
                if asked not in questions:
                    raise ValueError(f"the walk {name} asks {asked!r}, which is no question")
            limit = values["limit"] if walk.limit is None else walk.limit
            if limit > values["limit"]:
                raise ValueError(f"the walk {name} has a higher limit than {values['limit']}")
            if sum(not step.if_room for step in walk.questions) - 1 > limit:
                raise ValueError(f"the walk {name} asks more than {limit} questions")
        return values


@cache
def questionnaire() -> Questionnaire:
    """The questionnaire in force.

    Raises:
        pydantic.ValidationError: the file does not follow its schema.
    """
    text = _FILE.read_text(encoding="utf-8")
    return Questionnaire.parse_obj(yaml.load(text, Loader=LOADER))  # noqa: S506 - a safe loader


class Plan:
    """What one report was begun with: a walk's own copy of its questions and wordings.

    A report keeps it, so that a later edit of the questionnaire changes only later reports.

    Args:
        walk: the report type, or ``None`` while only the role is known to be missing.
        kept: the JSON that ``to_json`` gave; taken from the questionnaire in force when absent.
    """

    def __init__(self, walk: str | None, kept: dict[str, Any] | None = None) -> None:
        self.walk = walk
        self._kept = kept or _copy(walk)
        self._parsed: dict[str, Question] = {}
        self.version: str = self._kept["version"]
        self.limit: int = self._kept["limit"]
        self.own_limit: bool = self._kept.get("own_limit", False)
        self.steps = [Step.parse_obj(step) for step in self._kept["steps"]]
        self.fewest: list[str] = self._kept["fewest"]

    @classmethod
    def of(cls, walk: str | None, kept: dict[str, Any] | None) -> "Plan":
        """The same; one plan for all reports that keep what is in force."""
        current = _in_force(walk)
        return current if kept is None or kept == current.to_json() else cls(walk, kept)

    def to_json(self) -> dict[str, Any]:
        """What to keep with the report."""
        return self._kept

    @cached_property
    def name(self) -> str:
        """A digest of what is kept (16 hex digits): the same words, the same name."""
        words = json.dumps(self._kept, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def question(self, name: str) -> Question:
        """The question of that name.

        Raises:
            KeyError: this report has no such question.
        """
        if name not in self._parsed:
            self._parsed[name] = Question.parse_obj(self._kept["questions"][name])
        return self._parsed[name]

    def names(self) -> list[str]:
        """All questions that this report can ask, in their order."""
        return list(self._kept["questions"])

    def wording(self, by_walk: dict[str, Any]) -> Any:
        """The entry for this report's walk, or the default."""
        return by_walk.get(self.walk or _DEFAULT, by_walk.get(_DEFAULT))

    def choices(self, name: str) -> list[Choice]:
        """The buttons of a question, in order."""
        return self.wording(self.question(name).buttons) or []


@cache
def _in_force(walk: str | None) -> Plan:
    return Plan(walk)


def _dump(model: BaseModel) -> Any:
    return model.dict(by_alias=True, exclude_defaults=True)


def _copy(walk: str | None) -> dict[str, Any]:
    source = questionnaire()
    chosen = source.walks.get(walk or "")
    names = [step.ask for step in chosen.questions] if chosen else []
    fewest = chosen.fewest if chosen else []
    own = chosen.limit if chosen else None
    wanted = dict.fromkeys(["role", *names, *fewest, "phone", "confirm"])
    return {
        "version": source.version,
        "limit": own or source.limit,
        "own_limit": own is not None,
        "steps": [_dump(step) for step in chosen.questions] if chosen else [],
        "fewest": list(fewest),
        "questions": {name: _dump(source.questions[name]) for name in wanted},
    }
