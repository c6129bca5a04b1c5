"""A person takes over a chat: the bot is silent, and what they write goes out to the reporter.

Every function works inside the caller's transaction on a conversation that is locked (``held``):
the column, the line in the case's history, the sentence that tells the reporter and its place in
the outbox are written together or not at all. Handing back leaves the dialogue where it stood; the
question that was open is asked again. A turn that began before the take-over finds that the
conversation has changed and starts anew, in silence.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.tables import (
    CaseRow,
    ConversationRow,
    HistoryRow,
    OutboxRow,
    TranscriptRow,
)
from bot.cases.vocabulary import ENDED
from bot.conversation import plans
from bot.conversation.messages import Button, Reply
from bot.prepared import LOCKED
from bot.texts import N_, texts
from bot.walks.asking import put
from bot.walks.draft import Draft

IDLE = timedelta(minutes=30)
"""A hold in which nobody wrote for this long ends by itself."""
LONGEST = 4096
"""Characters of one reply: what Telegram takes as one message."""


@dataclass(frozen=True)
class Told:
    """What the reporter is told when a person comes or goes, to a grown-up and to a child."""

    adult: str
    child: str


COMES = Told(
    N_("现在由工作人员在这里跟您说话，我先不插话。您直接写就行。"),
    N_("现在有一位工作人员在这里跟你说话，我先不插话。你直接写就行。"),
)
GOES = Told(
    N_("工作人员先说到这里，接下来还是我。您写的他们都看得到。有危险请打 110 或 120。"),
    N_("工作人员先说到这里，接下来还是我陪你。你写的他们都看得到。有危险就打 110 或 120。"),
)
SILENT = Told(
    N_("工作人员有一阵没有写了，接下来还是我。您写的他们都看得到。有危险请打 110 或 120。"),
    N_("工作人员有一阵没有写了，接下来还是我陪你。你写的他们都看得到。有危险就打 110 或 120。"),
)


class HeldError(Exception):
    """Somebody else holds the chat: who, and since when."""

    def __init__(self, by: str, since: datetime | None) -> None:
        super().__init__("somebody else holds the chat")
        self.by = by
        self.since = since


def held(session: Session, number: int) -> ConversationRow:
    """The conversation of that id, locked until the transaction ends."""
    return session.get(ConversationRow, number, with_for_update=LOCKED, populate_existing=True)


def take(
    session: Session,
    talk: ConversationRow,
    case: CaseRow | None,
    name: str,
    now: datetime,
    over: bool = False,
) -> None:
    """Take a chat over from the bot; nothing happens when it is this person's already.

    Args:
        case: the case in whose history it stands, if there is one.
        over: take it from whoever holds it.

    Raises:
        HeldError: somebody else holds it.
    """
    before = talk.held_by
    if before == name:
        return
    if before and not over:
        raise HeldError(before, talk.held_at)
    talk.held_by, talk.held_at = name, now
    if case is not None:
        _note(session, case, now, name, "held", {"from": before} if before else None)
    if not before:  # from one person to another nothing changes for the reporter
        _tell(session, talk, case, COMES, now)


def say(
    session: Session, talk: ConversationRow, case: CaseRow | None, text: str, now: datetime
) -> TranscriptRow:
    """Write a reply of whoever holds the chat into the transcript and the outbox.

    The reporter reads that a member of staff wrote it, not who.
    """
    line = TranscriptRow(
        conversation_id=talk.id,
        case_id=case.id if case else None,
        at=now,
        sender="staff",
        text=text,
        author=talk.held_by,
    )
    session.add(line)
    session.flush()
    marked = texts(talk.language)("「工作人员」{text}", text=text)
    _send(session, talk, Reply(marked), now, line.id)
    if talk.attention == "human":
        talk.attention = None
    return line


def give_back(
    session: Session,
    talk: ConversationRow,
    case: CaseRow | None,
    name: str,
    now: datetime,
) -> None:
    """Hand a chat back to the bot; nothing happens when nobody holds it.

    Danger that was told needs nobody's look any more once somebody has talked with the person.

    Raises:
        HeldError: somebody else holds it.
    """
    if talk.held_by is None:
        return
    if talk.held_by != name:
        raise HeldError(talk.held_by, talk.held_at)
    if talk.attention == "danger" and last_written(session, talk) is not None:
        talk.attention = None
    _let_go(session, talk, case, GOES, now)
    if case is not None:
        _note(session, case, now, name, "handed_back", None)


def idle(session: Session, now: datetime) -> list[int]:
    """The conversations that are held though nobody has written in them for ``IDLE``."""
    query = select(ConversationRow).where(
        ConversationRow.held_by.is_not(None), ConversationRow.held_at <= now - IDLE
    )
    rows = session.execute(query).scalars()
    return [row.id for row in rows if _is_idle(session, row, now)]


def end_idle(session: Session, number: int, now: datetime) -> bool:
    """End a hold in which nobody has written for ``IDLE``; false when there is none any more."""
    talk = held(session, number)
    if talk.held_by is None or not _is_idle(session, talk, now):
        return False
    case = case_of(session, number)
    if case is not None:
        _note(session, case, now, "system", "hold_lapsed", {"from": talk.held_by})
    _let_go(session, talk, case, SILENT, now)
    return True


def case_of(session: Session, number: int) -> CaseRow | None:
    """The case that a held chat is about: that of the last line which is not the reporter's.

    Where no line names one it is the person's newest open case, or else their newest.
    """
    written = (
        select(TranscriptRow.case_id)
        .where(TranscriptRow.conversation_id == number, TranscriptRow.sender != "reporter")
        .order_by(TranscriptRow.id.desc())
        .limit(1)
    )
    case_id = session.execute(written).scalar()
    if case_id is not None:
        return session.get(CaseRow, case_id)
    query = (
        select(CaseRow)
        .where(CaseRow.conversation_id == number)
        .order_by(CaseRow.status.in_(ENDED), CaseRow.id.desc())
        .limit(1)
    )
    return session.execute(query).scalars().first()


def last_written(session: Session, talk: ConversationRow) -> datetime | None:
    """When whoever holds a chat last wrote in it; ``None`` if they have not."""
    query = select(func.max(TranscriptRow.id)).where(
        TranscriptRow.conversation_id == talk.id,
        TranscriptRow.sender == "staff",
        TranscriptRow.at >= talk.held_at,
    )
    line = session.get(TranscriptRow, session.execute(query).scalar() or 0)
    return line.at if line else None


def _is_idle(session: Session, talk: ConversationRow, now: datetime) -> bool:
    return now - (last_written(session, talk) or talk.held_at) >= IDLE


def _note(
    session: Session,
    case: CaseRow,
    now: datetime,
    actor: str,
    event: str,
    detail: dict[str, str] | None,
) -> None:
    """A line in the case's history; who talks is no change of the case that others must confirm."""
    session.add(HistoryRow(case_id=case.id, at=now, actor=actor, event=event, detail=detail))


def _let_go(
    session: Session, talk: ConversationRow, case: CaseRow | None, told: Told, now: datetime
) -> None:
    """The bot talks again: it says so, and asks again what it had asked."""
    talk.held_by = talk.held_at = None
    _tell(session, talk, case, told, now)
    state = talk.state or {}
    report = _report(session, talk)
    name = report.next_question() if report.is_open and state.get("loop") else None
    if name is None:
        return
    community = state.get("community")
    t = texts(talk.language)
    text, choices = put(report, t, name, community["name"] if community else None)
    reply = Reply(text, tuple(Button(*choice) for choice in choices))
    _write(session, talk, case, reply, now)
    talk.state = {**state, "offered": [asdict(button) for button in reply.buttons]}


def _tell(
    session: Session, talk: ConversationRow, case: CaseRow | None, told: Told, now: datetime
) -> None:
    child = "child_self" in (_report(session, talk).walk, case.report_type if case else None)
    words = texts(talk.language)(told.child if child else told.adult)
    _write(session, talk, case, Reply(words), now)


def _write(
    session: Session, talk: ConversationRow, case: CaseRow | None, reply: Reply, now: datetime
) -> None:
    """A line of the bot, in the transcript and on its way."""
    line = TranscriptRow(
        conversation_id=talk.id,
        case_id=case.id if case else None,
        at=now,
        sender="bot",
        text=reply.text,
        buttons=[asdict(button) for button in reply.buttons] or None,
    )
    session.add(line)
    session.flush()
    _send(session, talk, reply, now)


def _send(
    session: Session,
    talk: ConversationRow,
    reply: Reply,
    now: datetime,
    line: int | None = None,
) -> None:
    session.add(
        OutboxRow(conversation_id=talk.id, reply=asdict(reply), created_at=now, transcript_id=line)
    )


def _report(session: Session, talk: ConversationRow) -> Draft:
    state = plans.worded(session, talk.state or {})
    return Draft.from_json((state.get("slots") or {}).get("report"))
