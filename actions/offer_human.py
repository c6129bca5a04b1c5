"""Answer a wish for a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, effect, hotlines, say, start_buttons, words


class ActionOfferHuman(Action):
    """Give the hotlines and mark the report or the talk for staff."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_offer_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Offer a person."""
        t, report = words(tracker), draft(tracker)
        say(
            dispatcher,
            t("已经标记，工作人员会看到写在这里的话。现在就要和人说，请打："),
            hotlines(t),
        )
        if not report.is_open:
            say(
                dispatcher,
                t("您也可以接着写发生了什么，写下来的他们都看得到。"),
                buttons=start_buttons(t),
            )
        return [effect(tracker, "attention", why="human")]
