"""The tables. Alembic makes them (``bot/migrations``); nothing here creates anything."""

from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import declarative_base, relationship

from bot.cases.sealed import Moment, Sealed

Base: Any = declarative_base()


def _only(condition: str) -> dict[str, Any]:
    """Lets an index hold the few rows that are ever looked for by it."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


_OPEN = _only("urgency IS NOT NULL")
WORDED = "sender = 'reporter' AND (confidence < 1.0 OR doubt IS NOT NULL)"
"""The condition for lines that a reporter wrote in words: a button needs no understanding."""


class ConversationRow(Base):
    """One person on one channel, and where the talk with them stands.

    ``person`` is a keyed hash of the address, for look-up; ``address`` is the address itself.
    ``state`` is the dialogue's state; ``version`` counts its changes and guards against two
    turns at once. ``attention`` says why staff should look although no case is filed:
    ``danger``, ``human`` or null. While ``held_by`` names a member of staff, that person talks
    and the bot is silent.
    """

    __tablename__ = "conversation"
    id = Column(Integer, primary_key=True)
    channel = Column(String(20), nullable=False)
    person = Column(String(64), nullable=False)
    address = Column(Sealed("conversation.address"), nullable=False)
    state = Column(Sealed("conversation.state"))
    language = Column(String(12), nullable=False, default="zh_Hans")
    attention = Column(String(12))
    held_by = Column(String(40))
    held_at = Column(Moment)
    version = Column(Integer, nullable=False, default=0)
    created_at = Column(Moment, nullable=False)
    updated_at = Column(Moment, nullable=False)
    __table_args__ = (
        UniqueConstraint("channel", "person"),
        Index("conversation_attention", "attention", "updated_at"),
        Index("conversation_held", "held_by"),
    )
    __mapper_args__: ClassVar = {"version_id_col": version}


class PlanRow(Base):
    """What reports are begun with: a walk's own copy of its questions, under its digest.

    No secret; sealed all the same, so that no word that people may write lies anywhere in the clear.
    """

    __tablename__ = "plan"
    name = Column(String(16), primary_key=True)
    words = Column(Sealed("plan.words"), nullable=False)


class InboxRow(Base):
    """A message as it came in; ``done_at`` is set by the turn that answered it."""

    __tablename__ = "inbox"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversation.id"), nullable=False)
    channel = Column(String(20), nullable=False)
    message_key = Column(String(64), nullable=False)
    message = Column(Sealed("inbox.message"), nullable=False)
    received_at = Column(Moment, nullable=False)
    tries = Column(Integer, nullable=False, default=0)
    done_at = Column(Moment)
    __table_args__ = (
        UniqueConstraint("channel", "message_key"),
        Index("inbox_open", "conversation_id", "id", **_only("done_at IS NULL")),
        Index("inbox_of_conversation", "conversation_id", "received_at"),
    )


class OutboxRow(Base):
    """A reply to be sent; ``sent_at`` once the channel has taken it, ``failed`` if it never will.

    ``transcript_id`` is the line that it stands as in the transcript, for what staff wrote.
    """

    __tablename__ = "outbox"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversation.id"), nullable=False)
    reply = Column(Sealed("outbox.reply"), nullable=False)
    created_at = Column(Moment, nullable=False)
    sent_at = Column(Moment)
    failed = Column(Boolean, nullable=False, default=False)
    transcript_id = Column(Integer)
    conversation = relationship(ConversationRow)
    __table_args__ = (
        Index("outbox_open", "conversation_id", "id", **_only("sent_at IS NULL")),
        Index("outbox_of_conversation", "conversation_id", "id"),
        Index("outbox_of_line", "transcript_id", **_only("transcript_id IS NOT NULL")),
        Index("outbox_shown", "sent_at", **_only("transcript_id IS NOT NULL")),
    )


class TranscriptRow(Base):
    """One line of a conversation; a later wording of a line names it in ``revises_id``.

    ``author`` is the member of staff who wrote it. ``doubt`` says why the understanding of a
    reporter's line is worth a review: ``fallback`` (not understood), ``low`` (little confidence)
    or ``corrected`` (the reporter set right what had been understood); null where it is not.
    """

    __tablename__ = "transcript"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversation.id"), nullable=False)
    case_id = Column(ForeignKey("report_case.id"))
    at = Column(Moment, nullable=False)
    sender = Column(String(10), nullable=False)
    text = Column(Sealed("transcript.text"), nullable=False)
    buttons = Column(Sealed("transcript.buttons"))
    intent = Column(String(40))
    confidence = Column(Float)
    entities = Column(Sealed("transcript.entities"))
    inbox_id = Column(ForeignKey("inbox.id"))
    revises_id = Column(ForeignKey("transcript.id"))
    author = Column(String(40))
    doubt = Column(String(10))
    __table_args__ = (
        Index("transcript_of_conversation", "conversation_id", "id"),
        Index("transcript_of_case", "case_id", "id"),
        Index("transcript_doubt", "id", **_only("doubt IS NOT NULL")),
        Index("transcript_worded", "at", "doubt", "case_id", **_only(WORDED)),
        # a message or line that is deleted is looked for in these
        Index("transcript_of_message", "inbox_id", **_only("inbox_id IS NOT NULL")),
        Index("transcript_revised", "revises_id", **_only("revises_id IS NOT NULL")),
    )


class CaseRow(Base):
    """A case: columns for what is counted and sorted by, ``facts`` sealed for the rest.

    ``urgency`` (0 critical to 3 low, null once nobody works on it) and ``waits_until`` (when
    somebody must have done the next thing) are the queue's order; ``bot.cases.standing`` keeps
    them. ``worsens_at`` is when time alone may make it more urgent, null if it never does.
    ``version`` counts the changes, so that two people at once do not undo each other.
    ``assigned`` is a member of staff by name; ``first_look_at`` when one first read it;
    ``outcome`` how it ended.
    """

    __tablename__ = "report_case"
    id = Column(Integer, primary_key=True)
    case_no = Column(String(20), nullable=False, unique=True)
    conversation_id = Column(ForeignKey("conversation.id"), nullable=False)
    status = Column(String(12), nullable=False)
    report_type = Column(String(24))
    channel = Column(String(20), nullable=False)
    language = Column(String(12), nullable=False)
    questionnaire = Column(String(20), nullable=False)
    created_at = Column(Moment, nullable=False)
    submitted_at = Column(Moment)
    updated_at = Column(Moment, nullable=False)
    level = Column(String(10))
    due_at = Column(Moment)
    unit = Column(String(24))
    region = Column(String(6))
    urgency = Column(Integer)
    waits_until = Column(Moment)
    worsens_at = Column(Moment)
    assigned = Column(String(40))
    first_look_at = Column(Moment)
    ended_at = Column(Moment)
    outcome = Column(String(24))
    duplicate_of = Column(Integer)
    version = Column(Integer, nullable=False, default=0, server_default="0")
    facts = Column(Sealed("report_case.facts"), nullable=False)
    assessment = Column(Sealed("report_case.assessment"))
    history = relationship("HistoryRow", order_by="HistoryRow.id", cascade="all, delete-orphan")
    followups = relationship(
        "FollowupRow",
        order_by="FollowupRow.id",
        cascade="all, delete-orphan",
        back_populates="case",
    )
    ledger = relationship(
        "LedgerRow", order_by="LedgerRow.id", cascade="all, delete-orphan", back_populates="case"
    )
    transcript = relationship("TranscriptRow", order_by="TranscriptRow.id")
    __table_args__ = (
        Index("case_of_status", "status", "updated_at"),
        Index("case_of_conversation", "conversation_id", "id"),
        Index("case_of_region", "region", "submitted_at"),
        Index("case_standing", "urgency", "waits_until", "id"),
        Index("case_of_worker", "assigned", "urgency"),
        Index("case_by_arrival", "created_at"),
        Index("case_ended", "status", "ended_at", "id"),
        # few cases of many are open: whoever sees one county finds theirs at once, and all are
        # counted without being read
        Index("case_open_of_region", "region", "urgency", "waits_until", "id", "status", **_OPEN),
        Index("case_worsens", "worsens_at", **_OPEN),
        Index("case_duplicates", "duplicate_of", **_only("duplicate_of IS NOT NULL")),
    )


class HistoryRow(Base):
    """Something that happened to a case: who, what, and the detail in words."""

    __tablename__ = "history"
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("report_case.id"), nullable=False, index=True)
    at = Column(Moment, nullable=False)
    actor = Column(String(40), nullable=False)
    event = Column(String(24), nullable=False)
    detail = Column(Sealed("history.detail"))


class FollowupRow(Base):
    """Something that is to be done for a case after it was filed, and what came of it.

    ``state`` is ``planned``, ``done`` or ``cancelled``; whether one was missed is told by the
    clock. ``rule`` names the line of the plan that it comes from, null when staff scheduled it.
    ``content`` is what a reminder says; ``record`` what was seen, done or answered, in words;
    ``quantity`` counts pieces of supplies.
    """

    __tablename__ = "followup"
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("report_case.id"), nullable=False)
    kind = Column(String(16), nullable=False)
    due_at = Column(Moment, nullable=False)
    state = Column(String(10), nullable=False, default="planned")
    unit = Column(String(24), nullable=False)
    assigned = Column(String(40))
    content = Column(Sealed("followup.content"))
    rule = Column(String(40))
    created_at = Column(Moment, nullable=False)
    done_at = Column(Moment)
    done_by = Column(String(40))
    quantity = Column(Integer)
    record = Column(Sealed("followup.record"))
    case = relationship(CaseRow, back_populates="followups")
    __table_args__ = (
        Index("followup_open", "state", "due_at"),
        Index("followup_due", "kind", "due_at", **_only("state = 'planned'")),
        Index("followup_of_case", "case_id", "id"),
    )


class LedgerRow(Base):
    """A child of the ledger (信息台账): which kind, and until when it must be looked at again.

    ``state`` is ``candidate`` until staff has made it ``confirmed`` or ``removed``.
    """

    __tablename__ = "ledger"
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("report_case.id"), nullable=False)
    kind = Column(String(24), nullable=False)
    region = Column(String(6))
    state = Column(String(10), nullable=False, default="candidate")
    refreshed_at = Column(Moment, nullable=False)
    refresh_by = Column(Moment, nullable=False)
    case = relationship(CaseRow, back_populates="ledger")
    __table_args__ = (
        UniqueConstraint("case_id", "kind"),
        Index("ledger_due", "state", "refresh_by"),
    )


class TraceRow(Base):
    """What a filed case is found by: a keyed hash of its phone or of its place."""

    __tablename__ = "trace"
    case_id = Column(ForeignKey("report_case.id"), primary_key=True)
    mark = Column(String(64), primary_key=True)
    __table_args__ = (Index("trace_mark", "mark"),)


class RelatedRow(Base):
    """Two filed cases that may be about the same child; ``first_id`` is the smaller id.

    ``state`` is ``suggested`` until staff has made it ``linked`` or ``dismissed``; ``why`` holds
    the names of the reasons (``related.yml``).
    """

    __tablename__ = "related_case"
    first_id = Column(ForeignKey("report_case.id"), primary_key=True)
    second_id = Column(ForeignKey("report_case.id"), primary_key=True)
    state = Column(String(10), nullable=False)
    strength = Column(String(10), nullable=False)
    why = Column(Sealed("related_case.why"), nullable=False)
    suggested_at = Column(Moment, nullable=False)
    decided_at = Column(Moment)
    decided_by = Column(String(40))
    __table_args__ = (Index("related_second", "second_id"),)
