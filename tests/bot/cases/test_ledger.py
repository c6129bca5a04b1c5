"""The ledger: who is entered, who decides, and the half year."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cases import followups, ledger, store
from bot.cases.ledger import ledger_table
from bot.cases.tables import CaseRow, LedgerRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, filed

HALF_YEAR = timedelta(days=180)
CALM: dict[str, Any] = {"carer": "grandparent", "ages": [9], "reason": ["working_away"]}
LEFT_BEHIND = {**CALM, "kind": "left_behind", "location": {"text": "某村", "adcode": "410105"}}


def registered(session: Any, facts: dict[str, Any] = LEFT_BEHIND, **more: Any) -> CaseRow:
    return filed(session, facts=facts, report_type="preregistration", **more)


def kinds(case: CaseRow) -> list[tuple[str, str]]:
    return [(entry.kind, entry.state) for entry in case.ledger]


def planned(case: CaseRow) -> dict[str, Any]:
    return {r.kind: r.due_at for r in followups.open_of(case) if r.rule.startswith("ledger:")}


@pytest.mark.parametrize(
    ("facts", "report_type", "expected"),
    [
        ({"kind": "left_behind"}, "preregistration", ["left_behind"]),
        ({"kind": "moving"}, "preregistration", ["moving"]),
        ({"kind": "in_difficulty"}, "preregistration", ["in_difficulty"]),
        ({"kind": "moving", "health": ["disabled"]}, "preregistration", ["moving", "in_difficulty"]),
        ({"health": ["disabled", "fever"]}, "unattended_child", ["in_difficulty"]),
        ({"needs": ["money"]}, "preregistration", ["in_difficulty"]),
        ({"needs": ["money"]}, "guardian_difficulty", []),
        ({"reason": ["deceased"]}, "unattended_child", ["orphan"]),
        *[
            ({"reason": [reason]}, "unattended_child", ["defacto_unsupported"])
            for reason in ("detained", "missing", "incapacitated", "refused")
        ],
        ({"reason": ["deceased", "missing"]}, "child_self", ["orphan", "defacto_unsupported"]),
        ({"reason": ["isolated"]}, "unattended_child", []),
        ({}, "preregistration", ["in_difficulty"]),
        ({}, None, []),
    ],
)  # fmt: skip
def test_the_facts_of_a_report_name_the_kinds(
    facts: dict[str, Any], report_type: str | None, expected: list[str]
) -> None:
    assert ledger_table().of(facts, report_type) == expected


def test_a_registration_becomes_a_candidate_to_be_looked_at_within_half_a_year(
    database: Database,
) -> None:
    with database.writing() as session:
        registered(session)
    with database.reading() as session:
        case = store.find(session, "HT-261121-AAAAA")
        assert case is not None
        (entry,) = case.ledger
        assert (entry.kind, entry.state, entry.region) == ("left_behind", "candidate", "410105")
        assert (entry.refreshed_at, entry.refresh_by) == (NOW, NOW + HALF_YEAR)
        assert planned(case) == {
            "next_look": NOW + HALF_YEAR,
            "reminder": NOW + HALF_YEAR - timedelta(days=14),
        }
        assert "ledger_entered" in [each.event for each in case.history]


def test_a_case_whose_reasons_change_is_entered_once_and_as_a_candidate(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        assert kinds(case) == []
        store.add_information(case, "他爸被抓了", {"reason": ["detained"]}, LATER)
        store.add_information(case, "他爸确实被抓了", {"reason": ["detained"]}, LATER)
        assert kinds(case) == [("defacto_unsupported", "candidate")]
        assert case.ledger[0].refresh_by == LATER + HALF_YEAR


def test_what_staff_removed_is_not_entered_again(database: Database) -> None:
    with database.writing() as session:
        case = registered(session)
        ledger.remove(case.ledger[0], "王干部", LATER)
        assert planned(case) == {}
        store.add_information(case, "门牌是8号", {}, LATER)
        assert kinds(case) == [("left_behind", "removed")]
        assert list(ledger.listed(session)) == []


def test_refreshing_begins_the_half_year_anew_and_does_the_look(database: Database) -> None:
    half_a_year_on = NOW + HALF_YEAR - timedelta(hours=1)
    with database.writing() as session:
        case = registered(session)
        ledger.confirm(case.ledger[0], "王干部", LATER)
        assert planned(case)["next_look"] == NOW + HALF_YEAR
        ledger.refresh(case.ledger[0], "王干部", half_a_year_on, "奶奶还在照看")
    with database.reading() as session:
        case = store.find(session, "HT-261121-AAAAA")
        assert case is not None
        (entry,) = case.ledger
        assert (entry.state, entry.refreshed_at) == ("confirmed", half_a_year_on)
        assert entry.refresh_by == half_a_year_on + HALF_YEAR
        assert planned(case)["next_look"] == entry.refresh_by
        (look,) = (r for r in case.followups if r.rule == ledger.LOOK and r.state == "done")
        assert look.record == {"words": "奶奶还在照看"}


@pytest.mark.parametrize("unclear", [{"danger": ["abuse"]}, {}])
def test_where_danger_is_told_or_may_be_there_nobody_is_written_to(
    database: Database, unclear: dict[str, Any]
) -> None:
    unanswered = {} if unclear else {"danger": "unknown"}
    with database.writing() as session:
        case = registered(session, {**LEFT_BEHIND, **unclear}, unanswered=unanswered)
        assert list(planned(case)) == ["next_look"]


def test_danger_told_later_calls_off_the_reminder(database: Database) -> None:
    with database.writing() as session:
        case = registered(session)
        assert "reminder" in planned(case)
        store.add_information(case, "他舅舅打他", {"danger": ["abuse"]}, LATER)
        assert list(planned(case)) == ["next_look"]


def test_after_half_a_year_an_entry_asks_to_be_refreshed(database: Database) -> None:
    with database.writing() as session:
        registered(session)
    with database.reading() as session:
        soon, due = NOW + HALF_YEAR - timedelta(seconds=1), NOW + HALF_YEAR
        assert list(ledger.listed(session, due=soon)) == []
        assert [entry.kind for entry in ledger.listed(session, due=due)] == ["left_behind"]
        looks = [r for r in followups.due_before(session, due) if r.rule == ledger.LOOK]
        assert len(looks) == 1
        assert followups.is_missed(looks[0], due + timedelta(days=1))


def test_a_case_of_two_kinds_is_looked_at_once_when_the_first_is_due(database: Database) -> None:
    with database.writing() as session:
        case = registered(session)
        store.add_information(case, "孩子有残疾证", {"health": ["disabled"]}, LATER)
        assert len(case.ledger) == 2
        assert planned(case)["next_look"] == NOW + HALF_YEAR
        ledger.refresh(case.ledger[1], "王干部", LATER + timedelta(days=9))
        looks = [row.state for row in case.followups if row.rule == ledger.LOOK]
        assert looks == ["planned"]  # the other kind is still to be looked at
        ledger.refresh(case.ledger[0], "王干部", LATER + timedelta(days=10))
        assert planned(case)["next_look"] == LATER + timedelta(days=9) + HALF_YEAR


def test_a_withdrawn_candidate_leaves_and_a_confirmed_child_stays(database: Database) -> None:
    with database.writing() as session:
        case = registered(session)
        store.withdraw(case, LATER)
        assert kinds(case) == [("left_behind", "removed")]
        assert followups.open_of(case) == []
        other = registered(session, case_no="HT-261121-BBBBB")
        ledger.confirm(other.ledger[0], "王干部", LATER)
        store.withdraw(other, LATER)
        assert kinds(other) == [("left_behind", "confirmed")]
        assert list(planned(other)) == ["next_look"]
        ledger.refresh(other.ledger[0], "王干部", LATER + timedelta(days=100))
        assert planned(other) == {"next_look": LATER + timedelta(days=100) + HALF_YEAR}


def test_the_list_is_narrowed_by_kind_and_region(database: Database) -> None:
    def found(**by: Any) -> list[str]:
        return [entry.case.case_no[-1] for entry in ledger.listed(session, **by)]

    with database.writing() as session:
        registered(session)
        filed(session, case_no="HT-261121-BBBBB", facts={**ALONE, "reason": ["missing"]}, at=LATER)
    with database.reading() as session:
        assert found() == ["A", "B"]
        assert found(kind="defacto_unsupported") == ["B"]
        assert found(region="41") == ["A"]
        assert found(region="4407", kind="left_behind") == []
        assert session.query(LedgerRow).count() == 2
