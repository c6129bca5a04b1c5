"""Offer the fields of a report to change."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, say, words
from bot.walks.readback import fields


class ActionChooseField(Action):
    """One button for each field that was told; a neighbour may add a phone number here too."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_choose_field"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Ask which field to change."""
        t, report = words(tracker), draft(tracker)
        names = [*fields(report), *(["phone"] if "phone" not in fields(report) else [])]
        labels = [button(t(report.script.question(n).label), f"edit:{n}") for n in names]
        say(dispatcher, t("要改哪一项？也可以直接写，比如“是三个孩子”。"), buttons=labels)
        return []
