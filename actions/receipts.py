"""The receipt of a notice: what a mandatory reporter has in hand."""

from datetime import datetime
from typing import Any

from actions.states import UNIT
from bot.cases.notices import SHOWN
from bot.cases.rules import Risk, Routing
from bot.texts import Texts
from bot.walks.draft import Draft
from bot.walks.questionnaire import questionnaire
from bot.walks.readback import remarks, value_in_words


def receipt_now(report: Draft, risk: Risk, routing: Routing, at: datetime, t: Texts) -> str:
    """The receipt of a notice in the turn that files it.

    Args:
        at: when it was filed, aware.
    """
    case = {"case_no": report.case_no, "unit": routing.unit, "due_at": risk.due_at.isoformat()}
    notice = {
        "at": at.isoformat(),
        "organisation": report.facts.get("organisation"),
        "facts": {name: report.facts[name] for name in SHOWN if name in report.facts},
        "referrals": list(routing.referrals),
    }
    return receipt({**case, "notice": notice}, t)


def receipt(case: dict[str, Any], t: Texts) -> str:
    """Number, time, organisation, what was notified, to whom it goes, by when, and the law.

    Args:
        case: a filed notice: case_no, unit, due_at and ``notice`` (``bot.cases.notices``).
    """
    notice = case["notice"]
    facts = notice["facts"]
    shown = [name for name in SHOWN if name in facts and name in questionnaire().questions]
    lines = [
        t("通报回执（强制报告）"),
        t("编号：{case_no}", case_no=case["case_no"]),
        t("通报时间：{at}", at=t.dated(datetime.fromisoformat(notice["at"]))),
        t("通报单位：{organisation}", organisation=notice["organisation"] or t("没有说")),
        t("通报的情况："),
        *(_line(name, facts[name], t) for name in shown),
        *remarks(facts, t),
        _goes_to(case, notice["referrals"], t),
        t("最迟 {due} 前会有人看。", due=t.dated(datetime.fromisoformat(case["due_at"]))),
        t(
            "依据：《未成年人保护法》第十一条（2021年6月1日起施行），国家机关、村（居）委会和密切接触未成年人的单位发现了要立即报告。"
        ),
    ]
    return "\n".join(lines)


def _line(name: str, value: Any, t: Texts) -> str:
    label = t(questionnaire().questions[name].label)
    return t("· {label}：{value}", label=label, value=value_in_words(name, value, t))


def _goes_to(case: dict[str, Any], referrals: list[str], t: Texts) -> str:
    line = t("送交：{unit}", unit=t(UNIT[case["unit"]]))
    if not referrals:
        return line
    return line + t("；同时告知{units}", units=t("、").join(t(UNIT[each]) for each in referrals))
