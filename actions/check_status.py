"""Answer how a report stands."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, heard, open_case, say, words
from actions.receipts import receipt
from actions.states import state_of
from bot.texts import Texts


class ActionCheckStatus(Action):
    """Tell the state of this person's own reports, and of nobody else's."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_check_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Tell the state."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        wanted = {number.upper() for number in message.values("case_no")}
        if message.intent == "receipt":
            _show_receipt(dispatcher, message.cases, wanted, t)
            return []
        mine = [case for case in message.cases if not wanted or case["case_no"] in wanted]
        if not mine:
            say(dispatcher, t("这里查不到可以告诉您的报告。只有提交报告的那个聊天里才能查。"))
        for case in mine[:3]:
            say(dispatcher, state_of(case, t))
        if open_case(tuple(mine)) and not report.is_open:
            notified = any(case.get("notice") for case in mine)
            say(dispatcher, t("要补充或撤回，直接说就行。"), buttons=_moves(t, notified))
        return []


def _show_receipt(
    dispatcher: CollectingDispatcher,
    cases: tuple[dict[str, Any], ...],
    wanted: set[str],
    t: Texts,
) -> None:
    """The receipt of the newest notice, or of the one that is named."""
    notices = [case for case in cases if case.get("notice")]
    if wanted:
        notices = [case for case in notices if case["case_no"] in wanted]
    if not notices:
        say(dispatcher, t("这里没有回执。单位通报才有回执，在提交通报的那个聊天里看。"))
        return
    earlier = len(notices) > 1
    say(
        dispatcher,
        receipt(notices[0], t),
        t("更早的通报，写“回执”和编号就能看。") if earlier else "",
        buttons=[button(t("查进度"), "say:check_status")],
    )


def _moves(t: Texts, notified: bool) -> list[dict[str, str]]:
    shown = [button(t("回执"), "say:receipt")] if notified else []
    return [
        *shown,
        button(t("补充"), "say:add_information"),
        button(t("撤回"), "say:withdraw_report"),
    ]
