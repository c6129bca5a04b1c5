from __future__ import annotations

import pytest

from bot.cases.staff_tables import AuditRow
from bot.cases.tables import ConversationRow, InboxRow
from bot.conversation.inbox import to_json
from bot.conversation.messages import Attachment, Incoming
from tests.support.cases import NOW, filed, line
from tests.support.console import Desk


def sent(desk: Desk, mime: str = "image/jpeg") -> int:
    """A case in 440705 whose reporter sent a file; the number of its line."""
    attachment = Attachment("photo", "the-file", mime, 3)
    message = Incoming("web", "a", "1", NOW, "photo", "other", attachment=attachment)
    with desk.database.writing() as session:
        case = filed(session)
        talk = session.get(ConversationRow, case.conversation_id)
        source = InboxRow(
            conversation_id=talk.id,
            channel="telegram",
            message_key="k",
            message=to_json(message),
            received_at=NOW,
        )
        session.add(source)
        session.flush()
        return int(line(session, talk, "[photo]", case_id=case.id, inbox_id=source.id).id)


def test_a_picture_is_shown_and_the_audit_says_to_whom(desk: Desk) -> None:
    number = sent(desk)
    desk.files["the-file"] = b"jpg"
    answer = desk.signed_in("worker", "李", "440705").get(f"/staff/attachments/{number}")
    assert (answer.content, answer.headers["content-type"]) == (b"jpg", "image/jpeg")
    assert "sandbox" in answer.headers["content-security-policy"]
    with desk.database.reading() as session:
        row = session.query(AuditRow).order_by(AuditRow.id.desc()).first()
        assert (row.actor, row.action, row.case_no) == ("李", "attachment_read", "HT-261121-AAAAA")


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", ""])
def test_what_could_run_in_a_browser_is_only_saved(desk: Desk, mime: str) -> None:
    number = sent(desk, mime)
    desk.files["the-file"] = b"<script>"
    answer = desk.signed_in("worker", region="440705").get(f"/staff/attachments/{number}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_picture_from_elsewhere_looks_like_none(desk: Desk) -> None:
    number = sent(desk)
    desk.files["the-file"] = b"jpg"
    other = desk.signed_in("worker", "other", "410100")
    there, nowhere = (other.get(f"/staff/attachments/{each}") for each in (number, number + 9))
    assert (there.status_code, there.text) == (404, nowhere.text)


def test_a_file_that_is_gone_is_said_to_be(desk: Desk) -> None:
    number = sent(desk)
    answer = desk.signed_in("worker", region="440705").get(f"/staff/attachments/{number}")
    assert answer.status_code == 404
    assert "再发一次" in answer.text
