"""Answer a question about help, rules or the bot."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, heard
from actions.help_talk import HelpTalk, hear_question, reply
from actions.name_region import ActionNameRegion
from actions.tell_more import ActionTellMore
from bot.help.catalogue import catalogue


class ActionAnswerQuestion(Action):
    """The short answer for the person's region, or the help for the family they tell of."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Answer once; a wish for more and a place travel as questions too."""
        kind, _, name = heard(tracker).intent.partition("/")
        if kind == "more":
            return ActionTellMore().run(dispatcher, tracker, domain)
        if kind == "place":
            return ActionNameRegion().run(dispatcher, tracker, domain)
        talk = HelpTalk.of(tracker)
        hear_question(tracker, talk, name if name in catalogue().topics else "available_help")
        reply(dispatcher, tracker, talk)
        return [talk.keep()]
