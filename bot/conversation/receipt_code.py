"""The receipt code on its way out: shown once, and then nowhere any more.

The reply that brings it holds it until it has left; the transcript, which staff read, never does.
The web page reads its lines from the transcript, so for a quarter of an hour it gets this one from
the outbox.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import receipt_codes, store
from bot.cases.tables import OutboxRow, TranscriptRow
from bot.conversation.messages import Button, Reply
from bot.texts import texts

SHOWN = timedelta(minutes=15)
"""How long the web page shows a code that was sent."""
_ONCE = "once"
_HIDDEN = "····-····"


def hand_out(
    session: Session, conversation_id: int, case_no: str, language: str, hashed: Any
) -> None:
    """Put a code for the case that was filed just now under the reply that names its number."""
    case = store.find(session, case_no)
    session.flush()
    found = _reply_with(session, conversation_id, case_no)
    if case is None or found is None:
        return
    sent, line = found
    t, code = texts(language), receipt_codes.give(session, case, hashed)
    shown = t(
        "查询码：{code}，只显示这一次。换了手机或聊天，发“/status {case_no} {code}”也能查进度。",
        code=code,
        case_no=case_no,
    )
    text = sent.reply["text"]
    sent.reply = {**sent.reply, "text": f"{text}\n{shown}", _ONCE: code}
    sent.transcript_id = line.id
    line.text = f"{text}\n{shown.replace(code, _HIDDEN)}"


def hide(row: OutboxRow) -> None:
    """Take the code out of a reply that has left."""
    code = row.reply.get(_ONCE)
    if code:
        reply = Reply(row.reply["text"].replace(code, _HIDDEN), _buttons(row.reply))
        row.reply = asdict(reply)


def hide_shown(session: Session, now: datetime) -> int:
    """Take the codes out of replies that the web page has shown for long enough; how many."""
    query = select(OutboxRow).where(
        OutboxRow.transcript_id.is_not(None),
        OutboxRow.sent_at.is_not(None),
        OutboxRow.sent_at < now - SHOWN,
        OutboxRow.sent_at > now - timedelta(days=30),
    )
    count = 0
    for row in session.execute(query).scalars():
        if row.reply.get(_ONCE):
            hide(row)
            count += 1
    return count


def _reply_with(
    session: Session, conversation_id: int, case_no: str
) -> tuple[OutboxRow, TranscriptRow] | None:
    """The newest reply and line that name a case."""
    replies = select(OutboxRow).where(OutboxRow.conversation_id == conversation_id)
    lines = select(TranscriptRow).where(
        TranscriptRow.conversation_id == conversation_id, TranscriptRow.sender == "bot"
    )
    sent = session.execute(replies.order_by(OutboxRow.id.desc()).limit(5)).scalars().all()
    said = session.execute(lines.order_by(TranscriptRow.id.desc()).limit(5)).scalars().all()
    # the first reply of the turn that names it: the later ones may quote it
    named = [row for row in reversed(sent) if case_no in row.reply["text"]]
    for row in named:
        for line in said:
            if line.text == row.reply["text"]:
                return row, line
    return None


def _buttons(reply: dict[str, Any]) -> tuple[Button, ...]:
    return tuple(Button(**button) for button in reply["buttons"])
