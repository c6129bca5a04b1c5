"""What happened to a case, told in sentences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.cases.followup_plan import followup_table
from bot.cases.ledger import ledger_table
from bot.cases.outcomes import outcome_table
from bot.cases.tables import HistoryRow
from bot.console.case_facts import fact_in_words, label_of
from bot.console.filters import ACTORS, LEVELS, STATUSES, UNITS
from bot.texts import N_, Texts

_ATTENTION = MappingProxyType(
    {"danger": N_("说到危险，要人看"), "human": N_("要找真人"), "unreachable": N_("消息送不到")}
)
_SIMPLE = MappingProxyType(
    {
        "begun": N_("开始填报告"),
        "resumed": N_("又接着填，报告重新打开"),
        "submitted": N_("提交了报告"),
        "withdrawn": N_("撤回了报告"),
        "accepted": N_("接手"),
        "given_back": N_("交回待办"),
        "note": N_("写给同事"),
        "held": N_("接过对话，护童不再自动回复"),
        "handed_back": N_("把对话交还护童"),
        "hold_lapsed": N_("半小时没人写，对话自动交还护童"),
        "transfer_accepted": N_("接受转办"),
        "transfer_declined": N_("谢绝转办"),
        "transfer_revoked": N_("撤回转办"),
        "transfer_expired": N_("转办没人答复，返回待办"),
        "deletion_due": N_("保存期快到了，快要删除；有新的联系就推迟"),
        "deletion_postponed": N_("推迟了删除"),
        "transcript_deleted": N_("对话过了保存期，已经删除"),
        "erasure_wanted": N_("报告人要求删除自己的信息，三天内执行：孩子在哪里还不知道，请先联系"),
        "reporter_erased": N_("报告人要求删除，谁说的、怎么说的都已删去"),
    }
)


@dataclass(frozen=True)
class Told:
    """One line of the history; ``quote`` is what the person wrote with it."""

    id: int
    at: datetime
    actor: str
    text: str
    quote: str = ""


def told(rows: Iterable[HistoryRow], t: Texts) -> list[Told]:
    """The lines of a history in words."""
    return [_told(row, t) for row in rows]


def kind_in_words(kind: str, t: Texts) -> str:
    """What a follow-up of that kind is called."""
    kinds = followup_table().kinds
    return t(kinds[kind].title) if kind in kinds else kind


def outcome_in_words(outcome: str | None, t: Texts) -> str:
    """How a case ended."""
    known = outcome_table().get(outcome or "")
    return t(known.title) if known else (outcome or "–")


def _told(row: HistoryRow, t: Texts) -> Told:
    detail = row.detail if isinstance(row.detail, dict) else {}
    maker = _SENTENCES.get(row.event)
    if maker and (detail or row.event in ("attention", "closed")):
        text = maker(detail or {"said": row.detail}, t)
    else:
        text = t(_SIMPLE[row.event]) if row.event in _SIMPLE else row.event
    quote = detail.get("why") or detail.get("words") or ""
    if row.event == "closed" and isinstance(row.detail, str):
        quote = row.detail
    return Told(row.id, row.at, t(ACTORS.get(row.actor, row.actor)), text, str(quote))


def _level(value: Any, t: Texts) -> str:
    return t(LEVELS[value]) if value in LEVELS else str(value)


def _unit(value: Any, t: Texts) -> str:
    return t(UNITS[value]) if value in UNITS else str(value)


def _setting(what: str, value: Any, t: Texts) -> tuple[str, str]:
    """What was set, and to what, in words."""
    if what == "level":
        return t("级别"), _level(value, t)
    if what == "unit":
        return t("责任单位"), _unit(value, t)
    return label_of(what, t), fact_in_words(what, value, t)


def _assessed(d: Mapping[str, Any], t: Texts) -> str:
    return t("定为{level}级，由{unit}负责", level=_level(d["level"], t), unit=_unit(d["unit"], t))


def _moved(d: Mapping[str, Any], t: Texts) -> str:
    """A change of level, where there was one."""
    before, level = d.get("level_before"), d.get("level")
    if before == level or level is None:
        return ""
    return t("；级别由{before}变为{level}", before=_level(before, t), level=_level(level, t))


def _added(d: Mapping[str, Any], t: Texts) -> str:
    names = t("、").join(label_of(name, t) for name in d.get("facts") or ())
    said = t("补充了情况：{names}", names=names) if names else t("补充了情况")
    return said + _moved(d, t)


def _override(d: Mapping[str, Any], t: Texts) -> str:
    what, after = _setting(d["what"], d.get("after"), t)
    _, before = _setting(d["what"], d.get("before"), t)
    said = t("把{what}由{before}改为{after}", what=what, before=before, after=after)
    return said if d["what"] == "level" else said + _moved(d, t)


def _lifted(d: Mapping[str, Any], t: Texts) -> str:
    what, value = _setting(d["what"], d.get("set_to"), t)
    return t("取消了对{what}的改定（{value}）", what=what, value=value) + _moved(d, t)


def _exceeded(d: Mapping[str, Any], t: Texts) -> str:
    what, value = _setting(d["what"], d.get("set_to"), t)
    return t("有更紧急的新情况，改定的{what}（{value}）不再算数", what=what, value=value)


def _passed(d: Mapping[str, Any], t: Texts) -> str:
    return t("时间过去，情况变得更紧急") + _moved(d, t)


def _planned(d: Mapping[str, Any], t: Texts) -> str:
    parts = []
    if made := d.get("planned"):
        kinds = dict.fromkeys(kind_in_words(each["kind"], t) for each in made)
        parts.append(t("安排跟进：{kinds}", kinds=t("、").join(kinds)))
    if dropped := d.get("cancelled"):
        kinds = dict.fromkeys(kind_in_words(rule.rpartition(".")[2], t) for rule in dropped)
        parts.append(t("不再需要：{kinds}", kinds=t("、").join(kinds)))
    return t("；").join(parts)


def _followup(source: str) -> Callable[[Mapping[str, Any], Texts], str]:
    def sentence(d: Mapping[str, Any], t: Texts) -> str:
        due = d.get("due_at")
        when = t.moment(datetime.fromisoformat(due)) if due else ""
        return t(source, kind=kind_in_words(d["kind"], t), when=when)

    return sentence


def _answered(d: Mapping[str, Any], t: Texts) -> str:
    answer = followup_table().answers.get(d["answer"])
    return t("回答提醒：{answer}", answer=t(answer.adult) if answer else d["answer"])


def _entered(d: Mapping[str, Any], t: Texts) -> str:
    kinds = t("、").join(t(ledger_table().kinds.get(kind, kind)) for kind in d["kinds"])
    return t("列入台账待核实：{kinds}", kinds=kinds)


def _ledger(source: str) -> Callable[[Mapping[str, Any], Texts], str]:
    return lambda d, t: t(source, kind=t(ledger_table().kinds.get(d["kind"], d["kind"])))


def _case(source: str, key: str) -> Callable[[Mapping[str, Any], Texts], str]:
    return lambda d, t: t(source, case_no=d[key])


def _attention(d: Mapping[str, Any], t: Texts) -> str:
    return t(_ATTENTION.get(str(d.get("said")), N_("要人看")))


def _begun(d: Mapping[str, Any], t: Texts) -> str:
    poster = d.get("poster")
    return t("开始填报告（扫了{poster}的码）", poster=poster) if poster else t("开始填报告")


def _asked(d: Mapping[str, Any], t: Texts) -> str:
    to = _unit(d["to_unit"], t) if d.get("to_unit") else d.get("to_worker")
    return t("请{to}接办", to=to)


def _held(d: Mapping[str, Any], t: Texts) -> str:
    return t("从{name}那里接过对话", name=d["from"])


def _assigned(d: Mapping[str, Any], t: Texts) -> str:
    return t("交给{to}负责", to=d["to"])


def _referred(d: Mapping[str, Any], t: Texts) -> str:
    return t("告知{unit}", unit=_unit(d["unit"], t))


def _closed(d: Mapping[str, Any], t: Texts) -> str:
    if "outcome" not in d:
        return t("办结")
    return t("办结：{outcome}", outcome=outcome_in_words(d["outcome"], t))


def _reopened(d: Mapping[str, Any], t: Texts) -> str:
    before = STATUSES.get(str(d.get("before")), "")
    return t("重新打开（原来{before}）", before=t(before))


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], Texts], str]] = MappingProxyType(
    {
        "begun": _begun,
        "assessed": _assessed,
        "information_added": _added,
        "override": _override,
        "override_lifted": _lifted,
        "override_exceeded": _exceeded,
        "time_passed": _passed,
        "followups_planned": _planned,
        "followup_scheduled": _followup(N_("安排{kind}，{when}之前")),
        "followup_moved": _followup(N_("{kind}提前到{when}之前")),
        "followup_done": _followup(N_("做了：{kind}")),
        "followup_cancelled": _followup(N_("取消：{kind}")),
        "followup_answered": _answered,
        "ledger_entered": _entered,
        "ledger_confirmed": _ledger(N_("确认列入台账：{kind}")),
        "ledger_removed": _ledger(N_("移出台账：{kind}")),
        "ledger_refreshed": _ledger(N_("台账更新：{kind}")),
        "related_linked": _case(N_("认定和 {case_no} 是同一个孩子"), "case_no"),
        "related_dismissed": _case(N_("认定和 {case_no} 无关"), "case_no"),
        "duplicate": _case(N_("标为重复，看 {case_no}"), "of"),
        "duplicate_found": _case(N_("{case_no} 和这个案件重复，已并过来"), "case_no"),
        "attention": _attention,
        "held": _held,
        "transfer_asked": _asked,
        "assigned": _assigned,
        "referred": _referred,
        "closed": _closed,
        "reopened": _reopened,
    }
)
