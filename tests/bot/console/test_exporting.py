from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from bot.cases.export import FORMATS
from bot.cases.staff_tables import AuditRow
from bot.cases.tables import CaseRow
from bot.console.exporting import MOST
from tests.support.cases import filed
from tests.support.console import Desk, post

NEAR, FAR = "HT-261121-AAAAA", "HT-261121-BBBBB"


@pytest.fixture(autouse=True)
def cases(desk: Desk) -> None:
    with desk.database.writing() as session:
        filed(session, case_no=NEAR)
        far = filed(session, case_no=FAR)
        far.region = "410105"


def audited(desk: Desk) -> list[tuple[str, str | None, Any]]:
    with desk.database.reading() as session:
        query = session.query(AuditRow).filter(AuditRow.action.like("case%_exported"))
        return [(row.action, row.case_no, row.detail) for row in query.order_by(AuditRow.id)]


def test_the_queue_is_exported_as_it_is_filtered_and_audited(desk: Desk) -> None:
    client = desk.signed_in("county")
    answer = post(client, "/staff/export?level=high", format="json")
    assert [case["case_no"] for case in answer.json()] == [NEAR, FAR]
    assert "attachment" in answer.headers["content-disposition"]
    assert post(client, "/staff/export?level=critical", format="json").json() == []
    first = {"format": "json", "filter": {"level": "high"}, "count": 2}
    assert [row[2] for row in audited(desk)] == [
        first,
        {"format": "json", "filter": {"level": "critical"}, "count": 0},
    ]


def test_spreadsheets_hold_the_same_cases(desk: Desk) -> None:
    client = desk.signed_in("county")
    text = post(client, "/staff/export", format="csv").content.decode("utf-8-sig")
    assert [row["case_no"] for row in csv.DictReader(io.StringIO(text))] == [NEAR, FAR]
    book = load_workbook(io.BytesIO(post(client, "/staff/export", format="xlsx").content))
    assert [row[0].value for row in book.active.iter_rows(min_row=2)] == [NEAR, FAR]


@pytest.mark.parametrize("form", FORMATS)
def test_no_copy_of_an_export_is_written_to_the_disk(
    desk: Desk, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    before = set(tmp_path.rglob("*"))
    client = desk.signed_in("county")
    for path in ("/staff/export", f"/staff/cases/{NEAR}/export"):
        answer = post(client, path, format=form)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
    assert set(tmp_path.rglob("*")) == before


def test_only_cases_within_sight_leave(desk: Desk) -> None:
    client = desk.signed_in("supervisor", region="440705")
    found = post(client, "/staff/export", format="json").json()
    assert [case["case_no"] for case in found] == [NEAR]
    assert post(client, f"/staff/cases/{FAR}/export").status_code == 404
    assert post(client, "/staff/cases/HT-000000-NNNNN/export").status_code == 404
    assert len(audited(desk)) == 1


def test_one_case_is_exported_from_its_page(desk: Desk) -> None:
    answer = post(desk.signed_in("supervisor"), f"/staff/cases/{NEAR}/export")
    assert json.loads(answer.content)[0]["case_no"] == NEAR
    assert audited(desk) == [("case_exported", NEAR, {"format": "json", "count": 1})]


def test_too_many_cases_are_refused_in_words(desk: Desk) -> None:
    with desk.database.writing() as session:
        one = session.query(CaseRow).filter_by(case_no=NEAR).one()
        names = [column.name for column in CaseRow.__table__.columns if column.name != "id"]
        values = {name: getattr(one, name) for name in names}
        many = [values | {"case_no": f"HT-261121-{n:05}"} for n in range(MOST)]
        session.execute(insert(CaseRow.__table__), many)
    client = desk.signed_in("county")
    answer = post(client, "/staff/export", format="csv")
    assert answer.status_code == 400
    assert "一次最多导出 2,000 件" in answer.text
    assert audited(desk) == []
    assert post(client, "/staff/export?region=410105", format="csv").status_code == 200


def test_an_unknown_format_is_refused(desk: Desk) -> None:
    assert post(desk.signed_in("county"), "/staff/export", format="exe").status_code == 400


def test_export_is_for_supervisors_and_above(desk: Desk) -> None:
    for role in ("worker", "auditor"):
        client = desk.signed_in(role)
        for path in ("/staff/export", f"/staff/cases/{NEAR}/export"):
            assert post(client, path, format="json").status_code == 403
    for role in ("supervisor", "county", "administrator"):
        assert len(post(desk.signed_in(role), "/staff/export", format="json").json()) == 2
    assert len(audited(desk)) == 3
