"""Tell more about a topic of help."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, say
from actions.help_talk import HelpTalk, asker, buttons_of
from bot.help.answers import long_answer, short_answer
from bot.help.catalogue import catalogue


class ActionTellMore(Action):
    """The longer text: for whom, how to ask for it, who decides, amounts, sources."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_tell_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Tell it; a child gets the child's words again."""
        talk = HelpTalk.of(tracker)
        topic = heard(tracker).intent.partition("/")[2]
        reader = asker(tracker, talk)
        answer = (short_answer if reader.child else long_answer)(catalogue(), topic, reader)
        buttons = buttons_of(answer, topic, reader, draft(tracker))
        say(dispatcher, answer.text, buttons=buttons)
        talk.topic, talk.facts = topic, None
        return [talk.keep()]
