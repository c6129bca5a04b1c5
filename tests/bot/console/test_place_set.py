from __future__ import annotations

from bot.cases.tables import CaseRow
from tests.support.cases import filed
from tests.support.console import Desk, post

CASE = "/staff/cases/HT-261121-AAAAA"


def test_a_case_of_unknown_place_gets_one_and_reaches_its_workers(desk: Desk) -> None:
    with desk.database.writing() as session:
        filed(session, facts={"carer": "nobody"})
    worker = desk.signed_in("worker", "李", "440705")
    assert worker.get(CASE).status_code == 404
    supervisor = desk.signed_in("supervisor", "王", "440705")
    with desk.database.reading() as session:
        version = session.query(CaseRow).one().version + 1  # reading it is a first look
    answer = post(
        supervisor,
        f"{CASE}/fact",
        back=CASE,
        what="location",
        version=str(version),
        value="江门市新会区会城街道东侯路8号",
        why="问了报告人",
    )
    assert answer.status_code == 200, answer.text
    with desk.database.reading() as session:
        row = session.query(CaseRow).one()
        assert row.region == "440705"
        assert row.facts["facts"]["location"]["county"] == "新会区"
        assert row.facts["overrides"]["location"]["actor"] == "王"
    assert worker.get(CASE).status_code == 200
    assert "HT-261121-AAAAA" in post(worker, "/staff/search", query="东侯路").text
