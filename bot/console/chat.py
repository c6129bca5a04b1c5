"""Talking with a reporter: take the chat over from the bot, reply, hand it back.

What staff write is in the transcript and in the outbox in one transaction, and leaves through the
reporter's own channel. Nothing that was typed is lost: a reply that was not sent comes back in its
box, with the reason.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import search
from bot.cases.tables import CaseRow, ConversationRow, TranscriptRow
from bot.console import canned
from bot.console.case import mark_read
from bot.console.filters import held
from bot.console.pages import Page, Visit, to
from bot.console.transcript import SHOWN, Line, Lines, lines_of
from bot.conversation import holding
from bot.conversation.holding import HeldError
from bot.texts import N_

_BEFORE = 20
"""Lines shown above a reply that was not sent."""
_NOT_SENT = N_("{name}从 {when} 起在和对方说话，您写的还没有发出去。")
_NOT_YOURS = N_("{name}从 {when} 起在和对方说话。")


class _NotDoneError(Exception):
    """Something that was not done; the sentence says why."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def take_over(visit: Visit) -> Response:
    """Take the chat over; from a colleague only with the right to assign."""
    number = _number(visit)
    try:
        with visit.database.writing() as session:
            talk, case = _found(visit, session, number, lock=True)
            if talk.held_by != visit.staff.name:
                _take(visit, session, talk, case, _NOT_YOURS)
    except _NotDoneError as problem:
        return _again(visit, number, problem.sentence, problem.status)
    visit.console.deliver(number)
    return _done(visit, number)


def reply(visit: Visit) -> Response:
    """Send a reply; whoever does not hold the chat yet takes it over with it."""
    number, text = _number(visit), _typed(visit)
    if visit.words("fill"):
        return _again(visit, number, "", 200, _filled(visit, number, text))
    try:
        if not text:
            raise _NotDoneError(visit.t("请先写点什么再发送。"), 422)
        if len(text) > holding.LONGEST:
            raise _NotDoneError(visit.t("太长了。一条最多 {n} 个字。", n=holding.LONGEST), 422)
        with visit.database.writing() as session:
            talk, case = _found(visit, session, number, lock=True)
            if talk.channel == "terminal":
                raise _NotDoneError(visit.t("对方是在终端里试用的，收不到回复。"), 409)
            if not _is_there_already(visit, session, talk, text):
                _take(visit, session, talk, case, _NOT_SENT)
                line = holding.say(session, talk, case, text, visit.now)
                search.heard(session, line, visit.console.hashed)
                case_no = case.case_no if case else None
                visit.audit(session, "chat_replied", case_no, {"line": line.id})
    except _NotDoneError as problem:
        return _again(visit, number, problem.sentence, problem.status, text)
    visit.console.deliver(number)
    return _done(visit, number)


def hand_back(visit: Visit) -> Response:
    """Hand the chat back to the bot, which goes on where it stood."""
    number = _number(visit)
    try:
        with visit.database.writing() as session:
            talk, case = _found(visit, session, number, lock=True)
            if talk.held_by is not None:
                try:
                    holding.give_back(session, talk, case, visit.staff.name, visit.now)
                except HeldError as error:
                    raise _NotDoneError(_who(visit, error, _NOT_YOURS), 409) from None
                case_no = case.case_no if case else None
                visit.audit(session, "chat_handed_back", case_no, {"conversation": number})
    except _NotDoneError as problem:
        return _again(visit, number, problem.sentence, problem.status)
    visit.console.deliver(number)
    return _done(visit, number)


def news(visit: Visit) -> Response:
    """What is new in a chat since the page last asked: lines, deliveries, who holds it.

    Lines that somebody else wrote are read hereby, and the audit says so; nothing new answers 204.
    """
    number, after = _number(visit), _whole(visit.query("after"))
    waiting = {_whole(each) for each in visit.query("waiting").split(",")}
    with visit.database.reading() as session:
        talk, case = _found(visit, session, number)
        lines = lines_of(session, number, case, visit.t, None, SHOWN).lines
    fresh = tuple(
        line
        for line in lines
        if line.id > after or (line.id in waiting and line.delivery != "waiting")
    )
    if not fresh and visit.query("hold") == held(talk, visit.staff.name):
        return Response(status_code=204)
    if case is not None and any(_is_news(line, after, visit.staff.name) for line in fresh):
        with visit.database.writing() as session:
            mark_read(visit, session, case)
    address = _address(talk, case)
    shown = Lines(fresh, False)
    return visit.page("chat_news.html", case=case, conversation=talk, lines=shown, here=address)


def _take(
    visit: Visit, session: Session, talk: ConversationRow, case: CaseRow | None, sentence: str
) -> None:
    """Take the chat over if it is not the person's already, with its audit row."""
    before, name = talk.held_by, visit.staff.name
    if before == name:
        return
    over = bool(visit.words("over")) and visit.staff.may("assign")
    try:
        holding.take(session, talk, case, name, visit.now, over)
    except HeldError as error:
        raise _NotDoneError(_who(visit, error, sentence), 409) from None
    detail: dict[str, Any] = {"conversation": talk.id, **({"from": before} if before else {})}
    visit.audit(session, "chat_taken", case.case_no if case else None, detail)


def _is_there_already(visit: Visit, session: Session, talk: ConversationRow, text: str) -> bool:
    """Whether this is a form that was sent twice: the same words, later than what it knew of."""
    query = (
        select(TranscriptRow)
        .where(
            TranscriptRow.conversation_id == talk.id,
            TranscriptRow.id > _whole(visit.words("last")),
            TranscriptRow.sender == "staff",
            TranscriptRow.author == visit.staff.name,
        )
        .order_by(TranscriptRow.id)
    )
    return any(line.text == text for line in session.execute(query).scalars())


def _found(
    visit: Visit, session: Session, number: int, lock: bool = False
) -> tuple[ConversationRow, CaseRow | None]:
    """The conversation of the address in the person's sight, and the case that it is about.

    Raises:
        RefusedError: there is none; whether there is one out of sight is not told.
    """
    talk = holding.held(session, number) if lock else session.get(ConversationRow, number)
    missing = visit.refuse(visit.t("没有这个对话，或不在您的范围内。"), 404)
    if talk is None:
        raise missing
    whose = select(CaseRow).where(CaseRow.conversation_id == number).order_by(CaseRow.id.desc())
    query = whose.where(visit.staff.sight())
    if case_no := visit.words("case_no") or visit.query("case_no"):
        query = query.where(CaseRow.case_no == case_no)
    case = session.execute(query.limit(1)).scalars().first()
    if case is None:
        has_case = session.execute(whose.limit(1)).first() is not None
        if has_case or not visit.staff.sees_placeless:
            raise missing
    elif lock:
        session.refresh(case, with_for_update=True)
    return talk, case


def _again(
    visit: Visit, number: int, problem: str, status: int, typed: str | None = None
) -> Response:
    """The chat alone, with what was typed and why it was not sent."""
    with visit.database.reading() as session:
        talk, case = _found(visit, session, number)
        lines = lines_of(session, number, case, visit.t, None, _BEFORE)
    values = {"problem": problem, "typed": _typed(visit) if typed is None else typed}
    address = _address(talk, case)
    return visit.page(
        "chat.html", status, case=case, conversation=talk, lines=lines, here=address, **values
    )


def _done(visit: Visit, number: int) -> Response:
    """Back to the page; a script that asked for it stays where it is."""
    if visit.words("live"):
        return Response(status_code=204)
    case_no = visit.words("case_no")
    return to(f"/cases/{case_no}#chat" if case_no else f"/talks/{number}#chat")


def _address(talk: ConversationRow, case: CaseRow | None) -> str:
    return f"/staff/cases/{case.case_no}" if case else f"/staff/talks/{talk.id}"


def _filled(visit: Visit, number: int, text: str) -> str:
    """What was typed, with the chosen reply behind it; for browsers without scripts."""
    with visit.database.reading() as session:
        talk, case = _found(visit, session, number)
    child = case is not None and case.report_type == "child_self"
    replies = {
        each.id: each.text
        for _, group in canned.offered(talk.language, visit.language, child)
        for each in group
    }
    return "\n".join(filter(None, (text, replies.get(visit.words("canned"), ""))))


def _who(visit: Visit, error: HeldError, sentence: str) -> str:
    when = visit.t.moment(error.since) if error.since else "–"
    return visit.t(sentence, name=error.by, when=when)


def _is_news(line: Line, after: int, name: str) -> bool:
    return line.id > after and line.author != name


def _typed(visit: Visit) -> str:
    return visit.words("text").replace("\r\n", "\n").replace("\x00", "")


def _number(visit: Visit) -> int:
    return _whole(visit.part("number"))


def _whole(text: str) -> int:
    """A whole number from an address or a form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


PAGES = (
    Page("/talks/{number}/hold", "reply", take_over, "POST"),
    Page("/talks/{number}/reply", "reply", reply, "POST"),
    Page("/talks/{number}/back", "reply", hand_back, "POST"),
    Page("/talks/{number}/news", "read", news, quiet=True),
)
