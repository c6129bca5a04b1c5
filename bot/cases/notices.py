"""A notice by a hospital, school or committee, as its receipt shows it.

Law on the Protection of Minors, art. 11: state organs, committees, and organisations in close
contact with minors must report at once.
"""

from typing import Any

from bot.cases.tables import CaseRow

SHOWN = (
    "danger", "child_count", "ages", "carer", "since", "reason", "health", "location", "needs",
    "weak_carer", "cannot_cope",
)  # fmt: skip
"""The facts that a receipt names, in their order; never who wrote or their telephone."""


def notice_of(row: CaseRow) -> dict[str, Any] | None:
    """What the receipt of a filed notice says, as plain JSON; ``None`` of any other case."""
    if row.report_type != "professional_notice" or row.submitted_at is None:
        return None
    facts = row.facts["facts"]
    return {
        "at": row.submitted_at.isoformat(),
        "organisation": facts.get("organisation"),
        "facts": {name: facts[name] for name in SHOWN if name in facts},
        "referrals": row.assessment["referrals"],
    }
