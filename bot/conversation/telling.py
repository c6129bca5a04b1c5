"""A report on its way from the dialogue to the case."""

from typing import Any

from bot.cases import store
from bot.walks.draft import Draft


def told_by(draft: Draft, poster: dict[str, Any] | None) -> store.Told:
    """What is written down of a report, filed or not."""
    hidden = ("consent", "confirm", "role")
    return store.Told(
        case_no=draft.case_no or "",
        report_type=draft.walk,
        questionnaire=draft.script.version,
        facts={name: value for name, value in draft.facts.items() if name not in hidden},
        unanswered=draft.unanswered,
        sources=draft.sources,
        narrative=draft.narrative,
        filed=draft.outcome == "filed",
        cancelled=draft.outcome == "cancelled",
        poster=poster,
    )
