"""Answer a goodbye."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, say, words


class ActionSayGoodbye(Action):
    """Say goodbye; an open report waits."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_say_goodbye"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say goodbye."""
        t = words(tracker)
        if draft(tracker).is_open:
            say(
                dispatcher,
                t("好的，先去忙。说过的都留着，回来说一声“继续”就接着来。有危险请打 110、120。"),
            )
        else:
            say(dispatcher, t("再见。有事随时来，危险请打 110、120。"))
        return []
