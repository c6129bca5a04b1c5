"""Change the language."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, heard, say, words
from bot.texts import texts


class ActionChangeLanguage(Action):
    """Speak the language that was asked for, or offer the three."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Change it."""
        wanted = _wanted(heard(tracker).text)
        if wanted is None:
            t = words(tracker)
            names = [button(name, f"lang:{code}") for code, name in _NAMES.items()]
            say(dispatcher, t("用哪种文字？"), buttons=names)
            return []
        t = texts(wanted)
        say(dispatcher, t("好，以后用简体中文。"))
        return [SlotSet("language", wanted)]


_NAMES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
_WORDS = {
    "en": re.compile("english|英文|英语|英語|^en$", re.IGNORECASE),
    "zh_Hant": re.compile(
        "繁|traditional|正體|正体|粤语|粵語|廣東話|广东话|白話|白话|zh_Hant", re.IGNORECASE
    ),
    "zh_Hans": re.compile(
        "简|簡體|simplified|普通话|普通話|国语|國語|中文|zh_Hans|chinese", re.IGNORECASE
    ),
}


def _wanted(text: str) -> str | None:
    """The language named last: people say what they do not want first ("不要英文，用中文")."""
    ends = {
        code: max((m.end() for m in p.finditer(text)), default=-1) for code, p in _WORDS.items()
    }
    best = max(ends, key=lambda code: ends[code])
    return best if ends[best] >= 0 else None
