"""Begin again."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, keep, say, words
from bot.walks.draft import Draft


class ActionRestart(Action):
    """Drop what was said and begin again with who the person is."""

    def name(self) -> str:
        """The name in the domain: Rasa runs this one for ``restart`` whatever form is active."""
        return "action_restart"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Begin again."""
        t = words(tracker)
        say(dispatcher, t("好，我们从头来。"))
        danger = draft(tracker).facts.get("danger") if draft(tracker).is_open else None
        report = Draft(read=heard(tracker).message_id)
        report.begin(None)
        if danger:
            report.take("danger", danger, None)  # starting over makes nobody safe
        return [keep(report), SlotSet("report_done", None)]
