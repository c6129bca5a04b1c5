"""An answer to a reminder changes its case."""

from datetime import timedelta
from typing import Any

import pytest

from bot.cases import followups, store
from bot.cases.asked import Answered, take_answer
from bot.cases.tables import CaseRow, FollowupRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, filed


def asked(case: CaseRow) -> FollowupRow:
    """The reminder of the plan, sent."""
    (row,) = (r for r in case.followups if r.kind == "reminder")
    followups.done(row, "bot", LATER)
    return row


def answer(case: CaseRow, row: FollowupRow, kind: str, text: str, **facts: Any) -> None:
    take_answer(case, Answered(row.id, kind, text, facts), LATER)


def test_somebody_is_there_and_the_case_is_less_urgent_but_verified(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        row = asked(case)
        answer(case, row, "there", "有人了，奶奶来了", carer="grandparent")
        assert (case.level, case.facts["facts"]["carer"]) == ("low", "grandparent")
        assert row.record["answer"] == {
            "answer": "there", "text": "有人了，奶奶来了", "at": LATER.isoformat(),
        }  # fmt: skip
        visits = [r.due_at for r in followups.open_of(case) if r.kind == "phone_visit"]
        assert min(visits) == LATER + timedelta(days=1)
        happened = [entry.event for entry in case.history]
        assert happened.index("information_added") < happened.index("followup_answered")
        assert case.facts["narrative"].endswith("有人了，奶奶来了")


@pytest.mark.parametrize(("before", "after"), [("nobody", "other"), ("sibling", "other"), ("teacher", "teacher")])  # fmt: skip
def test_a_bare_word_that_somebody_is_there_tells_of_a_grown_up(
    database: Database, before: str, after: str
) -> None:
    with database.writing() as session:
        case = filed(session, facts={**ALONE, "carer": before})
        row = followups.schedule(case, "reminder", NOW, "staff", NOW, says="carer_now")
        session.flush()
        answer(case, row, "there", "有人了")
        assert case.facts["facts"]["carer"] == after


def test_nobody_yet_keeps_the_level_and_has_somebody_look_today(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        for row in followups.open_of(case):
            if row.kind == "next_look":
                followups.done(row, "王干部", LATER, "打过电话")
        answer(case, asked(case), "not_yet", "还没有")
        assert case.level == "high"
        due = {row.rule: row.due_at for row in followups.open_of(case)}
        assert due["answer:not_yet.next_look"] == LATER + timedelta(hours=2)
        assert due["answer:not_yet.reminder"] == LATER + timedelta(days=1)


def test_nobody_yet_makes_a_case_urgent_whose_carer_has_gone(database: Database) -> None:
    with database.writing() as session:
        case = filed(session, facts={**ALONE, "carer": "neighbour"})
        assert case.level == "low"
        row = followups.schedule(case, "reminder", NOW, "staff", NOW, says="carer_now")
        session.flush()
        answer(case, row, "not_yet", "还没有，邻居走了")
        assert (case.level, case.facts["facts"]["carer"]) == ("high", "nobody")
        assert case.due_at == LATER + timedelta(hours=2)


def test_a_big_sister_is_not_forgotten_over_a_no(database: Database) -> None:
    with database.writing() as session:
        case = filed(session, facts={**ALONE, "ages": [5, 12], "carer": "sibling"})
        row = followups.schedule(case, "reminder", NOW, "staff", NOW, says="carer_now")
        session.flush()
        answer(case, row, "not_yet", "还没有")
        assert case.facts["facts"]["carer"] == "sibling"


def test_a_change_brings_its_facts(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        answer(case, asked(case), "changed", "情况变了，发烧了", health=["fever"])
        assert case.level == "critical"
        assert case.facts["facts"]["carer"] == "nobody"


def test_an_answer_to_a_withdrawn_case_is_kept_and_plans_nothing(database: Database) -> None:
    with database.writing() as session:
        case = filed(session)
        row = asked(case)
        store.withdraw(case, LATER)
        answer(case, row, "not_yet", "还没有")
        assert row.record["answer"]["text"] == "还没有"
        assert followups.open_of(case) == []
