"""Words for values, for the templates: levels, statuses, units, facts and times left."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.cases.tables import CaseRow, ConversationRow
from bot.console.canned import Offered, offered
from bot.texts import N_, Texts

LEVELS = MappingProxyType(
    {
        "critical": N_("紧急"),
        "high": N_("高"),
        "medium": N_("中"),
        "low": N_("低"),
    }
)
STATUSES = MappingProxyType(
    {
        "draft": N_("没填完"),
        "new": N_("新报告"),
        "accepted": N_("已接手"),
        "in_progress": N_("处理中"),
        "transferred": N_("转办中"),
        "closed": N_("已办结"),
        "withdrawn": N_("已撤回"),
        "duplicate": N_("重复"),
    }
)
REPORT_TYPES = MappingProxyType(
    {
        "guardian_difficulty": N_("监护人有困难"),
        "unattended_child": N_("孩子没人照看"),
        "child_self": N_("孩子自己说的"),
        "professional_notice": N_("单位报告"),
        "preregistration": N_("提前登记"),
    }
)
UNITS = MappingProxyType(
    {
        "committee": N_("村（居）委会"),
        "township": N_("乡镇（街道）"),
        "county_civil_affairs": N_("县民政局"),
        "medical": N_("医疗机构"),
        "police": N_("公安"),
        "education": N_("教育部门"),
        "womens_federation": N_("妇联"),
        "protection_institution": N_("未成年人救助保护机构"),
    }
)
ROLES = MappingProxyType(
    {
        "worker": N_("儿童主任"),
        "supervisor": N_("儿童督导员"),
        "county": N_("县民政"),
        "administrator": N_("管理员"),
        "auditor": N_("审计员"),
    }
)
CHANNELS = MappingProxyType({"telegram": "Telegram", "web": N_("网页"), "terminal": N_("终端")})

ACTORS = MappingProxyType(
    {"reporter": N_("报告人"), "system": N_("系统"), "bot": N_("护童（自动）")}
)
"""Who else than a member of staff by name stands in a case's history."""
ATTACHMENTS = MappingProxyType(
    {
        "photo": N_("图片"),
        "voice": N_("语音"),
        "audio": N_("录音"),
        "video": N_("视频"),
        "video_note": N_("视频"),
        "document": N_("文件"),
        "sticker": N_("表情"),
        "animation": N_("动图"),
    }
)


def _worded(table: Mapping[str, str]) -> Callable[[str | None, Texts], str]:
    def words(value: str | None, t: Texts) -> str:
        return t(table[value]) if value and value in table else (value or "–")

    return words


def left(until: datetime | None, now: datetime, t: Texts) -> str:
    """The time left, or how long it is overdue, in words."""
    if until is None:
        return t("没有期限")
    late = until < now
    span = spell(abs(until - now), t)
    return t("已超时 {span}", span=span) if late else t("还剩 {span}", span=span)


def spell(span: timedelta, t: Texts) -> str:
    """A span of time in words, to the minute, hour or day."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return t("{n} 分钟", n=minutes)
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return (
            t("{n} 小时 {m} 分", n=hours, m=rest) if hours < 4 and rest else t("{n} 小时", n=hours)
        )
    return t("{n} 天", n=minutes // (24 * 60))


def in_minutes(minutes: int, t: Texts) -> str:
    """A number of minutes in words."""
    return spell(timedelta(minutes=minutes), t)


def when(moment: datetime | None, t: Texts) -> str:
    """A moment in local time."""
    return t.moment(moment) if moment else "–"


def canned(
    conversation: ConversationRow, case: CaseRow | None, t: Texts
) -> tuple[tuple[str, tuple[Offered, ...]], ...]:
    """The replies that may be put into the box, by situation."""
    child = case is not None and case.report_type == "child_self"
    return offered(conversation.language, t.language, child)


def held(conversation: ConversationRow, name: str) -> str:
    """Who talks with the reporter: ``bot``, ``mine`` (of that name) or ``other:`` and whose name.

    ``bot unreachable`` where messages do not arrive.
    """
    if conversation.held_by is None:
        return "bot unreachable" if conversation.attention == "unreachable" else "bot"
    return "mine" if conversation.held_by == name else f"other:{conversation.held_by}"


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "level": _worded(LEVELS),
        "status": _worded(STATUSES),
        "report_type": _worded(REPORT_TYPES),
        "unit": _worded(UNITS),
        "role": _worded(ROLES),
        "channel": _worded(CHANNELS),
        "actor": _worded(ACTORS),
        "attachment": _worded(ATTACHMENTS),
        "canned": canned,
        "held": held,
        "left": left,
        "when": when,
        "minutes": in_minutes,
    }
)
"""Jinja filters: ``{{ case.level | level(t) }}``, ``{{ case.waits_until | left(now, t) }}``."""
