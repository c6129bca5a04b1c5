"""Add to a filed report."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import (
    Event,
    button,
    draft,
    effect,
    heard,
    keep,
    open_case,
    say,
    start_buttons,
    words,
)
from actions.hear_followup import ActionHearFollowup
from bot.walks.reading import facts_of

_BARE = re.compile(
    "(我?(想|要|还要|需要)?(再)?(补充|加|添)(一下|一句|点|点儿|一点|信息|内容|情况)*[。！!.]?)|补充信息"
)


class ActionAddInformation(Action):
    """Add to the newest open report of this person, or take the words as a new one."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_add_information"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Add what was written; the answer to a reminder travels as an addition too."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        if message.intent.startswith("followup/"):
            return ActionHearFollowup().run(dispatcher, tracker, domain)
        if report.is_open:
            bare = _BARE.fullmatch(message.text.strip())
            say(dispatcher, t("好，接着写就行，我都记着。") if bare else t("记下了。"))
            return []
        number = next(iter(message.values("case_no")), None) or report.adding
        filed = open_case(message.cases, number) or open_case(message.cases)
        if filed is None:
            say(
                dispatcher,
                t("这里没有可以补充的报告。要报新的情况，点一下您是谁，或者直接写："),
                buttons=start_buttons(t),
            )
            return []
        facts = facts_of(message, report)
        if not facts and _BARE.fullmatch(message.text.strip()):
            say(
                dispatcher,
                t("好，请写要补充的内容，我加到报告 {case_no} 里。", case_no=filed["case_no"]),
            )
            report.adding = filed["case_no"]
            return [keep(report)]
        report.adding = None
        say(
            dispatcher,
            t("已经补充到报告 {case_no}，工作人员会看到。", case_no=filed["case_no"]),
            buttons=[button(t("查进度"), "say:check_status")],
        )
        return [
            keep(report),
            effect(tracker, "add", case_no=filed["case_no"], text=message.text, facts=facts),
        ]
