"""What an open report was begun with: a name in the state, the words in a table."""

import copy
import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.tables import ConversationRow, PlanRow
from bot.cases.vocabulary import REPORT_TYPES
from bot.conversation import plans
from bot.conversation.talk import Talk
from bot.database import Database
from bot.walks.draft import Draft
from bot.walks.questionnaire import Plan
from tests.bot.conversation.conftest import Core


def state_of(walk: str, plan: Any = None) -> dict[str, Any]:
    """A conversation's state in the middle of a report."""
    draft = Draft(facts={"child_count": 2})
    draft.begin(walk)
    report = draft.to_json()
    return {"slots": {"report": {**report, "plan": plan or report["plan"]}, "language": "zh_Hans"}}


def older(walk: str) -> Plan:
    """What a report was begun with before the questionnaire was edited."""
    words = copy.deepcopy(Plan(walk).to_json())
    words["version"] = "0"
    return Plan(walk, words)


@pytest.mark.parametrize("walk", REPORT_TYPES)
def test_a_report_that_follows_the_questionnaire_in_force_only_names_it(
    database: Database, walk: str
) -> None:
    state = state_of(walk)
    kept = plans.named(state)
    assert len(json.dumps(kept)) < len(json.dumps(state)) / 4
    with database.reading() as session:
        assert plans.worded(session, json.loads(json.dumps(kept))) == state


def test_a_report_that_outlives_its_questionnaire_goes_on_with_its_own_words(
    database: Database,
) -> None:
    plan = older("unattended_child")
    with database.writing() as session:
        session.add(PlanRow(name=plan.name, words=plan.to_json()))
    with database.reading() as session:
        found = plans.worded(session, state_of("unattended_child", plan.name))
    assert Draft.from_json(found["slots"]["report"]).script.version == "0"
    assert plans.named(found) == found  # the table need not be asked again


def test_a_report_whose_words_are_gone_goes_on_with_those_in_force(database: Database) -> None:
    with database.reading() as session:
        found = plans.worded(session, state_of("unattended_child", "0" * 16))
    assert found == state_of("unattended_child")


@pytest.mark.parametrize("state", [{}, {"slots": {}}, {"slots": {"report": None}}])
def test_who_reports_nothing_has_no_plan(database: Database, state: dict[str, Any]) -> None:
    with database.reading() as session:
        assert plans.worded(session, state) == state
    assert plans.named(state) == state


def test_every_plan_in_force_is_kept_once(database: Database) -> None:
    for _ in range(2):
        plans.keep_in_force(database)
    with database.reading() as session:
        kept = dict(session.execute(select(PlanRow.name, PlanRow.words)).all())
    assert {walk: kept[Plan(walk).name] for walk in REPORT_TYPES} == {
        walk: Plan(walk).to_json() for walk in REPORT_TYPES
    }


def test_a_turn_writes_the_name_and_the_next_one_reads_the_words(core: Core) -> None:
    seen: list[Any] = []

    class Reporting:
        async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
            seen.append(talk.slots.get("report"))
            talk.slots = state_of("child_self")["slots"]
            return talk

    core.turns._talker = Reporting()
    for number in ("1", "2"):
        conversation = core.takes("我饿", number)
        core.turns.handle(core.inbox.next_open(conversation or 0) or 0)
    with core.database.reading() as session:
        state = session.execute(select(ConversationRow.state)).scalar_one()
    assert state["slots"]["report"]["plan"] == Plan("child_self").name
    assert seen == [None, state_of("child_self")["slots"]["report"]]
