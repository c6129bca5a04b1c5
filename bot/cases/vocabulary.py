"""The values that facts may take (contract, sections 2 and 3)."""

from types import MappingProxyType

SEXES = ("female", "male")
ABSENCE_REASONS = (
    "isolated", "infected", "hospitalised", "frontline_duty", "working_away", "detained",
    "missing", "deceased", "incapacitated", "refused", "other",
)  # fmt: skip
CARERS = (
    "nobody", "sibling", "grandparent", "relative", "neighbour", "friend", "teacher",
    "committee", "other",
)  # fmt: skip
RELATIONS = (
    "mother", "father", "grandparent", "relative", "neighbour", "teacher", "doctor",
    "committee", "passerby", "self", "other",
)  # fmt: skip
HEALTH = (
    "fever", "contact", "suspected", "confirmed", "injured", "ill", "disabled", "healthy",
)  # fmt: skip
NEEDS = (
    "care", "food", "medicine", "medical", "supplies", "schooling", "psychological", "money",
    "documents", "safety",
)  # fmt: skip
DANGERS = (
    "violence", "injury", "suicide", "fire", "missing", "unconscious", "abuse", "no_food", "other",
)  # fmt: skip
REPORT_TYPES = (
    "guardian_difficulty", "unattended_child", "child_self", "professional_notice",
    "preregistration",
)  # fmt: skip
STATUSES = (
    "draft", "new", "accepted", "in_progress", "transferred", "closed", "withdrawn", "duplicate",
)  # fmt: skip
ENDED = ("withdrawn", "closed", "duplicate")
"""The statuses of a case that nobody works on any more."""
LEVELS = ("critical", "high", "medium", "low")
UNITS = (
    "committee", "township", "county_civil_affairs", "medical", "police", "education",
    "womens_federation", "protection_institution",
)  # fmt: skip

ALLOWED = MappingProxyType(
    {
        "sexes": SEXES,
        "reason": ABSENCE_REASONS,
        "carer": CARERS,
        "relation": RELATIONS,
        "health": HEALTH,
        "needs": NEEDS,
        "danger": DANGERS,
    }
)
