"""Begin a walk, from whatever the person wrote first."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, keep, say, words
from bot.walks.draft import Draft
from bot.walks.heard import OPENERS
from bot.walks.questionnaire import questionnaire


class ActionOpenReport(Action):
    """Take up the walk that the message asks for; an opener of unknown kind asks the role."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_open_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say a first word and leave the questions to the form."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        if not report.is_open:
            unclear = report.narrative if report.plan is None else []
            report = Draft(narrative=unclear)
        walk = OPENERS.get(message.intent)
        report.begin(walk)
        if walk:
            say(dispatcher, t(questionnaire().walks[walk].opening))
        return [keep(report), SlotSet("report_done", None)]
