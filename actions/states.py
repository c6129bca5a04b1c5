"""A filed report's state, and who is responsible, in words."""

from datetime import datetime
from typing import Any

from bot.cases.vocabulary import ENDED
from bot.texts import N_, Texts

STATUS = {
    "draft": N_("还没提交"),
    "new": N_("已收到，等待处理"),
    "accepted": N_("已受理"),
    "in_progress": N_("处理中"),
    "transferred": N_("已转交"),
    "closed": N_("已办结"),
    "withdrawn": N_("已撤回"),
    "duplicate": N_("已办结"),
}
UNIT = {
    "committee": N_("村（居）委会"),
    "township": N_("乡镇（街道）"),
    "county_civil_affairs": N_("县级民政部门"),
    "medical": N_("医疗机构"),
    "police": N_("公安机关"),
    "education": N_("教育部门"),
    "womens_federation": N_("妇联"),
    "protection_institution": N_("未成年人救助保护机构"),
}


def state_of(case: dict[str, Any], t: Texts) -> str:
    """One paragraph: number, state, unit, and until when somebody looks."""
    if case["status"] in ENDED:
        return t(
            "报告 {case_no}：{status}。", case_no=case["case_no"], status=t(STATUS[case["status"]])
        )
    line = t(
        "报告 {case_no}：{status}，由{unit}负责。",
        case_no=case["case_no"],
        status=t(STATUS[case["status"]]),
        unit=t(UNIT[case["unit"]]),
    )
    if case["status"] == "new" and case.get("due_at"):
        due = t.moment(datetime.fromisoformat(case["due_at"]))
        line += t("最迟 {due} 前会有人看。", due=due)
    return line
