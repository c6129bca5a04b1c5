"""Ask the open question of a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, button, community, draft, heard, keep, say, words
from bot.texts import N_, Texts
from bot.walks.draft import Draft
from bot.walks.heard import Heard
from bot.walks.readback import read_back, value_in_words


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
        lines = [_missed(report, t, name), _again(report, t, heard(tracker))]
        if name == "confirm":
            lines.append(read_back(report, t))
        lines.append(_progress(report, t, name) + _wording(report, t, name))
        here = community(tracker) if name == "location" else None
        say(dispatcher, *lines, buttons=_here(here, t) + _buttons(report, t, name))
        return [keep(report)]


def _progress(report: Draft, t: Texts, name: str) -> str:
    if name in ("consent", "confirm", "role") or report.forced:
        return ""
    step, steps = report.progress()
    return t("（{step}/{steps}）", step=step, steps=steps)


def _wording(report: Draft, t: Texts, name: str) -> str:
    if name == "location" and report.vague_place and not report.forced:
        return t("您说的“{place}”，在哪个省市县、哪个街道或村？", place=report.vague_place)
    plan = report.script
    return t(plan.wording(plan.question(name).ask))


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


def _here(name: str | None, t: Texts) -> list[dict[str, str]]:
    """The community of the poster, as an answer to where."""
    return [button(t("就在{community}", community=name), "here:")] if name else []


def _buttons(report: Draft, t: Texts, name: str) -> list[dict[str, str]]:
    plan = report.script
    choices = [
        button(t(choice.title), f"go:{choice.go}" if choice.go else f"a:{name}:{index}")
        for index, choice in enumerate(plan.choices(name))
    ]
    if plan.question(name).optional:
        choices += [button(t(title), payload) for title, payload in _outs(t)]
    if report.misses > 1:
        choices.append(button(t("转人工"), "say:request_human"))
    return choices


def _outs(t: Texts) -> tuple[tuple[str, str], ...]:
    return ((t("不清楚"), "say:dont_know"), (t("不方便说"), "say:decline_to_answer"))
