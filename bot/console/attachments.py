"""A picture, voice or file that a reporter sent, got from its platform when it is opened."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases.tables import CaseRow, InboxRow, TranscriptRow
from bot.console.pages import Page, Visit
from bot.conversation.inbox import from_json
from bot.conversation.messages import Attachment, TryLaterError, UndeliverableError

_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")
_HEARD = ("audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4")
"""What a browser shows by itself and runs nothing of; everything else is saved as a file."""


def show(visit: Visit) -> Response:
    """The attachment of a line of a transcript in the person's sight; who opened it is audited."""
    number = visit.part("number")
    with visit.database.writing() as session:
        line = session.get(TranscriptRow, int(number)) if number.isdecimal() else None
        source = session.get(InboxRow, line.inbox_id) if line and line.inbox_id else None
        attachment = from_json(source.message).attachment if source else None
        case = _case_in_sight(visit, session, line) if line else None
        if line is None or source is None or attachment is None or case is None:
            raise visit.refuse(visit.t("没有这个案件，或不在您的范围内。"), 404)
        visit.audit(session, "attachment_read", case.case_no, {"line": line.id})
        channel = source.channel
    return _answer(visit, attachment, _content(visit, channel, attachment))


def _case_in_sight(visit: Visit, session: Session, line: TranscriptRow) -> CaseRow | None:
    """The case that the line belongs to, or one of the same person's."""
    whose = CaseRow.conversation_id == line.conversation_id
    if line.case_id:
        whose = CaseRow.id == line.case_id
    query = select(CaseRow).where(whose, visit.staff.sight()).order_by(CaseRow.id.desc()).limit(1)
    found: CaseRow | None = session.execute(query).scalars().first()
    return found


def _content(visit: Visit, channel: str, attachment: Attachment) -> bytes:
    t = visit.t
    try:
        return visit.console.fetch(channel, attachment.file_id)
    except UndeliverableError:
        sentence = t("对方用的平台不给这个文件了，可能太大或已经删除。可以请对方再发一次。")
        raise visit.refuse(sentence, 404) from None
    except (TryLaterError, TimeoutError):
        raise visit.refuse(t("这个文件现在拿不到，请过一会儿再点。"), 503) from None


def _answer(visit: Visit, attachment: Attachment, content: bytes) -> Response:
    inline = attachment.mime in _SHOWN + _HEARD
    name = f"{attachment.kind}-{visit.part('number')}"
    return Response(
        content,
        media_type=attachment.mime if inline else "application/octet-stream",
        headers={
            "Content-Disposition": "inline" if inline else f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


PAGES = (Page("/attachments/{number}", "read", show),)
