"""From what a person sent to what the dialogue is told: presses, commands, words, danger."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from actions.titles import TITLES
from bot.cases.followup_plan import ANSWERS
from bot.conversation.messages import Incoming, sound
from bot.help.catalogue import catalogue
from bot.links import Community, Links
from bot.walks import followup
from bot.walks.draft import Draft
from bot.walks.heard import OPENERS
from bot.walks.receipt import asks_for_receipt
from bot.walks.region import region_in
from nlu.interpreter import Parse

_WALK_OPENERS = {walk: intent for intent, walk in OPENERS.items()}
_COMMANDS = {
    "start": "greet",
    "report": "start_report",
    "status": "check_status",
    "help": "ask_clarification",
    "language": "change_language",
    "cancel": "cancel",
}
_INTENT_IN_RASA = {
    "start_report": "report_unattended_child",
    "wordless": "out_of_scope",
    "receipt": "check_status",
    "choose_field": "correct_information",
    "stale_button": "ask_clarification",
    "more": "faq",
    "place": "faq",
    "followup": "add_information",
}
"""Moves that only buttons and commands make, and the contract's intent that each travels as."""

_SAYABLE = frozenset(
    {
        "dont_know", "decline_to_answer", "request_human", "resume", "check_status",
        "add_information", "withdraw_report", "receipt",
    }
)  # fmt: skip
_TELLING = frozenset(OPENERS) | {
    "inform", "affirm", "deny", "correct_information", "express_distress", "out_of_scope",
}  # fmt: skip
_NAMES_NONE = frozenset({"dont_know", "decline_to_answer", "deny"})
_NAMES_A_PLACE = _NAMES_NONE | {"inform", "affirm", "out_of_scope", "nlu_fallback"}
_SOFT_DANGERS = {"abuse", "no_food"}
_AT_ALL_LIKELY = 0.2
_TELLS_WORK = frozenset({"relation", "organisation"})

_CODE = re.compile(r"\d{6}")


class Interpreter(Protocol):
    """Understands words."""

    def parse(self, text: str, now: datetime | None = None) -> Parse:
        """Intent, entities and dangers of a text."""


@dataclass(frozen=True)
class Understood:
    """A message as the dialogue gets it, and as the transcript shows it.

    ``intent`` is what the dialogue acts on; ``read_as`` what the model read (``None`` for a
    press), with ``confidence``; ``low`` says that the model was less sure than its threshold,
    whatever is made of it. ``community`` is the one whose link was opened just now.
    """

    text: str
    intent: str
    confidence: float = 1.0
    read_as: str | None = None
    sure: bool = True
    low: bool = False
    entities: list[dict[str, Any]] = field(default_factory=list)
    dangers: list[str] = field(default_factory=list)
    ranking: list[tuple[str, float]] = field(default_factory=list)
    choice: tuple[str, int] | None = None
    edit: str | None = None
    maybe_danger: bool = False
    community: Community | None = None

    def as_rasa(self) -> dict[str, Any]:
        """Rasa's parse data; a question travels as ``faq``, an unsure reading as a fallback."""
        kind = self.intent.split("/")[0]
        name = _INTENT_IN_RASA.get(kind, kind)
        return {
            "text": sound(self.text),
            "intent": {"name": name, "confidence": self.confidence},
            "entities": self.entities,
        }

    def metadata(self) -> dict[str, Any]:
        """What actions read beside the parse data."""
        return {
            "intent": self.intent,
            "sure": self.sure,
            "dangers": self.dangers,
            "ranking": self.ranking,
            "choice": self.choice,
            "edit": self.edit,
        }


class Understanding:
    """Understands one message in the state that its conversation is in.

    Args:
        threshold: the confidence below which the bot asks back.
        links: reads the tokens that people bring along; without it they are ignored.
    """

    def __init__(
        self, interpreter: Interpreter, threshold: float, links: Links | None = None
    ) -> None:
        self._interpreter = interpreter
        self._threshold = threshold
        self._links = links

    def of(self, incoming: Incoming, state: dict[str, Any]) -> Understood:
        """What a message means. Words that equal an offered button press that button."""
        draft = Draft.from_json((state.get("slots") or {}).get("report"))
        pressed = _offered(incoming.text.strip(), state.get("offered") or [])
        if pressed or incoming.kind == "press":
            title, payload = pressed or ("", incoming.text)
            return self._press(title, payload, draft, state, incoming.at)
        if incoming.kind == "command":
            return self._command(incoming.text)
        if incoming.kind == "other":
            return Understood(f"[{incoming.text}]", "wordless")
        understood = self._words(incoming.text, incoming.at, draft)
        offered = state.get("offered") or []
        return _place_told(_reminder_told(understood, draft, state, incoming.at), draft, offered)

    def _command(self, text: str) -> Understood:
        word, _, argument = text.lstrip("/ ").partition(" ")
        intent = _COMMANDS.get(word or "start", "ask_clarification")
        if intent != "greet" or not argument:
            return Understood(text, intent)
        community = self._links.read(argument.strip()) if self._links else None
        shown = f"[扫码：{community.name}]" if community else "/start"
        return Understood(shown, intent, community=community)

    def _words(self, text: str, at: datetime, draft: Draft) -> Understood:
        parse = self._interpreter.parse(text, at)
        sure = parse.confidence >= self._threshold
        understood = Understood(
            text=text,
            intent=parse.intent,
            confidence=parse.confidence,
            read_as=parse.intent,
            sure=sure,
            low=not sure,
            entities=[
                {"entity": e.entity, "value": e.value, "start": e.start, "end": e.end}
                for e in parse.entities
            ],
            dangers=list(parse.dangers),
            ranking=list(parse.ranking[:3]),
            maybe_danger=parse.maybe_danger,
        )
        if _is_danger(understood):
            return replace(understood, intent="report_emergency", sure=True)
        if not draft.is_open and draft.outcome != "filed":
            understood = _opening(understood, parse)
        if asks_for_receipt(text):
            return replace(understood, intent="receipt", sure=True)
        if draft.adding and not draft.is_open and _is_told(understood):
            return replace(understood, intent="add_information", sure=True)
        if not sure and not draft.is_open and not understood.entities:
            return replace(understood, intent="nlu_fallback")
        return understood

    def _press(
        self, title: str, payload: str, draft: Draft, state: dict[str, Any], at: datetime
    ) -> Understood:
        kind, _, rest = payload.partition(":")
        if kind == "a":
            return _answer(title, rest, draft)
        if kind == "here":
            return _here(title, draft, state)
        if kind == "answer":
            return _reminder_pressed(title, rest, state, at)
        if kind == "pick":
            unclear = state.get("unclear") or title
            if rest not in TITLES:
                return Understood(unclear, "nlu_fallback", sure=False)
            words = self._words(unclear, at, draft)
            return replace(words, intent=rest, confidence=1.0, sure=True, low=False)
        intent = _move(kind, rest)
        if intent is None:
            return Understood(title or "?", "stale_button")
        text = rest if kind == "lang" else title or rest
        edit = rest if kind == "edit" and draft.is_open and rest in draft.script.names() else None
        return Understood(text, intent, edit=edit)


def _offered(text: str, offered: list[dict[str, str]]) -> tuple[str, str] | None:
    """The offered button that the text names by its title or payload."""
    for button in offered:
        if text in (button["title"], button["payload"]):
            return button["title"], button["payload"]
    return None


def _is_danger(understood: Understood) -> bool:
    """Danger to life or limb is heard whatever else a message seems to want."""
    if understood.intent == "report_emergency":
        return understood.sure or bool(understood.dangers)
    if understood.intent == "report_elder_alone" or not understood.dangers:
        return False
    if understood.intent.startswith("faq/") and understood.sure:
        return not set(understood.dangers) <= _SOFT_DANGERS
    return True


def _opening(understood: Understood, parse: Parse) -> Understood:
    """Facts told before any report are an opener's, if one is at all likely; so is an unsure notice without a professional.

    A professional says by what work the child was met with; who does not is a neighbour.
    """
    at_work = any(entity.entity in _TELLS_WORK for entity in parse.entities)
    openers = [
        (share, intent)
        for intent, share in parse.ranking
        if intent in OPENERS and (at_work or intent != "report_as_professional")
    ]
    share, opener = max(openers, default=(0.0, ""))
    doubted = understood.intent == "report_as_professional" and not understood.sure and not at_work
    if (understood.intent != "inform" and not doubted) or share < _AT_ALL_LIKELY:
        return understood
    return replace(understood, intent=opener, sure=True)


def _reminder_told(
    understood: Understood, draft: Draft, state: dict[str, Any], at: datetime
) -> Understood:
    """The answer to a reminder's question, typed rather than pressed; danger comes first.

    Where somebody is there and no danger is told, the numbers are not named on a mere likelihood; nor is the case made urgent
    where nothing is told but who is there.
    """
    asked = followup.open_question(state.get("slots"), at)
    urgent = understood.intent == "report_emergency"
    busy = draft.is_open or draft.adding or (urgent and understood.sure)
    if busy or asked is None or _asks_a_place(state.get("offered") or []):
        return understood
    reply = followup.Reply(
        understood.text,
        understood.read_as or "",
        understood.sure,
        bool(understood.entities),
        asked["child"],
    )
    answer = followup.read_answer(reply, at)
    only_who = {each["entity"] for each in understood.entities} == {"carer"}
    if not answer or (urgent and not (answer == "there" and only_who)):
        return understood
    looked_after = answer == "there" and not understood.dangers
    maybe_danger = understood.maybe_danger and not looked_after
    intent = f"followup/{answer}"
    return replace(understood, intent=intent, sure=True, maybe_danger=maybe_danger)


def _reminder_pressed(title: str, rest: str, state: dict[str, Any], at: datetime) -> Understood:
    asked = followup.open_question(state.get("slots"), at)
    number, _, answer = rest.partition(":")
    if asked is None or number != str(asked["id"]) or answer not in ANSWERS:
        return Understood(title or "?", "stale_button")
    return Understood(title or answer, f"followup/{answer}")


def _place_told(understood: Understood, draft: Draft, offered: list[dict[str, str]]) -> Understood:
    """The place that was asked for to answer a question, typed rather than pressed."""
    if (
        not _asks_a_place(offered)
        or draft.is_open
        or (understood.intent not in _NAMES_A_PLACE and understood.sure)
    ):
        return understood
    if {entity["entity"] for entity in understood.entities} - {"location"}:
        return understood
    if understood.sure and understood.intent in _NAMES_NONE:
        return replace(understood, intent="place/none", sure=True)
    if region := region_in(understood.text, _places(understood)):
        return replace(understood, intent=f"place/{region.adcode}", sure=True)
    return understood


def _asks_a_place(offered: list[dict[str, str]]) -> bool:
    return any(button["payload"].startswith("place:") for button in offered)


def _places(understood: Understood) -> list[str]:
    return [e["value"] for e in understood.entities if e["entity"] == "location"]


def _is_told(understood: Understood) -> bool:
    """Whether words that were asked for ("请写要补充的内容") are told, and not another wish."""
    return not understood.sure or understood.intent in _TELLING


def _here(title: str, draft: Draft, state: dict[str, Any]) -> Understood:
    """The place of the poster that brought the person."""
    community = Community.from_json(state.get("community"))
    if community is None or not draft.is_open:
        return Understood(title or "?", "stale_button")
    place = {"entity": "location", "value": community.address}
    return Understood(title or community.name, "inform", entities=[place])


def _answer(title: str, rest: str, draft: Draft) -> Understood:
    name, _, index = rest.partition(":")
    if not draft.is_open or name not in draft.script.names() or not index.isdecimal():
        return Understood(title or "?", "stale_button")
    choices = draft.script.choices(name)
    if int(index) >= len(choices):
        return Understood(title or "?", "stale_button")
    choice = choices[int(index)]
    dangers = list(choice.value or ()) if name == "danger" else []
    return Understood(
        title or choice.title,
        "report_emergency" if dangers else "inform",
        dangers=dangers,
        choice=(name, int(index)),
    )


def _move(kind: str, rest: str) -> str | None:
    if kind == "say" and rest in _SAYABLE:
        return rest
    if kind == "walk":
        return _WALK_OPENERS.get(rest)
    if kind in ("faq", "more") and rest in catalogue().topics:
        return f"{kind}/{rest}"
    if kind == "place" and (rest == "none" or _CODE.fullmatch(rest)):
        return f"place/{rest}"
    fixed = {"lang": "change_language", "edit": "inform"}
    if kind == "go":
        return {"edit": "choose_field", "cancel": "cancel"}.get(rest)
    return fixed.get(kind)
