"""Take the region that was asked for, and answer the question again for it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, say, words
from actions.help_talk import HelpTalk, reply
from bot.help.catalogue import catalogue
from bot.help.region import Region
from bot.help.schema import wordings
from bot.walks.heard import Heard
from bot.walks.region import region_in


class ActionNameRegion(Action):
    """The answer for the place that was named; without one, where to ask about any place."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_name_region"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Answer again."""
        message, talk = heard(tracker), HelpTalk.of(tracker)
        talk.asked = True
        region = _region(message)
        if region is None:
            t = words(tracker)
            say(
                dispatcher,
                t("好的，不说也行。当地的事可以打 12345 问；想问哪个地方，在问题里写上地名就行。"),
            )
            return [talk.keep()]
        talk.name(region, draft(tracker))
        reply(dispatcher, tracker, talk)
        return [talk.keep()]


def _region(message: Heard) -> Region | None:
    """The region that was typed, or that the button stands for."""
    code = message.intent.partition("/")[2]
    named = region_in(message.text, message.values("location"))
    if named is not None and code != "none":
        return named
    files = (file for file in catalogue().regions if file.region.adcode == code)
    return next((Region(code, wordings(file.region.name)[0]) for file in files), None)
