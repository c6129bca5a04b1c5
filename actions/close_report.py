"""End a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, heard, hotlines, keep, say, topic_buttons, words
from actions.help_talk import HelpTalk, asker
from actions.receipts import receipt_now
from actions.states import UNIT
from bot.cases.rules import Risk, route, triage
from bot.cases.situation import Situation
from bot.help.catalogue import catalogue
from bot.help.family import help_for
from bot.texts import Texts
from bot.walks.draft import Draft


class ActionCloseReport(Action):
    """After the last question: the case number and what happens now; after a refusal, the hotlines."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_close_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Close the report."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        if report.outcome == "refused":
            say(
                dispatcher,
                t("好的，不建报告，也不保存成案件。需要帮助可以直接打："),
                hotlines(t),
                t("改主意了，随时说“继续”。"),
            )
            return [*_leave_form(), keep(report)]
        situation = Situation(
            report.facts, report.walk or "", message.now, frozenset(report.unanswered)
        )
        risk, routing = triage(situation, message.now), route(situation)
        child = report.walk == "child_self"
        say(dispatcher, *(_for_child if child else _for_adult)(report, risk, routing.unit, t))
        if report.walk == "professional_notice":
            say(
                dispatcher,
                receipt_now(report, risk, routing, message.now, t),
                t("以后要再看，写“回执”就行。"),
            )
        reader = asker(tracker, HelpTalk.of(tracker))
        chosen = help_for(catalogue(), report.facts, report.walk or "", routing.unit, reader)
        if child:
            say(dispatcher, chosen.text)
            say(dispatcher, t("有危险就打 110。还想说什么，随时写给我。"))
        else:
            say(dispatcher, chosen.text, buttons=topic_buttons(t, list(chosen.topics)))
            say(
                dispatcher,
                t("以后在这里可以补充情况、查进度或撤回，直接说就行。"),
                buttons=[
                    button(t("补充"), "say:add_information"),
                    button(t("查进度"), "say:check_status"),
                    button(t("撤回"), "say:withdraw_report"),
                ],
            )
        return [*_leave_form(), keep(report)]


def _leave_form() -> list[Event]:
    return [SlotSet("report_done", None)]


def _for_adult(report: Draft, risk: Risk, unit: str, t: Texts) -> list[str]:
    alone = report.facts.get("carer") in (None, "nobody", "sibling") and risk.level != "low"
    return [
        t("报告已提交，编号 {case_no}。", case_no=report.case_no),
        t(
            "现在由{unit}负责，最迟 {due} 前会有人看这份报告。",
            unit=t(UNIT[unit]),
            due=t.moment(risk.due_at),
        ),
        t("等人来的这段时间，能做到的话请别让孩子独自待着。") if alone else "",
        t("有危险马上打 110、120。"),
    ]


def _for_child(report: Draft, risk: Risk, unit: str, t: Texts) -> list[str]:
    return [
        t("好了，我已经告诉会帮助孩子的大人了。"),
        t("{due} 之前会有大人来看你说的话。你做得很棒。", due=t.moment(risk.due_at)),
        t("这是你的编号：{case_no}", case_no=report.case_no),
    ]
