"""Take the answer to a reminder's question."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, draft, effect, heard, keep, open_case, say, words
from bot.cases.followup_plan import followup_table
from bot.texts import Texts
from bot.walks.draft import Draft
from bot.walks.followup import carer_in
from bot.walks.heard import Heard
from bot.walks.reading import facts_of


class ActionHearFollowup(Action):
    """The answer goes into the case; "not yet" is shown to staff, "changed" asks what is new."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_hear_followup"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take the answer."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        asked = tracker.get_slot("followup_asked") or {}
        answer, case_no = message.intent.partition("/")[2], asked.get("case_no", "")
        closed = SlotSet("followup_asked", None)
        if open_case(message.cases, case_no) is None:
            say(dispatcher, t("这件事已经结束了。有新的情况，直接写给我。"))
            return [closed]
        facts = _facts(message, report, answer)
        changed = followup_table().answers["changed"]
        titles = (t(changed.adult), t(changed.child))
        bare = answer == "changed" and message.text in titles and not report.is_open
        said = (_to_child if asked.get("child") else _to_adult)(answer, bare, t)
        say(dispatcher, *said, buttons=_moves(asked, t))
        event = effect(
            tracker,
            "followup",
            case_no=case_no,
            id=asked["id"],
            answer=answer,
            text=message.text,
            facts=facts,
        )
        if answer == "not_yet":
            event["value"].append({"kind": "attention", "why": "human", "case_no": case_no})
        if bare:
            report.adding = case_no
        return [closed, keep(report), event]


def _facts(message: Heard, report: Draft, answer: str) -> dict[str, Any]:
    """What the answer tells besides; who came by or left is no carer ("居委会的人来看过了")."""
    facts = facts_of(message, report)
    carer = carer_in(message.text, message.now)
    if carer and answer != "changed":
        facts.setdefault("carer", carer)
    elif facts.get("carer") not in ("nobody", "sibling"):
        facts.pop("carer", None)
    return facts


def _moves(asked: dict[str, Any], t: Texts) -> list[dict[str, str]]:
    return [] if asked.get("child") else [button(t("查进度"), "say:check_status")]


def _to_adult(answer: str, bare: bool, t: Texts) -> list[str]:
    if answer == "there":
        return [
            t("太好了，已经记下了。工作人员会再核实一下。"),
            t("要是情况又变了，随时再告诉我。"),
        ]
    if answer == "not_yet":
        return [
            t("知道了，已经标给工作人员，请他们尽快再看。"),
            t("等人来的这段时间，能做到的话请别让孩子独自待着。"),
            t("有危险马上打 110、120。"),
        ]
    if bare:
        return [t("好，请写现在是什么情况，我加进去。")]
    return [t("已经补充进去，工作人员会看到。")]


def _to_child(answer: str, bare: bool, t: Texts) -> list[str]:
    if answer == "there":
        return [t("太好了，我告诉帮你的大人。要是又只剩你自己，马上写给我。")]
    if answer == "not_yet":
        return [
            t("我知道了，这就告诉帮你的大人。"),
            t("先待在安全的地方。有危险就打 110。"),
        ]
    return [t("好，写给我，现在怎么样了？") if bare else t("我记下了，会告诉帮你的大人。")]
