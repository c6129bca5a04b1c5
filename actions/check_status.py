"""Answer how a report stands."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, heard, open_case, say, words
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
        mine = [case for case in message.cases if not wanted or case["case_no"] in wanted]
        if not mine:
            say(dispatcher, t("这里查不到可以告诉您的报告。只有提交报告的那个聊天里才能查。"))
        for case in mine[:3]:
            say(dispatcher, state_of(case, t))
        if open_case(tuple(mine)) and not report.is_open:
            say(dispatcher, t("要补充或撤回，直接说就行。"), buttons=_moves(t))
        return []


def _moves(t: Texts) -> list[dict[str, str]]:
    return [button(t("补充"), "say:add_information"), button(t("撤回"), "say:withdraw_report")]
