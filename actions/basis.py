"""What all actions share: reading the tracker, speaking, and returning slots."""

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.states import ENDED
from bot.help.answers import NUMBERS
from bot.help.catalogue import catalogue
from bot.texts import Texts, texts
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.questionnaire import questionnaire

Event = dict[str, Any]
FORM = "report_form"
STARTS = (
    "guardian_difficulty",
    "unattended_child",
    "child_self",
    "professional_notice",
    "preregistration",
)


def heard(tracker: Tracker) -> Heard:
    """The message of this turn."""
    message = tracker.latest_message
    extra = message.get("metadata") or {}
    intent = message.get("intent") or {}
    return Heard(
        text=message.get("text") or "",
        intent=extra.get("intent") or intent.get("name") or "out_of_scope",
        confidence=intent.get("confidence") or 0.0,
        sure=bool(extra.get("sure", True)),
        now=datetime.fromisoformat(extra["now"]),
        message_id=extra["message_id"],
        entities=tuple((e["entity"], e["value"]) for e in message.get("entities") or ()),
        spans=tuple(
            (e["entity"], e["start"], e["end"])
            for e in message.get("entities") or ()
            if "start" in e
        ),
        dangers=tuple(extra.get("dangers", ())),
        choice=tuple(extra["choice"]) if extra.get("choice") else None,
        edit=extra.get("edit"),
        in_form=bool(extra.get("in_form")),
        cases=tuple(extra.get("cases", ())),
        ranking=tuple((name, share) for name, share in extra.get("ranking", ())),
    )


def draft(tracker: Tracker) -> Draft:
    """The report as it stands."""
    return Draft.from_json(tracker.get_slot("report"))


def keep(report: Draft) -> Event:
    """The event that keeps the report."""
    return SlotSet("report", report.to_json())


def start_form(report: Draft) -> list[Event]:
    """The events that keep a report just begun and have the form ask its first question."""
    return [keep(report), SlotSet("report_done", None), FollowupAction(FORM)]


def effect(tracker: Tracker, kind: str, **values: Any) -> Event:
    """The event that asks the turn to write something down."""
    return SlotSet("effects", [*(tracker.get_slot("effects") or []), {"kind": kind, **values}])


def words(tracker: Tracker) -> Texts:
    """The texts in the language of this turn."""
    written = (tracker.latest_message.get("metadata") or {}).get("language", "zh_Hans")
    return texts(tracker.get_slot("language") or written)


def community(tracker: Tracker) -> str | None:
    """The name of the community whose poster brought this person, if one did."""
    known = (tracker.latest_message.get("metadata") or {}).get("community")
    return known["name"] if known else None


def button(title: str, payload: str) -> dict[str, str]:
    """A button; the payload is at most 64 bytes."""
    return {"title": title, "payload": payload}


def start_buttons(t: Texts) -> list[dict[str, str]]:
    """One button for each walk, worded by who the person is."""
    plan = questionnaire().questions["role"]
    choices = {choice.walk: choice.title for choice in plan.buttons["default"]}
    return [button(t(choices[walk]), f"walk:{walk}") for walk in STARTS]


def topic_buttons(t: Texts, topics: list[str]) -> list[dict[str, str]]:
    """One button for each help topic."""
    return [button(t(catalogue().topics[topic].title), f"faq:{topic}") for topic in topics]


def hotlines(t: Texts) -> str:
    """The numbers that may always be shown."""
    return t(NUMBERS)


def say(
    dispatcher: CollectingDispatcher, *parts: str, buttons: list[dict[str, str]] | None = None
) -> None:
    """One message of one or more paragraphs, with buttons under it."""
    dispatcher.utter_message(text="\n".join(part for part in parts if part), buttons=buttons or [])


def open_case(
    cases: tuple[dict[str, Any], ...], case_no: str | None = None
) -> dict[str, Any] | None:
    """The newest of a person's filed reports that is still open, or the one they name."""
    for case in cases:
        if case["status"] in ENDED:
            continue
        if case_no is None or case["case_no"] == case_no.upper():
            return case
    return None
