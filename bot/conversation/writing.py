"""What a turn writes, by statements made once: the lines, the replies, the case, the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.cases import drafts, search, store
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.conversation import plans
from bot.conversation.doubt import corrected, doubt_of, mark_corrected
from bot.conversation.holding import case_of
from bot.conversation.messages import PAGE, Reply
from bot.conversation.receipt_code import HandedOut
from bot.conversation.understanding import Understood
from bot.prepared import LOCKED, Prepared, Transaction
from bot.walks.draft import Draft

_TALKS, _INBOX = ConversationRow.__table__, InboxRow.__table__
_LOCK = Prepared(
    select(ConversationRow.version, ConversationRow.attention)
    .where(ConversationRow.id == bindparam("number"))
    .with_for_update(**LOCKED)
)
_DONE = Prepared(
    update(_INBOX)
    .where(_INBOX.c.id == bindparam("number"), _INBOX.c.done_at.is_(None))
    .values(done_at=bindparam("now"))
)
_LINE = Prepared(
    insert(TranscriptRow.__table__),
    (
        "conversation_id", "case_id", "at", "sender", "text", "buttons", "intent", "confidence",
        "entities", "inbox_id", "doubt",
    ),
)  # fmt: skip
_REPLY = Prepared(
    insert(OutboxRow.__table__),
    ("conversation_id", "reply", "created_at", "transcript_id", "sent_at"),
)
_TALK = Prepared(
    update(_TALKS).where(_TALKS.c.id == bindparam("number")).values(version=_TALKS.c.version + 1),
    ("state", "language", "attention", "updated_at"),
)
_NOBODY = {"case_id": None, "intent": None, "confidence": None, "entities": None, "doubt": None}


@dataclass
class Conversation:
    """A conversation in the hands of a turn; what the turn changes of it is written at its end."""

    id: int
    channel: str
    language: str
    attention: str | None
    state: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of the transcript that was just written."""

    id: int
    conversation_id: int
    text: str


def lock(session: Transaction, number: int, version: int) -> tuple[str | None] | None:
    """Lock a conversation; its attention, or nothing when it is not the one that was read."""
    found = session.row(_LOCK, number=number)
    return (found[1],) if found and found[0] == version else None


def mark_done(session: Transaction, inbox_id: int, now: datetime) -> bool:
    """Mark a message as answered; false when it was."""
    return bool(session.change(_DONE, number=inbox_id, now=now))


def write_talk(session: Transaction, talk: Conversation, now: datetime) -> None:
    """Write what a turn changed of its conversation."""
    session.change(
        _TALK,
        number=talk.id,
        state=plans.named(talk.state),
        language=talk.language,
        attention=talk.attention,
        updated_at=now,
    )


def write_heard(
    session: Transaction,
    talk: Conversation,
    message: tuple[int, datetime],
    said: Understood,
    reports: tuple[Draft, Draft],
    held: bool,
) -> Line:
    """Write the line of a message, with what was perhaps misunderstood in it and before it.

    Args:
        message: its id in the inbox, and when it was sent.
        reports: the report before and after.
        held: whether a person holds the chat; then the line belongs to the case they look at.
    """
    case = case_of(session, talk.id) if held else None
    number = session.insert(
        _LINE,
        conversation_id=talk.id,
        case_id=case.id if case else None,
        at=message[1],
        sender="reporter",
        text=said.text,
        buttons=None,
        intent=said.read_as or said.intent or None,
        confidence=said.confidence,
        entities=said.entities or None,
        inbox_id=message[0],
        doubt=doubt_of(said, *reports),
    )
    mark_corrected(session, talk.id, corrected(*reports))
    return Line(number, talk.id, said.text)


def write_replies(
    session: Transaction,
    talk: Conversation,
    replies: Sequence[Reply],
    handed: HandedOut | None,
    now: datetime,
) -> None:
    """Write the replies into the transcript and the outbox, in their order.

    A page reads them itself: with the commit they have left.

    Args:
        handed: the reply among them that brings a code, if one does.
    """
    for place, reply in enumerate(replies):
        content, text, linked = reply.to_json(), reply.text, None
        if handed is not None and handed.place == place:
            content, text = handed.reply, handed.text
        number = session.insert(
            _LINE,
            **_NOBODY,
            conversation_id=talk.id,
            at=now,
            sender="bot",
            text=text,
            buttons=content["buttons"] or None,
            inbox_id=None,
        )
        if handed is not None and handed.place == place:
            linked = number
        session.insert(
            _REPLY,
            conversation_id=talk.id,
            reply=content,
            created_at=now,
            transcript_id=linked,
            sent_at=now if talk.channel == PAGE else None,
        )


@dataclass(frozen=True)
class Kept:
    """The case of the report that is being told; ``filed`` is the same if it was filed just now."""

    case: CaseRow | drafts.Draft
    filed: CaseRow | None = None

    def fresh(self) -> list[str]:
        """The texts by which the case is found since this turn."""
        before: set[str] = set()
        if isinstance(self.case, drafts.Draft) and self.case.was:
            before = set(search.told_in(_Was(self.case.case_no, self.case.was)))
        return [text for text in search.told_in(self.case) if text not in before]


@dataclass(frozen=True)
class _Was:
    """A case as it was before this turn."""

    case_no: str
    facts: dict[str, Any]


def keep_case(session: Transaction, talk: Conversation, told: store.Told, now: datetime) -> Kept:
    """Write the report down as a case.

    Raises:
        bot.cases.store.NumberTakenError: the report's number is that of somebody else's case.
    """
    draft = None if told.filed else drafts.keep(session, talk, told, now)
    if draft is not None:
        return Kept(draft)
    case = store.save(session, talk, told, now)
    session.flush()
    return Kept(case, case if told.filed else None)
