"""Answer distress."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, open_case, say, start_buttons, words


class ActionComfort(Action):
    """Stay with somebody who is upset; offer a person to talk to."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_comfort"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Comfort."""
        t, report = words(tracker), draft(tracker)
        if report.walk == "child_self":
            say(dispatcher, t("我在呢，你不是一个人。想和大人说说话，可以打 12355。"))
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
