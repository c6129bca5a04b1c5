"""The tables of the staff side: accounts, sign-ins, the audit, transfers, what was read and reviewed."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import relationship

from bot.cases.sealed import Moment, Sealed
from bot.cases.tables import Base, CaseRow


class StaffRow(Base):
    """A member of staff. ``region`` is the code (GB/T 2260) that they work for, empty: everywhere.

    ``failures`` counts wrong sign-ins in a row, ``locked_until`` is when the next may be tried,
    ``last_step`` is the time step of the last one-time code that was taken (RFC 6238: each once).
    """

    __tablename__ = "staff"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), nullable=False, unique=True)
    role = Column(String(16), nullable=False)
    region = Column(String(6), nullable=False, default="")
    unit = Column(String(24))
    language = Column(String(12), nullable=False, default="zh_Hans")
    password_hash = Column(String(200), nullable=False)
    code_secret = Column(Sealed("staff.code_secret"), nullable=False)
    last_step = Column(Integer, nullable=False, default=0)
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(Moment)
    active = Column(Boolean, nullable=False, default=True)
    created_at = Column(Moment, nullable=False)


class StaffSessionRow(Base):
    """A sign-in, by the hash of its token; over once ``ended_at`` is set or its time has passed."""

    __tablename__ = "staff_session"
    id = Column(Integer, primary_key=True)
    token_hash = Column(String(64), nullable=False, unique=True)
    staff_id = Column(ForeignKey("staff.id"), nullable=False, index=True)
    created_at = Column(Moment, nullable=False)
    seen_at = Column(Moment, nullable=False)
    ended_at = Column(Moment)
    staff = relationship(StaffRow)


class AuditRow(Base):
    """Who did or read what; each row's ``seal`` covers the row and the seal before it."""

    __tablename__ = "audit"
    id = Column(Integer, primary_key=True)
    at = Column(Moment, nullable=False)
    actor = Column(String(40), nullable=False)
    action = Column(String(24), nullable=False)
    case_no = Column(String(20))
    detail = Column(Sealed("audit.detail"))
    seal = Column(String(64), nullable=False)
    __table_args__ = (
        Index("audit_of_case", "case_no", "id"),
        Index("audit_of_actor", "actor", "id"),
        Index("audit_of_action", "action", "id"),
        Index("audit_by_time", "at", "id"),
    )


class AuditHeadRow(Base):
    """Where the audit stands: how many rows, and the last seal (1); the same of those pruned (2)."""

    __tablename__ = "audit_head"
    id = Column(Integer, primary_key=True)
    count = Column(Integer, nullable=False)
    seal = Column(String(64), nullable=False)


class TransferRow(Base):
    """A case offered to another unit or worker.

    ``state`` is ``asked`` until it is ``accepted``, ``declined``, ``revoked`` or ``expired``
    (nobody answered by ``answer_by``: it is back in the queue). ``from_status`` is the case's
    status before.
    """

    __tablename__ = "transfer"
    id = Column(Integer, primary_key=True)
    case_id = Column(ForeignKey("report_case.id"), nullable=False)
    asked_by = Column(String(40), nullable=False)
    from_unit = Column(String(24))
    from_worker = Column(String(40))
    from_status = Column(String(12), nullable=False)
    to_unit = Column(String(24))
    to_worker = Column(String(40))
    why = Column(Sealed("transfer.why"), nullable=False)
    state = Column(String(10), nullable=False, default="asked")
    asked_at = Column(Moment, nullable=False)
    answer_by = Column(Moment, nullable=False)
    answered_at = Column(Moment)
    answered_by = Column(String(40))
    answer = Column(Sealed("transfer.answer"))
    case = relationship(CaseRow)
    __table_args__ = (
        Index("transfer_open", "state", "answer_by"),
        Index("transfer_of_case", "case_id", "id"),
    )


class SeenRow(Base):
    """When a member of staff last read a case."""

    __tablename__ = "seen"
    staff_id = Column(ForeignKey("staff.id"), primary_key=True)
    case_id = Column(ForeignKey("report_case.id"), primary_key=True, index=True)
    at = Column(Moment, nullable=False)


class ReviewRow(Base):
    """What a line of a reporter should have been understood as, set by staff.

    ``intent`` and ``entities`` (``[{entity, value, start, end}]``) are what is right;
    ``state`` is ``right`` (nothing to change), ``corrected`` or ``skipped`` (nothing to learn from).
    """

    __tablename__ = "review"
    id = Column(Integer, primary_key=True)
    transcript_id = Column(ForeignKey("transcript.id"), nullable=False)
    state = Column(String(10), nullable=False)
    intent = Column(String(40))
    entities = Column(Sealed("review.entities"))
    by = Column(String(40), nullable=False)
    at = Column(Moment, nullable=False)
    __table_args__ = (UniqueConstraint("transcript_id"),)


class WordMarkRow(Base):
    """What a case's transcript is found by: keyed hashes of pairs of characters (31 bits)."""

    __tablename__ = "word_mark"
    mark = Column(Integer, primary_key=True, autoincrement=False)
    case_id = Column(ForeignKey("report_case.id"), primary_key=True, autoincrement=False)
    __table_args__ = (Index("word_mark_case", "case_id"), {"sqlite_with_rowid": False})
