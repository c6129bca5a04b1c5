"""A report read back to the person who told it, in their language."""

from datetime import date, datetime
from typing import Any

from bot.texts import N_, Texts
from bot.walks.draft import Draft
from bot.walks.questionnaire import questionnaire

_FREE_OF_LIMIT = ("consent", "confirm", "role")


def read_back(report: Draft, t: Texts) -> str:
    """One line for each field: what was said, or that it is unknown or declined."""
    lines = [t("我记下的是：")]
    for name in fields(report):
        label = t(report.script.question(name).label)
        lines.append(t("· {label}：{value}", label=label, value=_said(report, name, t)))
    return "\n".join([*lines, *remarks(report.facts, t)])


def remarks(facts: dict[str, Any], t: Texts) -> list[str]:
    """What was heard beside the questions, a line each."""
    lines = []
    if facts.get("planned") and "since" not in facts:
        lines.append(t("· 现在还有人照看，过几天才没有"))
    if facts.get("weak_carer"):
        lines.append(t("· 照看的人生病、体弱或年纪大"))
    if facts.get("cannot_cope"):
        lines.append(t("· 村（居）委会照顾不了，请县级民政部门接手"))
    return lines


def fields(report: Draft) -> list[str]:
    """The fields that a report shows and lets change, in the order of its questions."""
    plan = report.script
    asked = [name for name in plan.names() if name not in _FREE_OF_LIMIT]
    return [name for name in asked if report.settled(name)]


def _said(report: Draft, name: str, t: Texts) -> str:
    if name in report.facts:
        return value_in_words(name, report.facts[name], t)
    return t("不清楚") if report.unanswered.get(name) == "unknown" else t("没有说")


def value_in_words(name: str, value: Any, t: Texts) -> str:
    """A fact as a person reads it."""
    if name == "ages":
        return t("、").join(_age(age, t) for age in value)
    if name == "location":
        return str(value["text"])
    if name == "phone":
        return str(value).removeprefix("+86")
    if name == "child_count":
        return t("{count} 个", count=t.number(value))
    if name == "danger" and not value:
        return t("没有危险")
    if name == "since":
        return _since(value, t)
    if isinstance(value, list):
        return t("、").join(_title(name, [entry], t) for entry in value)
    return _title(name, value, t)


def _age(age: float, t: Texts) -> str:
    if age < 1:
        return t("{months} 个月", months=t.number(round(age * 12)))
    return t("{years} 岁", years=t.number(age))


def _since(value: str, t: Texts) -> str:
    if len(value) == len("2026-11-20"):
        return t.day(date.fromisoformat(value))
    return t.moment(datetime.fromisoformat(value))


def _title(name: str, value: Any, t: Texts) -> str:
    """The button's words for a value, or the value itself (a name, a phone, a unit)."""
    question = questionnaire().questions[name]
    for choice in question.buttons.get("default", []):
        if choice.value == value and choice.says is None:
            return t(choice.title)
    text = value[0] if isinstance(value, list) else value
    return t(_WORDS[text]) if text in _WORDS else str(text)


_WORDS = {
    "suicide": N_("想轻生"),
    "fire": N_("着火或漏气"),
    "missing": N_("走失"),
    "unconscious": N_("昏迷"),
    "abuse": N_("受虐待"),
    "other": N_("其他"),
    "safety": N_("安全"),
}
