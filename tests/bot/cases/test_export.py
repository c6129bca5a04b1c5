"""Cases as files: the contract's shape, readable by programs and harmless in a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.export import FORMATS, as_columns, as_contract, write
from bot.cases.tables import CaseRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, ODD, conversation, filed, line, told

CONTRACT: dict[str, Any] = {
    "case_no": None,
    "status": None,
    "report_type": None,
    "created_at": None,
    "submitted_at": None,
    "channel": None,
    "language": None,
    "reporter": {"role", "name", "phone", "anonymous", "organisation"},
    "children": {"count", "ages", "sexes", "health"},
    "care": {"carer", "unattended_since", "absence_reasons"},
    "location": {"text", "province", "city", "county", "township", "detail", "adcode"},
    "needs": None,
    "danger": None,
    "risk": {"level", "reasons", "due_at"},
    "routing": {"unit", "referrals"},
    "narrative": None,
    "transcript": None,
    "history": None,
}
GROWN = {
    "unanswered",  # which questions were met with "unknown" or "declined"
    "poster",  # the community whose poster brought the report
    "related",  # reports that may be about the same child
}
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1+1", "＠A1"]


def exported(database: Database, form: str) -> bytes:
    target = io.BytesIO()
    with database.reading() as session:
        write(store.listed(session), form, target)
    return target.getvalue()


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_rows(content: bytes) -> list[dict[str, Any]]:
    header, *rows = load_workbook(io.BytesIO(content)).active.iter_rows()
    assert all(cell.data_type != "f" for row in rows for cell in row)
    names = [cell.value for cell in header]
    return [dict(zip(names, [cell.value for cell in row], strict=True)) for row in rows]


def full_case(session: Session) -> None:
    talk = conversation(session, channel="telegram", language="zh_Hant")
    facts = {
        **ALONE,
        "name": "王女士",
        "phone": "+8613800138000",
        "organisation": "新会区人民医院",
        "sexes": ["female"],
        "needs": ["care", "food"],
        "danger": ["no_food"],
    }
    store.save(session, talk, told(facts=facts), NOW)
    report = told(facts=facts, filed=True, unanswered={"phone": "declined"})
    row = store.save(session, talk, report, LATER)
    line(session, talk, "两个孩子没人管", intent="report_unattended_child", confidence=0.93)
    line(session, talk, "在哪里？", sender="bot")
    store.take_transcript(session, row.id, talk.id, 0)


def test_a_case_has_exactly_the_keys_of_the_contract(database: Database) -> None:
    with database.writing() as session:
        full_case(session)
    (case,) = json.loads(exported(database, "json"))
    assert set(case) == set(CONTRACT) | GROWN
    for name, inner in CONTRACT.items():
        if inner:
            assert set(case[name]) == inner, name
    assert [set(entry) for entry in case["transcript"]] == [
        {"at", "sender", "text", "intent", "confidence"}
    ] * 2
    assert {frozenset(entry) for entry in case["history"]} == {
        frozenset({"at", "actor", "event", "detail"})
    }


def test_a_case_says_what_was_reported(database: Database) -> None:
    with database.writing() as session:
        full_case(session)
    (case,) = json.loads(exported(database, "json"))
    assert case["created_at"] == "2026-11-21T10:00:00+08:00"
    assert case["submitted_at"] == "2026-11-21T10:20:00+08:00"
    assert (case["status"], case["report_type"]) == ("new", "unattended_child")
    assert (case["channel"], case["language"]) == ("telegram", "zh_Hant")
    assert case["reporter"] == {
        "role": "neighbour",
        "name": "王女士",
        "phone": "+8613800138000",
        "anonymous": False,
        "organisation": "新会区人民医院",
    }
    assert case["children"] == {
        "count": 2,
        "ages": [5, 6],
        "sexes": ["female"],
        "health": ["healthy"],
    }
    assert case["care"] == {
        "carer": "nobody",
        "unattended_since": "2026-11-21T08:00:00+08:00",
        "absence_reasons": ["isolated"],
    }
    assert case["location"]["text"] == "幸福小区3号楼"
    assert (case["location"]["adcode"], case["location"]["city"]) == ("440705", None)
    assert (case["needs"], case["danger"]) == (["care", "food"], ["no_food"])
    assert case["risk"]["level"] == "critical"
    assert case["risk"]["due_at"] == "2026-11-21T10:50:00+08:00"
    assert case["routing"]["unit"] == "police"
    assert case["unanswered"] == {"phone": "declined"}
    assert case["transcript"][0]["confidence"] == pytest.approx(0.93)
    assert [entry["event"] for entry in case["history"]][-2:] == ["assessed", "followups_planned"]
    assert case["history"][-2]["detail"] == {"level": "critical", "unit": "police"}


def test_what_is_unknown_is_null_or_an_empty_list(database: Database) -> None:
    with database.writing() as session:
        store.save(session, conversation(session), told(facts={}, report_type=None), NOW)
    (case,) = json.loads(exported(database, "json"))
    assert case["reporter"] == {
        "role": None,
        "name": None,
        "phone": None,
        "anonymous": True,
        "organisation": None,
    }
    assert case["children"] == {"count": None, "ages": [], "sexes": [], "health": []}
    assert case["care"] == {"carer": None, "unattended_since": None, "absence_reasons": []}
    assert set(case["location"].values()) == {None}
    assert (case["needs"], case["danger"], case["transcript"]) == ([], [], [])
    assert (case["report_type"], case["submitted_at"]) == (None, None)


@pytest.mark.parametrize(("form", "count"), [("json", 205), ("csv", 3), ("xlsx", 3)])
def test_every_case_is_written_once_and_in_order_on_one_page_of_the_database_or_two(
    database: Database, form: str, count: int
) -> None:
    numbers = [f"HT-261121-{n:05}" for n in range(count)]
    with database.writing() as session:
        talk = conversation(session)
        for number in numbers:
            store.save(session, talk, told(case_no=number), NOW)
    content = exported(database, form)
    read = {"json": json.loads, "csv": csv_rows, "xlsx": xlsx_rows}[form]
    assert [case["case_no"] for case in read(content)] == numbers


@pytest.mark.parametrize("form", FORMATS)
def test_no_cases_make_a_file_that_can_still_be_read(form: str) -> None:
    target = io.BytesIO()
    assert write([], form, target) == 0
    content = target.getvalue()
    if form == "json":
        assert json.loads(content) == []
    else:
        assert {"csv": csv_rows, "xlsx": xlsx_rows}[form](content) == []


def test_an_unknown_format_is_refused_before_anything_is_written() -> None:
    target = io.BytesIO()
    with pytest.raises(ValueError, match="'pdf'"):
        write([], "pdf", target)
    assert target.getvalue() == b""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestSpreadsheets:
    def test_spreadsheets_hold_the_same_values(self, database: Database) -> None:
        with database.writing() as session:
            full_case(session)
        (from_csv,), (from_xlsx,) = (
            csv_rows(exported(database, "csv")),
            xlsx_rows(exported(database, "xlsx")),
        )
        for row in (from_csv, from_xlsx):
            assert row["reporter.phone"] == "+8613800138000"
            assert row["children.ages"] == "5; 6"
            assert row["location.text"] == "幸福小区3号楼"
            assert row["unanswered"] == "phone=declined"
            assert "transcript" not in row and "history" not in row
        assert from_xlsx["children.count"] == 2
        assert list(from_csv) == list(from_xlsx)

    def test_rows_of_different_cases_have_the_same_columns(self, database: Database) -> None:
        with database.writing() as session:
            full_case(session)
            filed(session, case_no="HT-261121-BBBBB", facts={}, unanswered={"ages": "unknown"})
        with database.reading() as session:
            columns = {tuple(as_columns(as_contract(row))) for row in store.listed(session)}
        assert len(columns) == 1

    @pytest.mark.parametrize("formula", FORMULAS)
    def test_what_a_stranger_writes_never_runs_in_a_spreadsheet(
        self, database: Database, formula: str
    ) -> None:
        with database.writing() as session:
            facts = {**ALONE, "name": formula, "location": {"text": formula}}
            filed(session, facts=facts, narrative=[formula])
        for row in (
            *csv_rows(exported(database, "csv")),
            *xlsx_rows(exported(database, "xlsx")),
        ):
            for column in ("reporter.name", "location.text", "narrative"):
                assert row[column].startswith("'"), column
                assert formula.strip("\x00\r\n") in row[column].replace("\r", "\n")

    def test_odd_characters_break_no_file(self, database: Database) -> None:
        with database.writing() as session:
            filed(session, narrative=[ODD], facts={**ALONE, "name": '𠮷野; "家",\n\''})
        (case,) = json.loads(exported(database, "json"))
        assert case["narrative"].replace("\ud83c", "?") == ODD.replace("\ud83c", "?")
        assert case["reporter"]["name"] == '𠮷野; "家",\n\''
        for row in (
            *csv_rows(exported(database, "csv")),
            *xlsx_rows(exported(database, "xlsx")),
        ):
            assert row["reporter.name"] == '𠮷野; "家",\n\''
            assert "“引号”" in row["narrative"] and "😀" in row["narrative"]

    def test_a_very_long_account_still_makes_a_spreadsheet(self, database: Database) -> None:
        with database.writing() as session:
            filed(session, narrative=["孩子" * 40_000])
        (row,) = xlsx_rows(exported(database, "xlsx"))
        assert row["narrative"].startswith("孩子孩子")
        (row,) = csv_rows(exported(database, "csv"))
        assert len(row["narrative"]) == 80_000


@given(st.sampled_from(["", "=", "+", "-", "@", "\t", "\n", "＝"]), st.text(st.characters()))
def test_whatever_is_written_a_cell_never_begins_like_a_formula(start: str, text: str) -> None:
    row = CaseRow(
        case_no="HT-261121-AAAAA",
        created_at=NOW,
        facts={"facts": {}, "unanswered": {}, "narrative": f"{start}{text}x"},
        assessment={"reasons": [], "referrals": []},
    )
    target = io.BytesIO()
    write([row], "csv", target)
    (cells,) = csv_rows(target.getvalue())
    assert not cells["narrative"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"))
