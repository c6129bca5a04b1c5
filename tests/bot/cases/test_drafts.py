"""A report that is being written is kept as it would be by objects."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.cases import drafts, store
from bot.cases.store import NumberTakenError, Told
from bot.cases.tables import CaseRow, ConversationRow
from bot.database import Database
from tests.support.cases import ALONE, LATER, NOW, conversation, told

_OWN = {"id", "conversation_id", "case_no", "version"}
TOLDS = (
    told(),
    told(facts={**ALONE, "danger": ["injury"]}),
    told(facts={}, report_type=None),
    told(cancelled=True),
    told(poster={"name": "丹井里社区", "adcode": "440703"}, facts={}),
)


def kept(
    database: Database, keep: Callable[..., Any], number: str, reports: tuple[Told, ...]
) -> dict[str, Any]:
    """What the database holds of a report after some turns."""
    with database.writing() as session:
        talk = conversation(session, number).id
    for told_now, now in zip(reports, (NOW, LATER), strict=True):
        with database.writing() as session:
            here = session.get(ConversationRow, talk)
            keep(session, here, replace(told_now, case_no=number), now)
    with database.reading() as session:
        row = store.find(session, number)
        assert row is not None and row.version == len(reports)
        names = {column.key for column in CaseRow.__table__.columns} - _OWN
        history = [(line.at, line.actor, line.event, line.detail) for line in row.history]
        return {**{name: getattr(row, name) for name in names}, "history": history}


@pytest.mark.parametrize("first", TOLDS)
@pytest.mark.parametrize("then", TOLDS[:3])
def test_it_is_the_same_case_as_by_objects(database: Database, first: Told, then: Told) -> None:
    by_statements = kept(database, drafts.keep, "HT-261121-AAAAA", (first, then))
    by_objects = kept(database, store.save, "HT-261121-BBBBB", (first, then))
    assert by_statements == by_objects


def test_the_facts_of_the_turn_before_are_told(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        first = drafts.keep(session, talk, told(), NOW)
        second = drafts.keep(session, talk, told(facts={}), LATER)
    assert first is not None and first.was is None
    assert second is not None and second.was == store.facts_of(told()) and second.id == first.id


def test_a_case_that_is_no_draft_any_more_is_left_alone(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        row = store.save(session, talk, told(filed=True), NOW)
        session.flush()
        assert drafts.keep(session, talk, told(facts={}), LATER) is None
        session.refresh(row)
        assert row.facts["facts"] == ALONE


def test_a_number_of_somebody_else_is_refused(database: Database) -> None:
    with database.writing() as session:
        drafts.keep(session, conversation(session, "a"), told(), NOW)
        with pytest.raises(NumberTakenError):
            drafts.keep(session, conversation(session, "b"), told(), NOW)
