"""Stop an unfinished report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, heard, hotlines, keep, open_case, say, words


class ActionCancelReport(Action):
    """Stop an open report; it can be taken up again."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_cancel_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Stop."""
        t, report = words(tracker), draft(tracker)
        if not report.is_open:
            say(
                dispatcher,
                t("现在没有正在写的报告。"),
                t("要撤回已经提交的，请说“撤回”。") if open_case(heard(tracker).cases) else "",
            )
            return []
        report.outcome = "cancelled"
        say(
            dispatcher,
            t("好，先停在这里，没有提交。想接着写，随时说“继续”。"),
            hotlines(t),
            buttons=[button(t("继续刚才的报告"), "say:resume")],
        )
        return [keep(report), ActiveLoop(None), SlotSet("requested_slot", None)]
