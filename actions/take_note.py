"""Take facts that came outside a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.add_information import ActionAddInformation
from actions.basis import Event, draft, heard, open_case, say, start_buttons, start_form, words
from bot.texts import N_, Texts
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.questionnaire import questionnaire
from bot.walks.reading import ROLE_WALKS

_MORE_THAN_A_WORD = 8
_NODS = ("affirm", "deny", "dont_know", "decline_to_answer")


class ActionTakeNote(Action):
    """Facts without an opener: add them to the open case, or begin a report by asking who writes."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_take_note"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take the facts."""
        message, report = heard(tracker), draft(tracker)
        t = words(tracker)
        nodding = message.intent in _NODS and not message.entities
        if open_case(message.cases):
            if nodding and not report.adding:
                say(dispatcher, t("好的。有新情况随时写给我。"))
                return []
            return ActionAddInformation().run(dispatcher, tracker, domain)
        if message.entities or len(message.text) > _MORE_THAN_A_WORD:
            return start_form(_new(report, message, t, dispatcher))
        if report.outcome in ("cancelled", "refused"):
            say(dispatcher, t("好的。"))
        else:
            say(dispatcher, t("请告诉我发生了什么，或者点一下您是谁："), buttons=start_buttons(t))
        return []


def _new(report: Draft, message: Heard, t: Texts, dispatcher: CollectingDispatcher) -> Draft:
    """A report by whoever the message says is writing; else who it is will be asked first."""
    relation = next(iter(message.values("relation")), None)
    walk = ROLE_WALKS.get(relation, "unattended_child") if relation else None
    first = questionnaire().walks[walk].opening if walk else N_("好，我来记。先问一句，好找对人：")
    say(dispatcher, t(first))
    new = Draft(narrative=report.narrative if report.plan is None else [])
    new.begin(walk)
    return new
