"""What an action asks for beside its replies, carried out in the transaction of the turn."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.asked import Answered, take_answer
from bot.cases.tables import CaseRow, TranscriptRow


def carry_out(
    session: Session,
    conversation: Any,
    effect: dict[str, Any],
    here: tuple[int, str | None],
    now: datetime,
) -> CaseRow | None:
    """Carry out what an action asked for; the case that it changed what is known of, if any.

    Args:
        conversation: its ``id`` is asked, its ``attention`` asked and set.
        here: the message and the report it came in.
    """
    inbox_id, open_report = here
    case = store.find(session, effect.get("case_no") or open_report or "")
    if effect["kind"] == "attention":
        if conversation.attention != "danger":
            conversation.attention = effect["why"]
        if case is not None:
            store.note(case, now, "reporter", "attention", effect["why"])
        return None
    if case is None or case.conversation_id != conversation.id:
        return None
    session.execute(
        update(TranscriptRow)
        .where(TranscriptRow.inbox_id == inbox_id, TranscriptRow.case_id.is_(None))
        .values(case_id=case.id)
        .execution_options(synchronize_session=False)
    )
    if effect["kind"] == "add":
        store.add_information(case, effect["text"], effect["facts"], now)
    elif effect["kind"] == "followup":
        take_answer(case, Answered.from_json(effect), now)
    elif effect["kind"] == "withdraw":
        store.withdraw(case, now)
    return case
