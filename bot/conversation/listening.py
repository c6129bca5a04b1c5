"""What is kept of a message beside the answer: in a held chat danger, in every one what is in doubt."""

from typing import Any

from sqlalchemy.orm import Session

from bot.cases.tables import TranscriptRow
from bot.cases.vocabulary import ENDED
from bot.conversation.doubt import corrected, doubt_of, mark_corrected
from bot.conversation.holding import case_of
from bot.conversation.understanding import Understood
from bot.walks.draft import Draft


def heard(
    understood: Understood,
    state: dict[str, Any],
    cases: list[dict[str, Any]],
    message_key: str,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The dialogue's state and the effects after a message that the bot does not answer.

    The dialogue stands still, save for danger: it is kept as a fact of the open report or of the
    newest open case, so that the case rises where everybody sees it, not only who holds the chat.

    Args:
        cases: the person's filed cases as a turn knows them, the newest first.
    """
    if understood.intent != "report_emergency":
        return state, []
    kinds = list(understood.dangers) or ["other"]
    effects: list[dict[str, Any]] = [{"kind": "attention", "why": "danger"}]
    report = Draft.from_json((state.get("slots") or {}).get("report"))
    if report.is_open:
        report.take("danger", kinds, message_key)
        report.narrative = [*report.narrative, understood.text]
        return {**state, "slots": {**state["slots"], "report": report.to_json()}}, effects
    filed = next((case["case_no"] for case in cases if case["status"] not in ENDED), None)
    if filed:
        facts = {"danger": kinds}
        effects.append({"kind": "add", "case_no": filed, "text": understood.text, "facts": facts})
    return state, effects


def look_over(
    session: Session,
    line: TranscriptRow,
    held: bool,
    understood: Understood,
    reports: tuple[Draft, Draft],
) -> None:
    """Note which case a line in a held chat belongs to, and what was perhaps misunderstood."""
    case = case_of(session, line.conversation_id) if held else None
    if case is not None:
        line.case_id = case.id
    line.doubt = doubt_of(understood, *reports)
    mark_corrected(session, line.conversation_id, corrected(*reports))
