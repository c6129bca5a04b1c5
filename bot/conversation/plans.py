"""What an open report was begun with: named in the conversation's state, kept once in a table.

A walk's own copy of its questions is eight thousand characters; sealed with the state and opened
at every turn it took a tenth of one. A report that follows the questionnaire in force only names
it. One that outlives its questionnaire gets its words from the table, and then carries them itself.
"""

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.tables import PlanRow
from bot.cases.vocabulary import REPORT_TYPES
from bot.database import Database
from bot.walks.questionnaire import Plan

logger = logging.getLogger(__name__)
State = dict[str, Any]


def keep_in_force(database: Database) -> None:
    """Put the plans of the questionnaire in force into the table, where they are new."""
    plans = [Plan.of(walk, None) for walk in (None, *REPORT_TYPES)]
    with database.reading() as session:
        known = set(session.execute(select(PlanRow.name)).scalars())
    for name, plan in {plan.name: plan for plan in plans}.items():
        if name not in known:
            _keep(database, name, plan)


def _keep(database: Database, name: str, plan: Plan) -> None:
    try:
        with database.writing() as session:
            session.add(PlanRow(name=name, words=plan.to_json()))
    except IntegrityError:
        return  # another worker that starts was faster


def named(state: State) -> State:
    """The state to write: a plan that is in force is its name."""
    report = _report(state)
    if isinstance(report.get("plan"), dict):
        plan = Plan.of(report.get("walk"), None)
        if report["plan"] == plan.to_json():
            return _with(state, report, plan.name)
    return state


def worded(session: Session, state: State) -> State:
    """The state as it was read, with the plan's words in it: whoever asks a report for its questions needs them."""
    report = _report(state)
    name = report.get("plan")
    if not isinstance(name, str):
        return state
    plan = Plan.of(report.get("walk"), None)
    if name == plan.name:
        return _with(state, report, plan.to_json())
    words = session.execute(select(PlanRow.words).where(PlanRow.name == name)).scalar()
    if words is None:
        logger.error("a report's plan is not there; it goes on with the one in force")
    return _with(state, report, words or plan.to_json())


def _report(state: State) -> dict[str, Any]:
    return (state.get("slots") or {}).get("report") or {}


def _with(state: State, report: dict[str, Any], plan: Any) -> State:
    return {**state, "slots": {**state["slots"], "report": {**report, "plan": plan}}}
