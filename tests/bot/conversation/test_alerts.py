"""Staff hear of danger at once, and hear no content; reports that were left come to their eyes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.cases.tables import CaseRow, ConversationRow, OutboxRow
from bot.clock import Clock
from bot.conversation.alerts import CHANNEL, Alerts
from bot.conversation.talk import Talk
from bot.conversation.turn import Turns
from bot.conversation.watch import Watch
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import MOMENT, Core, EchoTalker

COUNTY = {
    "text": "江门市蓬江区丹井里5号",
    "province": "广东省",
    "city": "江门市",
    "county": "蓬江区",
}


class Reporting(EchoTalker):
    """Begins a report and fills in what the test says."""

    facts: dict[str, Any]
    outcome: str | None = None

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        talk = await super().talk(talk, parsed, metadata)
        report = Draft(case_no="HT-261121-AAAAA")
        report.begin("unattended_child")
        report.facts.update(self.facts)
        talk.slots["report"] = report.to_json()
        return talk


def turns(core: Core, facts: dict[str, Any]) -> Turns:
    talker = Reporting()
    talker.facts = facts
    alerts = Alerts("-100123", "https://hutong.example/staff", core.inbox)
    return Turns(
        core.database, core.inbox, core.turns._understanding, talker, Clock(MOMENT), alerts
    )


def said(core: Core, answering: Turns, text: str, number: str) -> None:
    conversation = core.takes(text, number)
    answering.handle(core.inbox.next_open(conversation or 0) or 0)


def alerts(core: Core) -> list[str]:
    query = select(OutboxRow.reply).join(ConversationRow).where(ConversationRow.channel == CHANNEL)
    with core.database.reading() as session:
        return [reply["text"] for reply in session.execute(query.order_by(OutboxRow.id)).scalars()]


def test_a_critical_report_alerts_staff_once_though_it_is_unfinished(core: Core) -> None:
    answering = turns(core, {"danger": ["violence"], "location": COUNTY, "phone": "+8613800138000"})
    said(core, answering, "有人打小明，住丹井里5号", "1")
    said(core, answering, "快来", "2")
    (alert,) = alerts(core)
    assert "HT-261121-AAAAA" in alert
    assert "广东省江门市蓬江区" in alert
    assert "https://hutong.example/staff/cases/HT-261121-AAAAA" in alert
    for content in ("丹井里", "小明", "138"):
        assert content not in alert


def test_danger_without_a_report_alerts_staff_too(core: Core) -> None:
    core.talker.effects = [{"kind": "attention", "why": "danger"}]
    sounding = Alerts("-100123", "https://hutong.example/staff", core.inbox)
    answering = Turns(
        core.database, core.inbox, core.turns._understanding, core.talker, Clock(MOMENT), sounding
    )
    said(core, answering, "救命", "1")
    (alert,) = alerts(core)
    assert "/staff/talks/" in alert


def test_a_report_that_is_not_critical_alerts_nobody(core: Core) -> None:
    answering = turns(core, {"carer": "grandparent", "ages": [9], "location": COUNTY})
    said(core, answering, "孩子跟奶奶", "1")
    with core.database.reading() as session:
        assert session.execute(select(CaseRow.level)).scalar() != "critical"
    assert alerts(core) == []


def attention(core: Core) -> str | None:
    with core.database.reading() as session:
        query = select(ConversationRow.attention).where(ConversationRow.channel == "web")
        return session.execute(query).scalar()


def test_a_report_that_was_left_with_a_place_comes_to_staff_after_half_an_hour(core: Core) -> None:
    answering = turns(core, {"carer": "grandparent", "ages": [9], "location": COUNTY})
    said(core, answering, "孩子跟奶奶", "1")
    assert Watch(core.database, Clock(MOMENT + timedelta(minutes=29))).mark_idle_reports() == 0
    assert Watch(core.database, Clock(MOMENT + timedelta(minutes=30))).mark_idle_reports() == 1
    assert attention(core) == "idle"
    said(core, answering, "我回来了", "2")
    assert attention(core) is None


def test_a_report_that_was_left_without_place_or_contact_stays(core: Core) -> None:
    said(core, turns(core, {"ages": [9]}), "有个孩子", "1")
    assert Watch(core.database, Clock(MOMENT + timedelta(minutes=31))).mark_idle_reports() == 0
    assert attention(core) is None
