from __future__ import annotations

import csv
import io

from sqlalchemy import update

from bot.cases.staff_tables import AuditRow
from tests.support.cases import NOW
from tests.support.console import Desk, post


def written(desk: Desk) -> list[tuple[str, str, object]]:
    with desk.database.reading() as session:
        return [(row.actor, row.action, row.detail) for row in session.query(AuditRow)]


def write(desk: Desk, count: int, actor: str = "李主任", **values: str) -> None:
    from bot.cases.audit import Audit

    with desk.database.writing() as session:
        for _ in range(count):
            Audit(desk.database.keyring.lasting).write(
                session, NOW, actor, values.get("action", "case_read"), values.get("case_no")
            )


def test_an_auditor_sees_who_did_what(desk: Desk) -> None:
    write(desk, 1, case_no="HT-261121-AAAAA")
    page = desk.signed_in("auditor").get("/staff/audit").text
    assert "李主任" in page
    assert "看了案件" in page
    assert "HT-261121-AAAAA" in page


def test_the_audit_is_filtered_by_person_case_action_and_day(desk: Desk) -> None:
    write(desk, 1, "李主任", case_no="HT-261121-AAAAA")
    write(desk, 1, "王督导", case_no="HT-261121-BBBBB")
    client = desk.signed_in("auditor")
    assert "BBBBB" not in client.get("/staff/audit?actor=李主任").text
    assert "AAAAA" not in client.get("/staff/audit?case_no=ht-261121-bbbbb").text
    found = client.get("/staff/audit?action=signed_in").text
    assert "AAAAA" not in found
    assert "auditor" in found
    assert "没有符合的记录" in client.get("/staff/audit?to=2026-11-20").text
    assert "AAAAA" in client.get("/staff/audit?from=2026-11-21&to=2026-11-21").text
    assert "AAAAA" in client.get("/staff/audit?from=nonsense&before=nonsense").text


def test_a_long_audit_is_read_page_by_page(desk: Desk) -> None:
    write(desk, 150)
    client = desk.signed_in("auditor")
    first = client.get("/staff/audit?actor=李主任").text
    assert first.count("看了案件</td>") == 100
    assert "before=51" in first
    assert client.get("/staff/audit?actor=李主任&before=51").text.count("看了案件</td>") == 50


def test_a_check_says_whether_the_chain_is_whole_and_is_written_down(desk: Desk) -> None:
    write(desk, 3)
    client = desk.signed_in("auditor")
    assert "还没有检查过" in client.get("/staff/audit").text
    assert "4 条记录完整" in post(client, "/staff/audit/verify").text
    with desk.database.writing() as session:
        session.execute(update(AuditRow).where(AuditRow.id == 2).values(actor="nobody"))
    assert "有记录被改动或缺失" in post(client, "/staff/audit/verify").text
    assert [row[1] for row in written(desk)][-2:] == ["audit_verified", "audit_verified"]


def test_an_export_holds_what_was_asked_for_and_is_audited(desk: Desk) -> None:
    write(desk, 2, "=李主任")
    write(desk, 1, "王督导")
    client = desk.signed_in("auditor")
    answer = post(client, "/staff/audit/export", actor="=李主任")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["actor"] for row in rows] == ["'=李主任"] * 2  # never a formula
    assert written(desk)[-1] == ("auditor", "audit_exported", {"upto": 4, "actor": "=李主任"})


def test_the_audit_is_for_auditors_and_administrators(desk: Desk) -> None:
    for role in ("worker", "supervisor", "county"):
        client = desk.signed_in(role)
        assert client.get("/staff/audit").status_code == 403
        for path in ("/staff/audit/verify", "/staff/audit/export"):
            assert post(client, path).status_code == 403
    for role in ("administrator", "auditor"):
        assert desk.signed_in(role).get("/staff/audit").status_code == 200
