"""What a turn costs does not grow with what a person said before."""

import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.bootstrap import House
from bot.cases.tables import InboxRow, OutboxRow, TranscriptRow
from bot.conversation.messages import Incoming
from tests.conftest import NOW

MOMENT = datetime.fromisoformat(NOW)
TALK = ("谢谢", "会不会有人知道是我说的", "低保怎么申请", "你好")
AT_MOST = 1.2


class Talk:
    """One person of a house who writes; counts the calls that a turn makes."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        self.said = 0

    def says(self, text: str) -> int:
        """The calls of one turn, in Python and out of it: the same on a busy machine as on an idle one."""
        self.said += 1
        at = MOMENT + timedelta(minutes=self.said)
        message = Incoming("terminal", self.name, f"{self.name}:{self.said}", at, text)
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            self.conversation = self.house.inbox.accept(message)
            waiting = self.house.inbox.next_open(self.conversation or 0)
            result = self.house.turns.handle(waiting or 0)
        finally:
            sys.setprofile(None)
        assert result is not None and result.replies
        return calls

    def round(self) -> int:
        """The calls of one round of talk."""
        return sum(self.says(text) for text in TALK)

    def has_said(self, turns: int) -> None:
        """Put as many answered turns into the past of this conversation."""
        held = {"conversation_id": self.conversation}
        inbox = [
            {
                **held,
                "channel": "terminal",
                "message_key": f"{self.name} {n}",
                "message": {},
                "received_at": MOMENT,
                "done_at": MOMENT,
            }
            for n in range(turns)
        ]
        lines = [
            {**held, "at": MOMENT, "sender": sender, "text": "以前说的"}
            for _ in range(turns)
            for sender in ("reporter", "bot")
        ]
        sent = [
            {
                **held,
                "reply": {"text": "以前说的", "buttons": []},
                "created_at": MOMENT,
                "sent_at": MOMENT,
            }
            for _ in range(turns)
        ]
        with self.house.database.writing() as session:
            session.execute(insert(InboxRow), inbox)
            session.execute(insert(TranscriptRow), lines)
            session.execute(insert(OutboxRow), sent)


@pytest.fixture
def talk(house: House) -> Talk:
    return Talk(house, "somebody who writes for years")


def test_turn_1000_costs_at_most_a_fifth_more_than_turn_10(talk: Talk) -> None:
    talk.round()
    tenth = talk.round()
    talk.has_said(980)
    talk.round()
    assert talk.round() <= AT_MOST * tenth
