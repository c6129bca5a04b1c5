"""Answer thanks."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, say, words


class ActionWelcomeThanks(Action):
    """Take thanks kindly."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_welcome_thanks"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take thanks."""
        t = words(tracker)
        say(dispatcher, t("不用谢，应该的。"))
        return []
