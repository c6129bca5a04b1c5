"""The tables of the private side: keys, what is to be forgotten, what is left of it, receipts."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text

from bot.cases.sealed import Moment
from bot.cases.tables import Base


class KeyRow(Base):
    """A key, wrapped under the program's key material (``bot.cases.keyring.HeldKey``)."""

    __tablename__ = "sealing_key"
    id = Column(Integer, primary_key=True, autoincrement=False)
    state = Column(String(8), nullable=False)
    wrapped = Column(Text, nullable=False)
    made_at = Column(Moment, nullable=False)
    retired_at = Column(Moment)


class TombstoneRow(Base):
    """What is left of something that was deleted: dates and figures, no content.

    ``kind`` is ``draft``, ``case``, ``transcript``, ``conversation`` or ``audit``; ``what`` names
    the tables and how many rows of each went, ``why`` is ``retention`` or ``reporter``.
    """

    __tablename__ = "tombstone"
    id = Column(Integer, primary_key=True)
    kind = Column(String(12), nullable=False)
    case_no = Column(String(20))
    began_at = Column(Moment)
    submitted_at = Column(Moment)
    ended_at = Column(Moment)
    level = Column(String(10))
    region = Column(String(6))
    what = Column(String(400), nullable=False)
    why = Column(String(10), nullable=False)
    deleted_at = Column(Moment, nullable=False)
    __table_args__ = (
        Index("tombstone_of_case", "case_no"),
        Index("tombstone_by_day", "deleted_at"),
    )


class DeletionRow(Base):
    """Something of a case that is going to be deleted at ``due_at``; staff were told at ``told_at``.

    ``kind`` is ``draft``, ``case`` or ``transcript``. New contact takes the row away.
    """

    __tablename__ = "deletion"
    case_id = Column(ForeignKey("report_case.id"), primary_key=True)
    kind = Column(String(12), primary_key=True)
    due_at = Column(Moment, nullable=False)
    told_at = Column(Moment, nullable=False)
    __table_args__ = (Index("deletion_due", "due_at"),)


class ErasureRow(Base):
    """A reporter wants everything about them deleted, and the talk is to be gone by ``gone_by``.

    ``state`` is ``waits`` while a danger without a place is still to be looked at, and ``done``
    once everything but the last reply is gone.
    """

    __tablename__ = "erasure"
    conversation_id = Column(ForeignKey("conversation.id"), primary_key=True)
    state = Column(String(8), nullable=False)
    asked_at = Column(Moment, nullable=False)
    gone_by = Column(Moment, nullable=False)
    __table_args__ = (Index("erasure_due", "gone_by"),)


class ReceiptRow(Base):
    """The code that a filed case can be asked about from elsewhere: a keyed hash, and wrong tries."""

    __tablename__ = "receipt"
    case_id = Column(ForeignKey("report_case.id"), primary_key=True)
    code = Column(String(64), nullable=False)
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(Moment)


class ReceiptTryRow(Base):
    """How often a person gave a wrong code."""

    __tablename__ = "receipt_try"
    conversation_id = Column(ForeignKey("conversation.id"), primary_key=True)
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(Moment)
