"""One turn: all of it or nothing of it."""

import logging
from typing import Any, ClassVar

import pytest
from sqlalchemy import func, select

from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation.talk import Talk
from bot.conversation.turn import Turns
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import MOMENT, Core, EchoTalker


def rows(core: Core, table: type) -> list:
    with core.database.reading() as session:
        return list(session.execute(select(table).order_by(table.id)).scalars())


def turn(core: Core, conversation: int | None) -> None:
    assert conversation is not None
    inbox_id = core.inbox.next_open(conversation)
    assert inbox_id is not None
    core.turns.handle(inbox_id)


def test_message_state_transcript_and_reply_are_written_together(core: Core) -> None:
    turn(core, core.takes("楼下有孩子"))
    (message,) = rows(core, InboxRow)
    (conversation,) = rows(core, ConversationRow)
    assert message.done_at is not None
    assert conversation.state["slots"] == {"requested_slot": 1}
    assert [(line.sender, line.text) for line in rows(core, TranscriptRow)] == [
        ("reporter", "楼下有孩子"),
        ("bot", "您说：楼下有孩子"),
    ]
    assert [reply.reply["text"] for reply in rows(core, OutboxRow)] == ["您说：楼下有孩子"]


def test_the_same_message_five_times_is_one_turn(core: Core) -> None:
    conversation = core.takes("楼下有孩子")
    assert [core.takes("楼下有孩子") for _ in range(4)] == [None] * 4
    turn(core, conversation)
    assert core.inbox.next_open(conversation or 0) is None
    assert core.talker.seen == ["楼下有孩子"]
    assert len(rows(core, OutboxRow)) == 1


def test_a_turn_that_was_answered_is_not_answered_again(core: Core) -> None:
    conversation = core.takes("楼下有孩子")
    inbox_id = core.inbox.next_open(conversation or 0)
    core.turns.handle(inbox_id or 0)
    assert core.turns.handle(inbox_id or 0) is None
    assert len(rows(core, OutboxRow)) == 1


def test_two_turns_at_once_leave_one_and_the_other_for_later(core: Core) -> None:
    conversation = core.takes("一")
    inbox_id = core.inbox.next_open(conversation or 0)

    def somebody_else_was_faster() -> None:
        with core.database.writing() as session:
            session.get(ConversationRow, conversation).language = "en"

    core.talker.before = somebody_else_was_faster
    assert core.turns.handle(inbox_id or 0) is None
    assert rows(core, OutboxRow) == []
    core.talker.before = None
    turn(core, conversation)
    assert len(rows(core, OutboxRow)) == 1


def test_an_error_is_told_with_the_hotline_and_the_words_are_kept(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    turn(core, core.takes("先说一句"))
    core.talker.broken = True
    with caplog.at_level(logging.DEBUG):
        turn(core, core.takes("楼下有孩子", "2"))
    reply = rows(core, OutboxRow)[-1].reply["text"]
    assert "110" in reply and "12345" in reply
    assert rows(core, TranscriptRow)[-2].text == "楼下有孩子"
    (conversation,) = rows(core, ConversationRow)
    assert conversation.attention == "human"
    assert conversation.state["slots"] == {"requested_slot": 1}
    assert "楼下" not in caplog.text


def test_an_error_in_what_an_action_asked_for_is_told_too(core: Core) -> None:
    core.talker.effects = [{"kind": "attention"}]  # it does not say why
    turn(core, core.takes("楼下有孩子"))
    assert "110" in rows(core, OutboxRow)[-1].reply["text"]
    assert rows(core, TranscriptRow)[0].text == "楼下有孩子"
    assert core.inbox.waiting() == []


def test_an_edited_message_stands_beside_the_old_one(core: Core) -> None:
    turn(core, core.takes("两个孩子", "1"))
    turn(core, core.takes("三个孩子", "1:edit", edits="1"))
    lines = [line for line in rows(core, TranscriptRow) if line.sender == "reporter"]
    assert [line.text for line in lines] == ["两个孩子", "三个孩子"]
    assert lines[1].revises_id == lines[0].id
    assert core.talker.seen == ["两个孩子"]
    assert len(rows(core, OutboxRow)) == 1


def test_nobody_can_change_the_case_of_another(core: Core) -> None:
    core.talker.effects = [{"kind": "withdraw", "case_no": "HT-261121-ABCDE", "text": ""}]
    turn(core, core.takes("撤回"))
    with core.database.reading() as session:
        assert session.execute(select(func.count(TranscriptRow.id))).scalar() == 2


def test_any_text_survives_the_turn(core: Core) -> None:
    strange = "坏\ud800字\x00\u202e 𠮷 {x} <b>%s</b>"
    turn(core, core.takes(strange))
    assert rows(core, TranscriptRow)[0].text == strange


class Numbering(EchoTalker):
    """Begins a report under the next of some numbers."""

    numbers: ClassVar = ["HT-261121-AAAAA", "HT-261121-AAAAA", "HT-261121-BBBBB"]

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        talk = await super().talk(talk, parsed, metadata)
        report = Draft(case_no=self.numbers[len(self.seen) - 1])
        report.begin("unattended_child")
        talk.slots["report"] = report.to_json()
        return talk


def test_a_number_that_somebody_else_has_is_drawn_again(core: Core) -> None:
    turns = Turns(core.database, core.inbox, core.turns._understanding, Numbering(), Clock(MOMENT))
    for sender in ("甲", "乙"):
        inbox_id = core.inbox.next_open(core.takes("楼下有孩子", sender, sender) or 0)
        turns.handle(inbox_id or 0)
    cases = rows(core, CaseRow)
    assert [case.case_no for case in cases] == ["HT-261121-AAAAA", "HT-261121-BBBBB"]
    assert len({case.conversation_id for case in cases}) == 2
    assert len(rows(core, OutboxRow)) == 2
