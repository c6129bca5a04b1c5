"""The help catalogue: its schema, and which topics fit a family."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Extra, root_validator

_FILE = Path(__file__).with_name("catalogue.yml")


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Source(_Strict):
    """Where a statement is from, and of what date."""

    title: str
    date: str


class Topic(_Strict):
    """One question's answer."""

    title: str
    short: str
    sources: list[str]
    next: list[str]


class Catalogue(_Strict):
    """The whole file."""

    sources: dict[str, Source]
    topics: dict[str, Topic]

    @root_validator(skip_on_failure=True)
    def _names_exist(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name, topic in values["topics"].items():
            if not topic.sources:
                raise ValueError(f"the topic {name} has no source")
            for source in topic.sources:
                if source not in values["sources"]:
                    raise ValueError(f"the topic {name} names no known source: {source}")
            for other in topic.next:
                if other not in values["topics"]:
                    raise ValueError(f"the topic {name} leads to no known topic: {other}")
        return values


@cache
def catalogue() -> Catalogue:
    """The catalogue in force.

    Raises:
        pydantic.ValidationError: the file does not follow its schema.
    """
    return Catalogue.parse_obj(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


_BY_NEED = {
    "money": "temporary_relief",
    "food": "supplies",
    "supplies": "supplies",
    "medicine": "medical_care",
    "medical": "medical_care",
    "schooling": "schooling",
    "psychological": "psychological_support",
}


def topics_for(facts: dict[str, Any], walk: str | None) -> list[str]:
    """At most three topics that this family may ask about, the most pressing first."""
    reasons, chosen = set(facts.get("reason") or ()), []
    if set(facts.get("health") or ()) & {
        "fever",
        "contact",
        "suspected",
        "confirmed",
        "injured",
        "ill",
    }:
        chosen.append("medical_care")
    if facts.get("carer") in (None, "nobody", "sibling"):
        chosen.append("temporary_care")
    elif reasons:
        chosen.append("entrusted_care")
    if "deceased" in reasons:
        chosen.append("orphan_allowance")
    if reasons & {"detained", "missing", "refused", "incapacitated"}:
        chosen.append("defacto_unsupported")
    if facts.get("kind") == "moving":
        chosen.append("moving_children_services")
    chosen += [_BY_NEED[need] for need in facts.get("needs") or () if need in _BY_NEED]
    if walk == "professional_notice":
        chosen.append("mandatory_reporting")
    chosen += ["temporary_relief", "psychological_support"]
    return list(dict.fromkeys(chosen))[:3]
