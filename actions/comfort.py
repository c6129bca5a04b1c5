"""Answer distress."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, open_case, say, start_buttons, words
from bot.texts import Texts

_PARENT = "(?:(?:死|念)?(?:我|阿|俺)?(?:的)?)?(?:爸|爹|老爸|老豆|妈|媽|娘|爷爷|爺爺|奶奶|外婆|外公|姥姥|家(?!长|長|人))"
_MISSES = re.compile(
    rf"(?<![不没沒别唔])(?:想|[掛挂]住|惦[记記])了?{_PARENT}|\bmiss (?:my )?(?:mom|mum|mam|dad)",
    re.IGNORECASE,
)


def misses_parents(text: str) -> bool:
    """Whether a child says that it misses mother, father or grandparents: "想妈妈"."""
    return bool(_MISSES.search(text))


def near(t: Texts) -> str:
    """What is said to a child that is upset."""
    return t("我在呢，你不是一个人。想和大人说说话，可以打 12355。")


class ActionComfort(Action):
    """Stay with somebody who is upset; offer a person to talk to."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_comfort"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Comfort."""
        t, report = words(tracker), draft(tracker)
        if report.walk == "child_self":
            say(dispatcher, near(t))
        else:
            say(
                dispatcher,
                t("我听到了，这种时候谁都难。想找人说说话，可以打 12355；我们一步一步来。"),
            )
        filed = open_case(heard(tracker).cases)
        if filed and not report.is_open:
            say(
                dispatcher,
                t(
                    "报告 {case_no} 已经有人负责，有新情况随时写给我。",
                    case_no=filed["case_no"],
                ),
            )
        elif not report.is_open:
            say(dispatcher, t("要是有孩子没人照看，告诉我发生了什么。"), buttons=start_buttons(t))
        return []
