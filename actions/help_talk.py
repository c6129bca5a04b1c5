"""What the actions about help share: where the person is, what was asked, and how it is answered."""

from dataclasses import asdict, dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, heard, say, topic_buttons, words
from bot.cases.rules import route
from bot.cases.situation import Situation
from bot.clock import SHANGHAI
from bot.help.answers import Answer, Asker, short_answer
from bot.help.catalogue import catalogue
from bot.help.family import help_for
from bot.help.region import Region
from bot.help.wording import wording
from bot.texts import Texts
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.reading import ROLE_WALKS, facts_of
from bot.walks.region import region_in, region_of_case

_FOR_A_FAMILY = ("available_help", "temporary_care")
_TELLING = {"ages", "carer", "reason", "health", "needs", "danger"}
_OF_A_FAMILY = ("ages", "child_count", "carer", "since", "reason", "health", "needs")


@dataclass
class HelpTalk:
    """What a conversation keeps between questions about help.

    ``topic`` was asked last, by a person who told ``facts`` with it on the way of ``walk``;
    ``region`` is the one they named, at a time when the report's place was ``seen``; ``asked``
    says that they were asked where they are.
    """

    topic: str = "available_help"
    facts: dict[str, Any] | None = None
    walk: str = "unattended_child"
    region: dict[str, Any] | None = None
    seen: str | None = None
    asked: bool = False

    @classmethod
    def of(cls, tracker: Tracker) -> "HelpTalk":
        """As the conversation kept it."""
        return cls(**(tracker.get_slot("help") or {}))

    def keep(self) -> Event:
        """The event that keeps it."""
        return SlotSet("help", asdict(self))

    def name(self, region: Region, report: Draft) -> None:
        """Keep the region that the person named."""
        self.region = region.to_json()
        self.seen = _told_code(report)

    def where(self, message: Heard, report: Draft) -> Region | None:
        """The region named last: in this talk, in the report, or in a filed report."""
        told = Region.of_place(report.facts.get("location"))
        if told and (self.region is None or told.adcode != self.seen):
            return told
        if self.region:
            return Region.from_json(self.region)
        filed = (region_of_case(case) for case in message.cases)
        return next((region for region in filed if region), None)


def asker(tracker: Tracker, talk: HelpTalk) -> Asker:
    """Who reads the answer of this turn."""
    message, report = heard(tracker), draft(tracker)
    day = message.now.astimezone(SHANGHAI).date()
    child = report.walk == "child_self" or talk.walk == "child_self"
    return Asker(words(tracker), day, talk.where(message, report), child)


def hear_question(tracker: Tracker, talk: HelpTalk, topic: str) -> None:
    """Take from a question its topic, the place that it names, and what it tells of a family."""
    message, report = heard(tracker), draft(tracker)
    talk.topic, talk.facts = topic, None
    if region := region_in(message.text, message.values("location")):
        talk.name(region, report)
    if report.is_open:
        return
    told = facts_of(message, Draft())
    facts = {name: told[name] for name in _OF_A_FAMILY if name in told}
    if message.dangers:
        facts["danger"] = list(message.dangers)
    if set(facts) & _TELLING:
        talk.facts, talk.walk = facts, _walk(message, facts)
    elif report.outcome == "filed" and message.text != words(tracker)(
        catalogue().topics[topic].title
    ):
        talk.facts, talk.walk = dict(report.facts), report.walk or talk.walk


def _walk(message: Heard, facts: dict[str, Any]) -> str:
    """The walk of whoever asks; only who tells their age with it is taken for the child."""
    relation = next(iter(message.values("relation")), "")
    if relation == "self" and "ages" not in facts:
        return "unattended_child"
    return ROLE_WALKS.get(relation, "unattended_child")


def reply(dispatcher: CollectingDispatcher, tracker: Tracker, talk: HelpTalk) -> None:
    """Answer the talk's topic for its region; ask where the person is if that matters and is new."""
    report, reader = draft(tracker), asker(tracker, talk)
    if talk.facts and talk.topic in _FOR_A_FAMILY and not report.is_open:
        _reply_to_family(dispatcher, tracker, talk, reader)
    else:
        answer = short_answer(catalogue(), talk.topic, reader)
        say(dispatcher, answer.text, buttons=buttons_of(answer, talk.topic, reader, report))
    if report.is_open or talk.asked or reader.region or reader.child:
        return
    if catalogue().is_regional(talk.topic):
        talk.asked = True
        say(
            dispatcher,
            reader.t("您在哪个省、哪个市？各地的帮助不一样。点一下，或者写地名："),
            buttons=_places(reader.t),
        )


def _reply_to_family(
    dispatcher: CollectingDispatcher, tracker: Tracker, talk: HelpTalk, reader: Asker
) -> None:
    facts = talk.facts or {}
    situation = Situation(facts, talk.walk, heard(tracker).now)
    chosen = help_for(catalogue(), facts, talk.walk, route(situation).unit, reader)
    t = reader.t
    last = (
        t("想让大人来帮你，就告诉我。")
        if reader.child
        else t("要让人去看孩子，直接告诉我，我记成报告。")
    )
    filed = draft(tracker).outcome == "filed"
    buttons = [*topic_buttons(t, list(chosen.topics)), *_more(t, talk.topic, reader)]
    say(dispatcher, chosen.text, "" if filed else last, buttons=buttons)


def buttons_of(answer: Answer, topic: str, reader: Asker, report: Draft) -> list[dict[str, str]]:
    """Neighbouring topics and the longer text; in an open report the longer text only."""
    buttons = [] if report.is_open else topic_buttons(reader.t, list(answer.next))
    return [*buttons, *(_more(reader.t, topic, reader) if answer.more else [])]


def _more(t: Texts, topic: str, reader: Asker) -> list[dict[str, str]]:
    return [] if reader.child else [button(t("更多"), f"more:{topic}")]


def _places(t: Texts) -> list[dict[str, str]]:
    files = catalogue().provinces()
    named = [button(wording(f.region.called, t), f"place:{f.region.adcode}") for f in files]
    return [*named, button(t("其他地方、不说"), "place:none")]


def _told_code(report: Draft) -> str | None:
    told = Region.of_place(report.facts.get("location"))
    return told.adcode if told else None
