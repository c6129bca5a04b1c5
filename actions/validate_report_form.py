"""Read the message into the report, and decide whether the form goes on."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.advice import advice
from actions.basis import FORM, Event, draft, effect, heard, keep, say, words
from actions.comfort import misses_parents, near
from bot.cases.numbers import new_case_no
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.reading import read


class ValidateReportForm(Action):
    """The form's own reader: answers, other facts, corrections; all else goes to other actions."""

    def name(self) -> str:
        """The name in the domain."""
        return "validate_report_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Put the message into the draft once; reject the form when another action answers."""
        report, message = draft(tracker), heard(tracker)
        before = set(report.facts.get("danger") or ())
        first_look = report.read != message.message_id
        result = read(report, message)
        if report.facts.get("consent") and report.case_no is None:
            report.case_no = new_case_no(message.now)
        report.outcome = _outcome(report)
        if first_look and _to_comfort(report, message):
            report.misses = 0
            say(dispatcher, near(words(tracker)))
        events: list[Event] = [keep(report)]
        told = [kind for kind in report.facts.get("danger") or () if kind not in before]
        if told and message.intent != "report_emergency":
            child = report.walk == "child_self"
            say(dispatcher, *advice(told, child, words(tracker)))
            events.append(effect(tracker, "attention", why="danger"))
        if report.outcome:
            events.append(SlotSet("report_done", True))
        elif first_look and result == "move" and message.in_form:
            events.append(ActionExecutionRejected(FORM))
        return events


def _to_comfort(report: Draft, message: Heard) -> bool:
    """Whether a child in the middle of a report says whom it misses; other distress has its own rule."""
    child = message.in_form and report.walk == "child_self" and not message.choice
    other = message.intent in ("express_distress", "report_emergency")
    return child and not other and misses_parents(message.text)


def _outcome(report: Draft) -> str | None:
    if report.facts.get("consent") is False:
        return "refused"
    if report.facts.get("confirm") is True and report.next_question() is None:
        return "filed"
    return report.outcome
