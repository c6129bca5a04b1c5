"""The receipt of a notice, in each language."""

from datetime import datetime
from typing import Any

import pytest

from actions.receipts import receipt, receipt_now
from bot.cases.notices import notice_of
from bot.cases.rules import route, triage
from bot.cases.situation import Situation
from bot.cases.tables import CaseRow
from bot.texts import LANGUAGES, texts
from bot.walks.draft import Draft

AT = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
FACTS: dict[str, Any] = {
    "relation": "committee",
    "organisation": "幸福村村委会",
    "child_count": 2,
    "ages": [0.5, 6],
    "carer": "grandparent",
    "weak_carer": True,
    "cannot_cope": True,
    "reason": ["isolated", "hospitalised"],
    "health": ["healthy"],
    "danger": [],
    "location": {"text": "太康县城关镇幸福村", "adcode": "411627"},
    "needs": ["care", "food"],
    "phone": "+8613800138000",
    "name": "王主任",
}
TITLE = {
    "zh_Hans": "通报回执（强制报告）",
    "zh_Hant": "通報回執（強制報告）",
    "en": "Receipt of a notice (mandatory report)",
}


def notice(language: str) -> str:
    report = Draft(facts=dict(FACTS), case_no="HT-261121-AAAAA")
    report.begin("professional_notice")
    situation = Situation(FACTS, "professional_notice", AT)
    return receipt_now(report, triage(situation, AT), route(situation), AT, texts(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_names_number_time_organisation_content_unit_time_and_law(language: str) -> None:
    said, t = notice(language), texts(language)
    title, *lines = said.splitlines()
    assert title == TITLE[language]
    for value in ("HT-261121-AAAAA", t.dated(AT), "幸福村村委会", "太康县城关镇幸福村"):
        assert value in said
    assert "2026" in lines[1]
    assert t("县级民政部门") in said and t("未成年人救助保护机构") in said
    assert t("· 村（居）委会照顾不了，请县级民政部门接手") in lines
    assert t("· 照看的人生病、体弱或年纪大") in lines
    assert "11" in lines[-1] or "十一" in lines[-1]
    assert "{" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_shows_neither_who_wrote_nor_their_telephone(language: str) -> None:
    assert "13800138000" not in notice(language)
    assert "王主任" not in notice(language)


def test_the_receipt_shown_later_says_the_same_as_the_first() -> None:
    situation = Situation(FACTS, "professional_notice", AT)
    risk, routing = triage(situation, AT), route(situation)
    row = CaseRow(
        case_no="HT-261121-AAAAA",
        report_type="professional_notice",
        submitted_at=AT,
        unit=routing.unit,
        due_at=risk.due_at,
        facts={"facts": FACTS},
        assessment={"referrals": list(routing.referrals)},
    )
    case = {"case_no": row.case_no, "unit": row.unit, "due_at": row.due_at.isoformat()}
    assert receipt({**case, "notice": notice_of(row)}, texts("zh_Hans")) == notice("zh_Hans")


@pytest.mark.parametrize("other", ["unattended_child", "preregistration"])
def test_only_a_notice_has_a_receipt(other: str) -> None:
    assert notice_of(CaseRow(report_type=other, submitted_at=AT)) is None
    assert notice_of(CaseRow(report_type="professional_notice", submitted_at=None)) is None
