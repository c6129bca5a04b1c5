"""The audit: who read or did what, whether it is whole, and the audit as a file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.responses import Response, StreamingResponse

from bot.cases import auditing
from bot.cases.auditing import VERIFIED, Wanted
from bot.console.pages import Page, Visit, to
from bot.console.periods import day_of
from bot.texts import N_

_ROWS = 100

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "signed_in": N_("登录"),
        "sign_in_refused": N_("登录没成功"),
        "signed_out": N_("退出"),
        "password_changed": N_("换了密码"),
        "account_added": N_("加了账号"),
        "account_changed": N_("改了账号"),
        "case_read": N_("看了案件"),
        "case_printed": N_("打印了案件"),
        "case_exported": N_("导出了一个案件"),
        "cases_exported": N_("导出了一批案件"),
        "talk_read": N_("看了对话"),
        "talk_settled": N_("办完了对话"),
        "searched": N_("搜索了案件"),
        "attachment_read": N_("打开了附件"),
        "chat_taken": N_("接管了对话"),
        "chat_replied": N_("回复了报告人"),
        "chat_handed_back": N_("把对话交回护童"),
        "case_accept": N_("接手了案件"),
        "case_give_back": N_("交回了案件"),
        "case_assign": N_("分派了案件"),
        "case_transfer": N_("提出转办"),
        "case_transfer_accept": N_("接受了转办"),
        "case_transfer_decline": N_("退回了转办"),
        "case_transfer_revoke": N_("撤回了转办"),
        "case_refer": N_("通报了别的单位"),
        "case_level": N_("改了级别"),
        "case_unit": N_("改了责任单位"),
        "case_fact": N_("改了情况"),
        "case_lift": N_("取消了人工设定"),
        "case_note": N_("写了备注"),
        "case_record": N_("记录了处理"),
        "case_schedule": N_("安排了跟进"),
        "case_call_off": N_("取消了跟进"),
        "case_ledger": N_("改了台账"),
        "case_relate": N_("判断了相关报告"),
        "case_close": N_("办结了案件"),
        "case_duplicate": N_("标为重复"),
        "case_reopen": N_("重新打开了案件"),
        "review_read": N_("看了待复核的话"),
        "reviewed": N_("复核了一句话"),
        "review_undone": N_("撤回了复核"),
        "review_exported": N_("导出了复核结果"),
        "audit_exported": N_("导出了审计记录"),
        VERIFIED: N_("检查了审计记录"),
        "audit_pruned": N_("删去了过期的审计记录"),
    }
)
"""Words for the actions that are known; another one is shown by its name."""


def show(visit: Visit) -> Response:
    """The newest rows that are wanted, a page at a time."""
    wanted = _wanted(visit.query)
    before = visit.query("before")
    with visit.database.reading() as session:
        found = auditing.rows(
            session, wanted, int(before) if before.isdecimal() else None, _ROWS + 1
        )
        standing = auditing.standing(session)
    return visit.page(
        "audit.html",
        rows=found[:_ROWS],
        more=found[_ROWS - 1].id if len(found) > _ROWS else None,
        wanted=wanted,
        standing=standing,
        actions=ACTIONS,
        older=bool(before),
    )


def verify(visit: Visit) -> Response:
    """Check the whole chain, and write down that it was checked and what came of it."""
    with visit.database.reading() as session:
        broken = visit.console.audit.broken(session)
        count = auditing.standing(session).count
    with visit.database.writing() as session:
        visit.audit(session, VERIFIED, None, {"whole": broken is None, "rows": count})
    return to("/audit")


def export(visit: Visit) -> Response:
    """The rows that are wanted as csv; the export is a row itself, written before the first byte."""
    wanted = _wanted(visit.words)
    with visit.database.writing() as session:
        upto = auditing.last_id(session)
        visit.audit(session, "audit_exported", None, {"upto": upto, **wanted.told()})
    found = auditing.everything(visit.database.reading, wanted, upto)
    headers = {"Content-Disposition": f'attachment; filename="audit-{visit.now:%y%m%d-%H%M}.csv"'}
    return StreamingResponse(auditing.as_csv(found), media_type="text/csv", headers=headers)


def _wanted(read: Any) -> Wanted:
    return Wanted(
        read("actor"),
        read("action"),
        read("case_no").upper(),
        day_of(read("from")),
        day_of(read("to")),
    )


PAGES = (
    Page("/audit", "audit", show),
    Page("/audit/verify", "audit", verify, "POST"),
    Page("/audit/export", "audit", export, "POST"),
)
