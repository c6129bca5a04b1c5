"""A report from its first draft to its end, in the database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.cases import store
from bot.cases.tables import CaseRow, HistoryRow, TranscriptRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, ODD, conversation, filed, line, told


def told_of(row: CaseRow) -> list[HistoryRow]:
    """The history of the report, without the plan that follows from it."""
    return [entry for entry in row.history if not entry.event.startswith("followup")]


def events(row: CaseRow) -> list[str]:
    return [entry.event for entry in told_of(row)]


def test_an_unfinished_report_is_kept_as_a_draft_that_already_has_a_level(
    database: Database,
) -> None:
    with database.writing() as session:
        store.save(session, conversation(session), told(), NOW)
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert (row.status, row.submitted_at, row.level) == ("draft", None, "high")
        assert events(row) == ["begun"]
        assert row.created_at == NOW


def test_a_draft_becomes_one_new_case_when_it_is_filed(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        store.save(session, talk, told(), NOW)
        store.save(session, talk, told(filed=True, facts={**ALONE, "ages": [2]}), LATER)
    with database.reading() as session:
        (row,) = store.listed(session)
        assert (row.status, row.created_at, row.submitted_at) == ("new", NOW, LATER)
        assert (row.level, row.due_at) == ("critical", LATER + timedelta(minutes=30))
        assert (row.unit, row.region) == ("committee", "440705")
        assert row.assessment["referrals"] == ["township"]
        assert row.facts["narrative"] == "两个孩子没人管"
        assert events(row) == ["begun", "submitted", "assessed"]
        assert told_of(row)[-1].detail == {"level": "critical", "unit": "committee"}
        assert [entry.at for entry in told_of(row)] == [NOW, LATER, LATER]


def test_filing_twice_does_not_submit_twice_or_move_the_time(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        store.save(session, talk, told(filed=True), NOW)
        row = store.save(session, talk, told(filed=True), LATER)
        assert (row.submitted_at, row.due_at) == (NOW, NOW + timedelta(hours=2))
        assert events(row).count("submitted") == 1


def test_two_cases_never_share_a_number(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        talk = conversation(session)
        store.save(session, talk, told(), NOW)
        session.add(
            CaseRow(
                case_no="HT-261121-AAAAA",
                conversation_id=talk.id,
                status="draft",
                channel="web",
                language="zh_Hans",
                questionnaire="1",
                created_at=NOW,
                updated_at=NOW,
                facts={},
            )
        )


def test_odd_characters_in_a_report_survive(database: Database) -> None:
    facts = {**ALONE, "name": ODD, "location": {"text": ODD}}
    with database.writing() as session:
        filed(session, facts=facts, narrative=[ODD, "完"])
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert row.facts["facts"] == facts
        assert row.facts["narrative"] == f"{ODD}\n完"


def add(database: Database, text: str, more: dict[str, Any], **report: Any) -> CaseRow:
    with database.writing() as session:
        filed(session, **report)
    with database.writing() as session:
        store.add_information(store.find(session, "HT-261121-AAAAA"), text, more, LATER)
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert told_of(row)[-1].event == "information_added"
        return row


def test_worse_news_raises_the_level_and_starts_the_shorter_time(database: Database) -> None:
    row = add(database, "小的流血了", {"danger": ["injury"]})
    assert (row.level, row.unit) == ("critical", "police")
    assert row.due_at == LATER + timedelta(minutes=30)
    assert row.status == "new"
    assert row.facts["narrative"] == "两个孩子没人管\n小的流血了"


def test_the_history_says_what_was_added_and_what_it_changed(database: Database) -> None:
    with database.writing() as session:
        row = filed(session)
        store.add_information(row, "发烧了", {"health": ["fever"]}, LATER)
        assert told_of(row)[-1].detail == {
            "level_before": "high",
            "level": "critical",
            "facts": ["health"],
        }
        assert told_of(row)[-1].actor == "reporter"


def test_a_word_more_never_gives_anybody_longer_to_look(database: Database) -> None:
    row = add(database, "他们住三楼", {})
    assert (row.level, row.due_at) == ("high", NOW + timedelta(hours=2))


def test_more_danger_in_a_case_that_is_critical_already_does_not_reset_its_time(
    database: Database,
) -> None:
    facts = {**ALONE, "danger": ["no_food"]}
    row = add(database, "还有人打他", {"danger": ["violence"]}, facts=facts)
    assert row.due_at == NOW + timedelta(minutes=30)
    assert row.facts["facts"]["danger"] == ["no_food", "violence"]


def test_a_grown_up_who_came_lowers_the_level(database: Database) -> None:
    row = add(database, "奶奶来了，还是请你们来", {"carer": "grandparent"})
    assert (row.level, row.unit) == ("low", "committee")
    assert row.due_at > NOW + timedelta(hours=24)


def test_added_needs_grow_the_list_and_added_ages_replace_it(database: Database) -> None:
    facts = {**ALONE, "needs": ["food"]}
    row = add(
        database, "还缺药，一个四岁一个七岁", {"needs": ["medicine"], "ages": [4, 7]}, facts=facts
    )
    assert row.facts["facts"]["needs"] == ["food", "medicine"]
    assert row.facts["facts"]["ages"] == [4, 7]


def test_a_child_who_fell_ill_is_not_called_healthy_any_more(database: Database) -> None:
    row = add(database, "老大发烧了", {"health": ["fever"]})
    assert row.facts["facts"]["health"] == ["fever"]


def test_what_was_unknown_is_not_unknown_once_it_was_added(database: Database) -> None:
    facts = {**ALONE, "carer": "grandparent", "reason": ["working_away"]}
    row = add(
        database, "要交学费", {"needs": ["money"]}, facts=facts, unanswered={"needs": "unknown"}
    )
    assert row.facts["unanswered"] == {}
    assert row.level == "low"


def test_an_empty_addition_leaves_the_account_as_it_was(database: Database) -> None:
    assert add(database, "", {}).facts["narrative"] == "两个孩子没人管"


def test_a_withdrawn_case_stays_in_the_files(database: Database) -> None:
    with database.writing() as session:
        store.withdraw(filed(session), LATER)
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert (row.status, row.updated_at) == ("withdrawn", LATER)
        assert events(row)[-1] == "withdrawn"
        assert row.facts["facts"] == ALONE


def test_a_case_gets_the_lines_of_its_own_talk_only(database: Database) -> None:
    with database.writing() as session:
        talk, other = conversation(session, "a"), conversation(session, "b")
        row = store.save(session, talk, told(), NOW)
        line(session, talk, "以前的闲聊")
        first = line(session, talk, "两个孩子没人管")
        line(session, other, "别人的话")
        line(session, talk, "在哪里？", sender="bot")
        store.take_transcript(session, row.id, talk.id, first.id)
    with database.reading() as session:
        row = store.find(session, "HT-261121-AAAAA")
        assert [entry.text for entry in row.transcript] == ["两个孩子没人管", "在哪里？"]


def test_a_second_report_does_not_take_the_lines_of_the_first(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        first = store.save(session, talk, told(filed=True), NOW)
        line(session, talk, "第一份")
        store.take_transcript(session, first.id, talk.id, 0)
        second = store.save(session, talk, told(case_no="HT-261121-BBBBB"), NOW)
        line(session, talk, "第二份")
        store.take_transcript(session, second.id, talk.id, 0)
    with database.reading() as session:
        owners = {entry.text: entry.case_id for entry in session.query(TranscriptRow)}
        assert owners == {"第一份": first.id, "第二份": second.id}


def test_a_person_finds_their_own_filed_cases_the_newest_first(database: Database) -> None:
    with database.writing() as session:
        mine, other = conversation(session, "a"), conversation(session, "b")
        for owner, number, done in (
            (mine, "AAAAA", True),
            (mine, "BBBBB", True),
            (mine, "CCCCC", False),
            (other, "DDDDD", True),
        ):
            report = told(case_no=f"HT-261121-{number}", filed=done)
            store.save(session, owner, report, NOW)
        session.flush()
        numbers = [row.case_no[-5:] for row in store.of_person(session, mine.id)]
    assert numbers == ["BBBBB", "AAAAA"]


def test_cases_are_listed_the_oldest_first_and_by_status(database: Database) -> None:
    with database.writing() as session:
        for letter in "ABC":
            filed(session, case_no=f"HT-261121-{letter * 5}")
        store.withdraw(store.find(session, "HT-261121-BBBBB"), LATER)
    with database.reading() as session:
        assert [row.case_no[-1] for row in store.listed(session)] == ["A", "B", "C"]
        assert [row.case_no[-1] for row in store.listed(session, "new")] == ["A", "C"]
        assert list(store.listed(session, "closed")) == []


def test_a_failure_in_the_middle_leaves_nothing_of_a_case_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        filed(session)
        raise RuntimeError("the power went off")
    with database.reading() as session:
        assert list(store.listed(session)) == []
