"""Go on with an unfinished report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import FORM, Event, draft, keep, say, start_buttons, words


class ActionResumeReport(Action):
    """Take up the unfinished report where it stood."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_resume_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Go on."""
        t, report = words(tracker), draft(tracker)
        if report.plan is None or report.outcome == "filed":
            say(
                dispatcher,
                t("没有写到一半的报告。要开始一份新的吗？"),
                buttons=start_buttons(t),
            )
            return []
        say(dispatcher, t("接着上次的来，前面说的都在。"))
        inside = bool((tracker.active_loop or {}).get("name"))
        if report.outcome == "refused":
            report.facts.pop("consent", None)
        report.outcome = None
        return [
            keep(report),
            SlotSet("report_done", None),
            *([] if inside else [FollowupAction(FORM)]),
        ]
