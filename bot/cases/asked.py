"""An answer to a reminder, taken into its case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cases import store
from bot.cases.followup_plan import followup_table
from bot.cases.followups import bring_forward
from bot.cases.history import note
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import ENDED

_NO_GROWN_UP = (None, "nobody", "sibling")


@dataclass(frozen=True)
class Answered:
    """What somebody answered.

    ``answer`` is one of ``bot.cases.followup_plan.ANSWERS``, ``text`` the words, ``facts`` what
    they tell besides, keyed by question.
    """

    followup_id: int
    answer: str
    text: str
    facts: dict[str, Any]

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Answered":
        """The answer as the dialogue hands it over."""
        return cls(value["id"], value["answer"], value["text"], value["facts"])


def take_answer(case: CaseRow, answered: Answered, now: datetime) -> None:
    """Add an answer to its case and to the reminder that asked; the plan follows from it.

    Whoever says only that somebody is there is believed so far as to change the level; the
    plan has it verified.
    """
    facts = {**answered.facts, **_carer(case, answered)}
    store.add_information(case, answered.text, facts, now)
    for row in case.followups:
        if row.id == answered.followup_id:
            said = {"answer": answered.answer, "text": answered.text, "at": now.isoformat()}
            row.record = {**(row.record or {}), "answer": said}
    note(case, now, "reporter", "followup_answered", {"answer": answered.answer})
    if case.status in ENDED:
        return
    for item in followup_table().answers[answered.answer].followups:
        bring_forward(case, item, f"answer:{answered.answer}.{item.kind}", "system", now)


def _carer(case: CaseRow, answered: Answered) -> dict[str, Any]:
    """Who is with the child, as the answer has it; a carer who is told of may be one who left."""
    carer = answered.facts.get("carer") or case.facts["facts"].get("carer")
    if answered.answer == "there" and carer in _NO_GROWN_UP:
        return {"carer": "other"}
    if answered.answer == "not_yet" and carer != "sibling":
        return {"carer": "nobody"}
    return {}
