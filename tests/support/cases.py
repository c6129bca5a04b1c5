"""Builders for conversations and reports, as the dialogue hands them to the case layer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.tables import CaseRow, ConversationRow, TranscriptRow
from bot.clock import SHANGHAI

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI)
LATER = NOW + timedelta(minutes=20)

ALONE: dict[str, Any] = {
    "relation": "neighbour",
    "danger": [],
    "child_count": 2,
    "ages": [5, 6],
    "carer": "nobody",
    "since": "2026-11-21T08:00:00+08:00",
    "reason": ["isolated"],
    "health": ["healthy"],
    "location": {"text": "幸福小区3号楼", "county": "新会区", "adcode": "440705"},
}
"""Two children of five and six, alone since this morning: high, by their age."""

ODD = "他说：\x00\ud83c 😀 𠮷 \u202e‮“引号”\n=1+1\t\\u0000"
"""NUL, a lone surrogate, an astral character, a direction mark, a line break, a formula."""


def conversation(session: Session, person: str = "a", **values: Any) -> ConversationRow:
    """A conversation that is already in the database."""
    row = ConversationRow(
        **{
            "channel": "web",
            "person": person,
            "address": person,
            "language": "zh_Hans",
            "created_at": NOW,
            "updated_at": NOW,
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row


def told(**changes: Any) -> store.Told:
    """A neighbour's report, not filed yet."""
    report = store.Told(
        case_no="HT-261121-AAAAA",
        report_type="unattended_child",
        questionnaire="1",
        facts=dict(ALONE),
        unanswered={},
        sources={},
        narrative=["两个孩子没人管"],
        filed=False,
    )
    return replace(report, **changes)


def filed(session: Session, at: datetime = NOW, **changes: Any) -> CaseRow:
    """A filed case in a conversation of its own."""
    report = told(**{"filed": True, **changes})
    row = store.save(session, conversation(session, report.case_no), report, at)
    session.flush()
    return row


def line(session: Session, talk: ConversationRow, text: str, **values: Any) -> TranscriptRow:
    """A line of a transcript that is already in the database."""
    row = TranscriptRow(
        **{"conversation_id": talk.id, "at": NOW, "sender": "reporter", "text": text, **values}
    )
    session.add(row)
    session.flush()
    return row
