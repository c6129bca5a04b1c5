"""Answer a greeting."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, community, draft, say, start_buttons, words
from bot.texts import Texts


class ActionGreet(Action):
    """Say who is here and what can be done; inside a report, just greet back."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_greet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Greet."""
        t = words(tracker)
        if draft(tracker).is_open:
            say(dispatcher, t("我在呢。"))
            return []
        say(
            dispatcher,
            t("您好，我是护童，帮没人照看的孩子找到管事的人。有危险请先打 110、120。"),
            _arrived(tracker, t),
            t("您可以直接写发生了什么，也可以点一下您是谁："),
            buttons=start_buttons(t),
        )
        return []


def _arrived(tracker: Tracker, t: Texts) -> str:
    """A word about the community whose link was opened just now."""
    here = community(tracker)
    if here is None or not (tracker.latest_message.get("metadata") or {}).get("arrived"):
        return ""
    return t(
        "您是扫{community}的码来的，报告会带上这个社区。孩子在别处也没关系，说一声在哪儿就行。",
        community=here,
    )
