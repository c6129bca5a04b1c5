"""Answer a report of an old person alone."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, heard, say, words


class ActionHelpElder(Action):
    """Say who looks after old people; no child's case is made."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_help_elder"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say who helps."""
        t = words(tracker)
        now = t("现在就打 120！有人伤害老人就打 110。") if heard(tracker).dangers else ""
        say(
            dispatcher,
            now,
            t(
                "老人独自在家也有人管：请马上告诉村（居）委会，或打民政热线 12349、政务热线 12345；老人有危险打 120 或 110。"
            ),
            t("这里专收孩子的报告。如果那家还有孩子没人照看，请告诉我。"),
        )
        return []
