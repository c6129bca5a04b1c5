"""Answer a question about a question."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, open_case, say, start_buttons, words
from actions.states import state_of


class ActionExplainQuestion(Action):
    """Say what the open question means and why it is asked; without one, what can be done here."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_explain_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Explain."""
        t, report = words(tracker), draft(tracker)
        if heard(tracker).intent == "stale_button":
            say(dispatcher, t("这个按钮现在用不上了。"))
            if report.is_open:
                return []
            if filed := open_case(heard(tracker).cases):
                say(dispatcher, state_of(filed, t))
                return []
        if report.is_open and report.asking:
            plan = report.script
            say(dispatcher, t(plan.wording(plan.question(report.asking).explain)))
        else:
            say(
                dispatcher,
                t(
                    "我能做三件事：记下孩子没人照看的情况，交给负责的人；告诉您有什么帮助；帮您补充、查询或撤回报告。"
                ),
                t("直接写就行。说“继续”“重来”“取消”“转人工”也可以。"),
                buttons=start_buttons(t),
            )
        return []
