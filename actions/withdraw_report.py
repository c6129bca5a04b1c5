"""Withdraw a report: the child is looked after, or it was a mistake."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, effect, heard, hotlines, keep, open_case, say, words


class ActionWithdrawReport(Action):
    """Withdraw the newest open report, or stop the unfinished one."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_withdraw_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Withdraw."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        number = next(iter(message.values("case_no")), None)
        filed = open_case(message.cases, number)
        if report.is_open and not (number and filed):
            report.outcome = "cancelled"
            say(
                dispatcher,
                t("好的，这份没写完的报告不提交了。"),
                hotlines(t) if report.in_danger else "",
                t("想接着写，随时说“继续”。"),
                buttons=[button(t("继续刚才的报告"), "say:resume")],
            )
            return [keep(report), ActiveLoop(None), SlotSet("requested_slot", None)]
        if filed is None:
            say(dispatcher, t("没有可以撤回的报告。"))
            return []
        say(
            dispatcher,
            t(
                "报告 {case_no} 已经撤回。工作人员可能会再核实一次，确认孩子平安。",
                case_no=filed["case_no"],
            ),
            t("要是情况又变了，随时再告诉我。"),
        )
        return [effect(tracker, "withdraw", case_no=filed["case_no"], text=message.text)]
