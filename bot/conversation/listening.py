"""What is kept of a message that the bot does not answer, since a person holds the chat: danger."""

from typing import Any

from bot.cases.vocabulary import ENDED
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
