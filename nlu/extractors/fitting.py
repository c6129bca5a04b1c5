"""Facts that fit who is writing: the contract says what each opener's writer can mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.contract import CODED, NUMBERS
from nlu.extractors.found import Found

_OF_A_CHILD = CODED | NUMBERS | {"since"}
_NO_CHILD_WRITES = frozenset(
    {
        "report_own_difficulty",
        "report_unattended_child",
        "report_as_professional",
        "preregister_child",
    }
)
_I = re.compile(r"我|俺|阮|\b[iI]\b|\b[mM]y\b")


def fitting(facts: Sequence[Found], intent: str, text: str) -> list[Found]:
    """The facts of a message that its likeliest intent allows, and the one it implies.

    Of an old person alone no child's facts are told; in a child's own words "I" is the child; where
    an adult reports, nobody is the child.

    Args:
        facts: spans in the text as written.
        intent: the likeliest, in full.
        text: as written.
    """
    if intent == "report_elder_alone":
        return [fact for fact in facts if fact.entity not in _OF_A_CHILD]
    if intent in _NO_CHILD_WRITES:
        return [fact for fact in facts if (fact.entity, fact.value) != ("relation", "self")]
    told = any(fact.entity == "relation" for fact in facts)
    writer = _I.search(text) if intent == "child_seeking_help" and not told else None
    return [*facts, Found("relation", "self", *writer.span())] if writer else list(facts)
