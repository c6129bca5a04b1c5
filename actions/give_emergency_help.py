"""Answer danger to life or limb, before anything else."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.advice import advice
from actions.basis import Event, draft, effect, heard, open_case, say, start_form, words
from bot.walks.draft import Draft
from bot.walks.heard import OPENERS, Heard
from bot.walks.reading import ROLE_WALKS, facts_of

_LIKELY = 0.15


class ActionGiveEmergencyHelp(Action):
    """Danger first: whom to call and what to do now; the report is marked and goes on."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_give_emergency_help"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say whom to call now."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        kinds = message.dangers or tuple(report.facts.get("danger") or ("other",))
        filed = open_case(message.cases)
        walk = (report.walk if report.is_open or filed else None) or _walk(message)
        child = walk == "child_self"
        say(dispatcher, *advice(kinds, child, t))
        events = [effect(tracker, "attention", why="danger")]
        if report.is_open:
            return events
        if filed:
            say(
                dispatcher,
                t("这个情况已经加进报告 {case_no}，标成紧急。", case_no=filed["case_no"]),
            )
            added = {**facts_of(message, report), "danger": list(kinds)}
            slot = effect(tracker, "add", case_no=filed["case_no"], text=message.text, facts=added)
            slot["value"] = [*events[0]["value"], slot["value"][-1]]
            return [slot]
        report = Draft()
        report.begin(walk)
        return [*events, *start_form(report)]


def _walk(message: Heard) -> str:
    """The walk that the writer's part in it or another likely reading names; else a witness's."""
    for relation in message.values("relation"):
        if relation in ROLE_WALKS:
            return ROLE_WALKS[relation]
    for intent, share in message.ranking:
        if intent in OPENERS and share >= _LIKELY:
            return OPENERS[intent]
    return "unattended_child"
