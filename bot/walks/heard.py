"""What one message of a reporter means, as the dialogue gets it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nlu.contract import NUMBERS
from nlu.extractors.numerals import NUMERAL
from nlu.normaliser import normalise

OPENERS = {
    "report_own_difficulty": "guardian_difficulty",
    "report_unattended_child": "unattended_child",
    "child_seeking_help": "child_self",
    "report_as_professional": "professional_notice",
    "preregister_child": "preregistration",
}

MOVES = frozenset(
    {
        "ask_clarification", "cancel", "change_language", "check_status", "express_distress",
        "go_back", "goodbye", "greet", "out_of_scope", "report_elder_alone", "request_human",
        "restart", "resume", "thank", "withdraw_report", "choose_field", "stale_button",
        "wordless", "receipt",
    }
)  # fmt: skip
"""What is answered beside an open report; the report waits meanwhile."""

_BARE_NUMBER = re.compile(NUMERAL + "[.!。]?")


@dataclass(frozen=True)
class Heard:
    """One message, understood.

    Args:
        text: as written (for a press, the button's title).
        intent: one of the contract's 49, a question in full (``faq/privacy``).
        confidence: 0 to 1, calibrated.
        sure: whether the confidence reaches the threshold below which the bot asks back.
        entities: pairs of entity and normalised value, in their order.
        spans: of each entity its name, start and end in the text.
        dangers: kinds of danger told of as happening now.
        choice: the button pressed, as question and index, or ``None`` for typed words.
        edit: the field that a pressed button wants to change, or ``None``.
        now: the moment of the message, aware.
        message_id: names the message within the program.
        in_form: whether a report was open when the message came.
        cases: this person's filed reports, newest first: case_no, status, unit, due_at, place.
        ranking: the likeliest readings, best first, as intent and confidence.
    """

    text: str
    intent: str
    confidence: float
    sure: bool
    now: datetime
    message_id: str
    entities: tuple[tuple[str, Any], ...] = ()
    dangers: tuple[str, ...] = ()
    choice: tuple[str, int] | None = None
    edit: str | None = None
    in_form: bool = False
    cases: tuple[dict[str, Any], ...] = ()
    ranking: tuple[tuple[str, float], ...] = field(default=())
    spans: tuple[tuple[str, int, int], ...] = field(default=())

    def without_entities(self, but_for: frozenset[str]) -> str:
        """The text with a blank where other facts stand than the entities in ``but_for``."""
        text = list(self.text)
        for name, start, end in self.spans:
            if name not in but_for:
                text[start:end] = " " * (end - start)
        return "".join(text)

    def as_answer(self, fitting: frozenset[str]) -> "Heard":
        """The same, but what a bare number counts is settled by the question: only what is ``fitting`` is counted."""
        if not _BARE_NUMBER.fullmatch(normalise(self.text).text):
            return self
        wrong = NUMBERS - fitting
        return replace(
            self,
            entities=tuple(each for each in self.entities if each[0] not in wrong),
            spans=tuple(each for each in self.spans if each[0] not in wrong),
        )

    @property
    def is_question(self) -> bool:
        """Whether it asks about help, rules or the bot, for more of it, or names a place for it.

        The answer to a reminder ("followup/there") is no answer to the report's question either.
        """
        return self.intent.startswith(("faq/", "more/", "place/", "followup/"))

    def values(self, entity: str) -> list[Any]:
        """All values of one entity, each once, in their order."""
        return list(dict.fromkeys(value for name, value in self.entities if name == entity))
