"""A reporter wants everything about them deleted.

What they wrote and who they are goes at once. A report that is still open, and one that tells of
danger or is urgent by what is known, stays for as long as any case does, without who told it: a
guardian who takes a child's telephone must not be able to make the child's report vanish with it.
Every other report goes altogether and leaves a stone. Where a danger is told of and nobody has said
where, the contact is the only way to the child: then everything waits for three days at most.
Every function works inside the caller's transaction, on a conversation that is locked.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from bot.cases import followups, forgetting, related, search
from bot.cases.history import note
from bot.cases.privacy_tables import ErasureRow, ReceiptRow
from bot.cases.rules import triage
from bot.cases.situation import situation_of
from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, LedgerRow, RelatedRow
from bot.cases.vocabulary import ENDED

WAIT = timedelta(days=3)
"""How long a danger without a place is looked into before the contact is deleted."""
LAST_WORD = timedelta(days=1)
"""How long the last reply may take to reach the person; then the address goes, too."""
_WHO = ("name", "phone", "relation", "organisation")
_BY_PERSON = ("phone", "phone_of_notices", "conversation")
_URGENT = ("critical", "high")
_SETTLED = ("closed", "duplicate")  # by staff, who have looked
Hashed = Callable[[str], str]


@dataclass(frozen=True)
class Wish:
    """What a wish to delete everything comes to: numbers of cases that stay and that go.

    ``waits`` says that a danger is told of and nobody knows where.
    """

    stay: tuple[str, ...]
    go: tuple[str, ...]
    waits: bool


def look_at(session: Session, talk: ConversationRow, now: datetime) -> Wish:
    """What erasing a conversation would come to."""
    stay: list[str] = []
    go: list[str] = []
    lost = somebody_knows = False
    for case in _cases(session, talk):
        urgent = _is_urgent(case, now)
        stays = urgent or _is_open(case) or _is_in_ledger(session, case)
        (stay if stays else go).append(case.case_no)
        if case.status in _SETTLED or case.region:
            somebody_knows = True
        elif urgent:
            lost = True
    lost = lost or (talk.attention == "danger" and not somebody_knows)
    return Wish(tuple(stay), tuple(go), lost)


def put_off(session: Session, talk: ConversationRow, now: datetime) -> None:
    """Remember a wish that waits; the first one counts."""
    if session.get(ErasureRow, talk.id) is None:
        row = ErasureRow(conversation_id=talk.id, state="waits", asked_at=now, gone_by=now + WAIT)
        session.add(row)
        for case in _cases(session, talk):
            if case.status not in ENDED:
                note(case, now, "reporter", "erasure_wanted", {"by": (now + WAIT).isoformat()})


def erase(
    session: Session,
    talk: ConversationRow,
    now: datetime,
    hashed: Hashed,
    spare: Iterable[int] = (),
) -> Wish:
    """Delete what a reporter said and who they are.

    The address is kept for a day, so that the last reply arrives.

    Args:
        hashed: the keyed hash by which personal content is looked up.
        spare: the lines of the transcript that tell of the erasing itself.
    """
    wish = look_at(session, talk, now)
    for case in _cases(session, talk):
        if case.case_no in wish.go:
            forgetting.forget_case(session, case, _kind(case), "reporter", now)
        else:
            _forget_who(session, case, now)
    counts = forgetting.forget_lines(session, talk, spare)
    forgetting.stone_of_wish(session, talk, counts, now)
    for case in _cases(session, talk):
        _part(session, case, talk, now)
        session.execute(delete(WordMarkRow).where(WordMarkRow.case_id == case.id))
        search.take_in(session, case, hashed)
        if case.submitted_at is not None:
            related.suggest(session, case, hashed, now)
    talk.state, talk.attention, talk.updated_at = None, None, now
    row = session.get(ErasureRow, talk.id)
    if row is None:
        row = ErasureRow(conversation_id=talk.id, asked_at=now)
        session.add(row)
    row.state, row.gone_by = "done", now + LAST_WORD
    session.flush()
    return wish


def finish(session: Session, conversation_id: int, now: datetime, hashed: Hashed) -> None:
    """Carry out a wish that waited, or delete what is left of a conversation that was erased.

    Somebody who has written again since keeps their conversation; what was erased is gone.
    """
    talk = session.get(ConversationRow, conversation_id, with_for_update=True)
    row = session.get(ErasureRow, conversation_id)
    if talk is None or row is None or row.gone_by > now:
        return
    if row.state == "waits":
        if not (talk.state or {}).get("loop"):  # not in the middle of a report
            erase(session, talk, now, hashed)
        return
    again = exists().where(
        InboxRow.conversation_id == talk.id,
        or_(InboxRow.done_at > row.gone_by - LAST_WORD, InboxRow.done_at.is_(None)),
    )
    if session.execute(select(again)).scalar() or _cases(session, talk):
        session.delete(row)
    else:
        forgetting.forget_talk(session, talk, "reporter", now)


def _cases(session: Session, talk: ConversationRow) -> list[CaseRow]:
    query = select(CaseRow).where(CaseRow.conversation_id == talk.id).order_by(CaseRow.id)
    return list(session.execute(query).scalars())


def _kind(case: CaseRow) -> str:
    return "case" if case.submitted_at else "draft"


def _is_open(case: CaseRow) -> bool:
    return case.submitted_at is not None and case.status not in ENDED


def _is_urgent(case: CaseRow, now: datetime) -> bool:
    """Whether a danger was told, or what is known alone makes it critical or high."""
    if case.facts["facts"].get("danger"):
        return True
    at = case.submitted_at or now
    known = triage(situation_of(case.facts, case.report_type, at), at).known_level
    return known in _URGENT or (case.submitted_at is not None and case.level in _URGENT)


def _is_in_ledger(session: Session, case: CaseRow) -> bool:
    standing = exists().where(LedgerRow.case_id == case.id, LedgerRow.state == "confirmed")
    return bool(session.execute(select(standing)).scalar())


def _forget_who(session: Session, case: CaseRow, now: datetime) -> None:
    """Leave a case its facts and take out who told them, and in which words."""
    held = case.facts
    notice = case.report_type == "professional_notice"
    gone = {name for name in _WHO if not (notice and name == "organisation")}
    case.facts = {
        **held,
        "facts": {name: value for name, value in held["facts"].items() if name not in gone},
        "unanswered": {k: v for k, v in held["unanswered"].items() if k not in gone},
        "sources": {},
        "narrative": "",
        "cancelled": False,  # an urgent report that was stopped is for staff to see all the same
        "erased": now.isoformat(),
    }
    for row in case.followups:
        answer = (row.record or {}).get("answer")
        if answer:
            row.record = {**row.record, "answer": {**answer, "text": ""}}
    for row in followups.open_of(case):
        if row.kind == "reminder":
            followups.cancel(row, followups.SYSTEM, now)
    for pair in _pairs(session, case):
        pair.why = [reason for reason in pair.why if reason not in _BY_PERSON]
        if not pair.why and pair.state == "suggested":
            session.delete(pair)
    session.execute(delete(ReceiptRow).where(ReceiptRow.case_id == case.id))
    note(case, now, "reporter", "reporter_erased", None)


def _pairs(session: Session, case: CaseRow) -> list[Any]:
    mine = or_(RelatedRow.first_id == case.id, RelatedRow.second_id == case.id)
    return list(session.execute(select(RelatedRow).where(mine)).scalars())


def _part(session: Session, case: CaseRow, talk: ConversationRow, now: datetime) -> None:
    """Give a case a conversation without anybody in it, so that nothing leads back to the person."""
    nobody = ConversationRow(
        channel=talk.channel,
        person=secrets.token_hex(32),
        address="",
        language=talk.language,
        created_at=now,
        updated_at=now,
    )
    session.add(nobody)
    session.flush()
    case.conversation_id = nobody.id
    session.flush()
