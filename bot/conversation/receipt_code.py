"""The receipt code on its way out: shown once, and then nowhere any more.

The reply that brings it holds it until it has left; the transcript, which staff read, never does.
The web page reads its lines from the transcript, so for a quarter of an hour it gets this one from
the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import receipt_codes
from bot.cases.tables import CaseRow, OutboxRow
from bot.conversation.messages import Reply
from bot.prepared import Transaction
from bot.texts import texts

SHOWN = timedelta(minutes=15)
"""How long the web page shows a code that was sent."""
_ONCE = "once"
_HIDDEN = "····-····"


@dataclass(frozen=True)
class HandedOut:
    """The reply that brings a code.

    ``place`` is its place among the replies of the turn, ``reply`` what is put into the outbox,
    ``text`` what stands in the transcript.
    """

    place: int
    reply: dict[str, Any]
    text: str


def hand_out(
    session: Transaction, case: CaseRow, replies: Sequence[Reply], language: str, hashed: Any
) -> HandedOut | None:
    """A code for the case that was filed just now, under the first reply that names its number."""
    number = case.case_no
    place = next((place for place, each in enumerate(replies) if number in each.text), None)
    if place is None:
        return None
    t, code = texts(language), receipt_codes.give(session, case, hashed)
    shown = t(
        "查询码：{code}，只显示这一次。换了手机或聊天，发“/status {case_no} {code}”也能查进度。",
        code=code,
        case_no=number,
    )
    reply = replies[place].to_json()
    text = reply["text"]
    return HandedOut(
        place,
        {**reply, "text": f"{text}\n{shown}", _ONCE: code},
        f"{text}\n{shown.replace(code, _HIDDEN)}",
    )


def without_code(reply: dict[str, Any]) -> dict[str, Any] | None:
    """A reply with its code taken out; ``None`` where there is none in it."""
    code = reply.get(_ONCE)
    if not code:
        return None
    return {"text": reply["text"].replace(code, _HIDDEN), "buttons": reply["buttons"]}


def hide_shown(session: Session, now: datetime, since: datetime | None = None) -> int:
    """Take the codes out of replies that the web page has shown for long enough; how many.

    Args:
        since: when all had been taken out before, if that is known.
    """
    since = since or now - timedelta(days=30)
    query = select(OutboxRow).where(
        OutboxRow.transcript_id.is_not(None),
        OutboxRow.sent_at.is_not(None),
        OutboxRow.sent_at < now - SHOWN,
        OutboxRow.sent_at >= since - SHOWN,
    )
    count = 0
    for row in session.execute(query).scalars():
        if hidden := without_code(row.reply):
            row.reply = hidden
            count += 1
    return count
