"""Go back one answer."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, keep, say, words


class ActionGoBack(Action):
    """Take back the last answer; the form then asks it again."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_go_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Go back."""
        t, report = words(tracker), draft(tracker)
        if report.is_open and report.go_back():
            say(dispatcher, t("好，退回上一个问题。"))
        else:
            say(dispatcher, t("前面没有可以退回的了。"))
        return [keep(report)]
