"""Answer what was not understood, outside a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import (
    Event,
    button,
    draft,
    effect,
    heard,
    hotlines,
    keep,
    say,
    start_buttons,
    words,
)
from actions.titles import TITLES


class ActionNotUnderstood(Action):
    """Offer the two likeliest readings; the second time, what can be done here, and a person."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_not_understood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Ask back."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        report.misses += 1
        if report.plan is None and message.text not in report.narrative:
            report.narrative = [*report.narrative, message.text]
        guesses = [name for name, _ in message.ranking if name in TITLES][:2]
        if report.misses == 1 and guesses:
            say(
                dispatcher,
                t("有危险马上打 110、120。"),
                t("我没太听懂，您是想："),
                buttons=[button(t(TITLES[name]), f"pick:{name}") for name in guesses]
                + [button(t("都不是"), "pick:none")],
            )
            return [keep(report)]
        if report.misses == 1:
            say(
                dispatcher,
                t("有危险马上打 110、120。"),
                t("我没太听懂，请换个说法，或者点一下您是谁："),
                buttons=start_buttons(t),
            )
            return [keep(report)]
        report.misses = 0
        say(
            dispatcher,
            t(
                "还是没听懂，写的我都留着，工作人员看得到。我能记下孩子没人照看的事、说说有什么帮助、查报告。"
            ),
            hotlines(t),
            t("可以点一下您是谁，或者转人工："),
            buttons=[*start_buttons(t), button(t("转人工"), "say:request_human")],
        )
        return [keep(report), effect(tracker, "attention", why="human")]
