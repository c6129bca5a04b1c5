"""Ask the open question of a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, community, draft, heard, keep, say, words
from bot.texts import N_, Texts
from bot.walks.asking import put
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.readback import value_in_words


class ActionAskReportFormReportDone(Action):
    """Put the open question, with a progress line, its buttons, and a hint when it was missed."""

    def name(self) -> str:
        """The name in the domain: Rasa's form asks for its one slot through it."""
        return "action_ask_report_form_report_done"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Ask one question."""
        report, t = draft(tracker), words(tracker)
        name = report.next_question()
        if name is None:
            return []
        report.note_asked(name)
        question, choices = put(report, t, name, community(tracker))
        before = (_missed(report, t, name), _again(report, t, heard(tracker)))
        say(dispatcher, *before, question, buttons=[button(*choice) for choice in choices])
        return [keep(report)]


def _missed(report: Draft, t: Texts, name: str) -> str:
    if not report.misses:
        return _taken(report, t)
    plan = report.script
    if report.misses == 1:
        return t("这句我没太看懂。") + t(plan.wording(plan.question(name).explain))
    if not plan.question(name).optional:
        return t("我还是没看懂，不过写的都留着，工作人员看得到。可以点下面的按钮，或者说“转人工”。")
    return t(
        "我还是没看懂，不过写的都留着，工作人员看得到。可以点下面的按钮，或者说“跳过”“转人工”。"
    )


def _again(report: Draft, t: Texts, message: Heard) -> str:
    """A word before a question that the person wants to answer anew."""
    wanted = message.edit or message.intent in ("correct_information", "deny")
    return t("好，这一项重新填：") if report.forced and wanted and not report.changed else ""


def _taken(report: Draft, t: Texts) -> str:
    """What the last message brought beside an answer, so that a mishearing shows at once."""
    lines = []
    if report.skipped:
        lines.append(t("这一项先空着，写的原话我留着，工作人员看得到。"))
    for names, source in (
        (report.changed, N_("改好了：{facts}。")),
        (report.noted, N_("记下了：{facts}。")),
    ):
        known = [name for name in names if name in report.facts]
        if known:
            lines.append(t(source, facts=t("，").join(_fact(report, t, name) for name in known)))
    return "\n".join(lines)


def _fact(report: Draft, t: Texts, name: str) -> str:
    label = t(report.script.question(name).label)
    return f"{label} {value_in_words(name, report.facts[name], t)}"
