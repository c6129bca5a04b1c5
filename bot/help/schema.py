"""What help files may hold: the national catalogue and the files of regions."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import phonenumbers
from pydantic import StrictStr, confloat, root_validator, validator

from bot.datafiles import Strict

QUESTIONS = (
    "available_help", "temporary_care", "temporary_guardianship", "entrusted_care",
    "temporary_relief", "minimum_living_allowance", "orphan_allowance", "defacto_unsupported",
    "medical_care", "schooling", "supplies", "psychological_support", "moving_children_services",
    "hotlines", "who_is_responsible", "process_and_time", "privacy", "anonymity",
    "mandatory_reporting", "law_left_alone", "bot_identity",
)  # fmt: skip
"""The topics: the contract's retrieval intents without ``faq/``."""

Unit = Literal["yuan_a_month", "yuan_a_year"]
Role = Literal[
    "child_director",
    "child_supervisor",
    "committee",
    "social_work_station",
    "protection_institution",
    "hotline",
]
Field = Literal[
    "early_childhood",
    "schooling",
    "medical_care",
    "housing",
    "support_of_the_weak",
    "development",
]
_TEXTS = ("short", "child", "more", "local", "who", "how", "decides")
_PLACES = re.compile(r"\{([^{}]*)\}")
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")
_CODE = re.compile(r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}")  # GB/T 2260
_SERVICE_NUMBER = re.compile(r"\d{3,6}")


class ByLanguage(Strict):
    """A text that comes with its own translations; what is missing is shown in ``zh_Hans``."""

    zh_Hans: str  # noqa: N815 - the names of languages
    zh_Hant: str | None = None  # noqa: N815
    en: str | None = None


Words = str | ByLanguage
"""A text: looked up in the catalogues, unless it brings its translations."""


def wordings(words: Words) -> list[str]:
    """All wordings of a text."""
    if isinstance(words, str):
        return [words]
    return [text for text in (words.zh_Hans, words.zh_Hant, words.en) if text]


class Source(Strict):
    """Where a statement is from, and of what date: a year, a month or a day."""

    title: Words
    date: StrictStr

    @validator("date")
    def _is_a_date(cls, value: str) -> str:
        if not _DATE.fullmatch(value):
            raise ValueError(
                f'{value!r} is no date: write "2026", "2026-11" or "2026-11-21" in quotation marks'
            )
        return value


class Figure(Strict):
    """An amount, what it is for, and the year that it holds for."""

    what: Words
    amount: confloat(gt=0)  # type: ignore[valid-type]
    unit: Unit
    year: int
    source: str


class LocalTopic(Strict):
    """What a region says of a topic: each key stands in place of the wider region's.

    ``local`` is added to the short answer, ``more`` to the longer one.
    """

    short: Words | None = None
    child: Words | None = None
    local: Words | None = None
    more: Words | None = None
    who: Words | None = None
    how: Words | None = None
    decides: Words | None = None
    sources: list[str]
    next: list[str] = []
    review: date | None = None

    @validator("sources")
    def _has_a_source(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("a text without a source is not shown: name one")
        return value

    @validator("next", each_item=True)
    def _leads_somewhere(cls, value: str) -> str:
        if value not in QUESTIONS:
            raise ValueError(f"{value!r} is no topic; the topics are {', '.join(QUESTIONS)}")
        return value

    def texts(self) -> list[Words]:
        """All texts that are given."""
        return [text for name in _TEXTS if (text := getattr(self, name)) is not None]


class Topic(LocalTopic):
    """What holds everywhere: every part must be there."""

    title: str
    short: Words
    child: Words
    more: Words
    who: Words
    how: Words
    decides: Words
    next: list[str]


class Contact(Strict):
    """Somebody to turn to: who, for which place, how and when to reach them.

    ``place`` narrows ``adcode`` to a township, a village or a neighbourhood.
    """

    role: Role
    adcode: StrictStr
    place: Words = ""
    name: Words
    phone: StrictStr
    hours: Words

    @validator("phone")
    def _can_be_dialled(cls, value: str) -> str:
        if _SERVICE_NUMBER.fullmatch(value):
            return value
        try:
            known = phonenumbers.is_valid_number(phonenumbers.parse(value, "CN"))
        except phonenumbers.NumberParseException:
            known = False
        if not known:
            raise ValueError(
                f"{value!r} is no phone number: write its digits, a landline's with area code"
            )
        return value

    @validator("adcode")
    def _is_a_code(cls, value: str) -> str:
        return _checked_code(value)


class Service(Strict):
    """A service of the list that a city published, under one of the six fields."""

    field: Field
    name: Words


class Note(Strict):
    """A sentence for a family that ``when`` fits, of which fact, and where to read on.

    ``when`` gives, by fact, the values of which one must hold; ``under`` is an age.
    """

    when: dict[str, list[str]] = {}
    under: int | None = None
    adult: Words
    child: Words
    topic: str | None = None
    sources: list[str]

    @validator("sources")
    def _has_a_source(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("a sentence without a source is not shown: name one")
        return value

    @validator("topic")
    def _is_a_topic(cls, value: str | None) -> str | None:
        if value is not None and value not in QUESTIONS:
            raise ValueError(f"{value!r} is no topic; the topics are {', '.join(QUESTIONS)}")
        return value


class Place(Strict):
    """The region that a file is for: code (GB/T 2260), full name, and what a button calls it."""

    adcode: StrictStr
    name: Words
    called: Words

    @validator("adcode")
    def _is_a_code(cls, value: str) -> str:
        return _checked_code(value)


class National(Strict):
    """The national file."""

    review: date
    sources: dict[str, Source]
    figures: dict[str, Figure] = {}
    topics: dict[str, Topic]

    @root_validator(skip_on_failure=True)
    def _names_exist(cls, values: dict[str, Any]) -> dict[str, Any]:
        if tuple(values["topics"]) != QUESTIONS:
            raise ValueError(f"the topics must be {', '.join(QUESTIONS)}, in this order")
        check_names(values, set(values["sources"]))
        return values


class RegionFile(Strict):
    """The file of one province, city or county."""

    region: Place
    review: date
    sources: dict[str, Source] = {}
    figures: dict[str, Figure] = {}
    topics: dict[str, LocalTopic] = {}
    apply: list[Note] = []
    number: list[Note] = []
    contacts: list[Contact] = []
    services: list[Service] = []

    @validator("topics")
    def _are_topics(cls, value: dict[str, LocalTopic]) -> dict[str, LocalTopic]:
        for name in value:
            if name not in QUESTIONS:
                raise ValueError(f"{name!r} is no topic; the topics are {', '.join(QUESTIONS)}")
        return value

    @validator("contacts")
    def _once_each(cls, value: list[Contact]) -> list[Contact]:
        seen = [(contact.role, contact.adcode, contact.place, contact.phone) for contact in value]
        for index, key in enumerate(seen):
            if key in seen[:index]:
                raise ValueError(f"entry {index + 1} is the same contact as an earlier one")
        return value


class UnknownNameError(ValueError):
    """A text names a source or a figure that is not there; ``loc`` leads to the text."""

    def __init__(self, loc: tuple[str | int, ...], why: str) -> None:
        super().__init__(f"the {' '.join(str(step) for step in loc)} names {why}")
        self.loc = loc


def check_names(values: dict[str, Any], sources: set[str]) -> None:
    """Check that every source and figure that a file names is there.

    Args:
        values: the content of a file, by key.
        sources: the names of the sources that it may use.

    Raises:
        UnknownNameError: the first that is not there.
    """
    figures = values["figures"]
    for loc, named, texts in _held(values):
        for source in named:
            if source not in sources:
                raise UnknownNameError(loc, f"a source that is not there: {source}")
        for text in (text for words in texts for text in wordings(words)):
            for place in _PLACES.findall(text):
                if place not in figures:
                    raise UnknownNameError(loc, f"a figure that is not there: {{{place}}}")


def _held(values: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], list[str], list[Words]]]:
    for name, figure in values["figures"].items():
        yield ("figures", name), [figure.source], []
    for name, topic in values["topics"].items():
        yield ("topics", name), topic.sources, topic.texts()
    for part in ("apply", "number"):
        for index, note in enumerate(values.get(part, ())):
            yield (part, index), note.sources, [note.adult, note.child]


def within(adcode: str, region: str) -> bool:
    """Whether a division is a region or lies in it: a code's trailing pairs of zeros are the wider one."""
    return adcode.startswith(_stem(region))


def _stem(region: str) -> str:
    while region.endswith("00"):
        region = region[:-2]
    return region


def _checked_code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(
            f"{value!r} is no code of a province, city or county: six digits in quotation marks"
        )
    return value
