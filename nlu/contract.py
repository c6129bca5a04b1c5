"""Names and values of the contract that the language model may say."""

from __future__ import annotations

RETRIEVAL = "faq"

VALUES: dict[str, tuple[str, ...]] = {
    "sex": ("female", "male"),
    "absence_reason": (
        "isolated", "infected", "hospitalised", "frontline_duty", "working_away", "detained",
        "missing", "deceased", "incapacitated", "refused", "other",
    ),
    "carer": (
        "nobody", "sibling", "grandparent", "relative", "neighbour", "friend", "teacher", "committee", "other",
    ),
    "relation": (
        "mother", "father", "grandparent", "relative", "neighbour", "teacher", "doctor", "committee",
        "passerby", "self", "other",
    ),
    "health": ("fever", "contact", "suspected", "confirmed", "injured", "ill", "disabled", "healthy"),
    "need": (
        "care", "food", "medicine", "medical", "supplies", "schooling", "psychological", "money",
        "documents", "safety",
    ),
}  # fmt: skip
CODED = frozenset(VALUES)
TEXTUAL = frozenset({"location", "organisation", "person_name"})
NUMBERS = frozenset({"age", "child_count"})
ENTITIES = CODED | TEXTUAL | NUMBERS | {"since", "phone", "case_no"}
DANGERS = (
    "violence", "injury", "suicide", "fire", "missing", "unconscious", "abuse", "no_food", "other",
)  # fmt: skip
