"""What a turn costs does not grow with what a person said before."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.bootstrap import House
from bot.cases import related
from bot.cases.keeping import Keeping
from bot.cases.tables import InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.condition import Condition
from bot.conversation.inbox import Inbox
from bot.conversation.keeper import Keeper
from bot.conversation.messages import Incoming
from bot.conversation.outbox import Outbox
from bot.conversation.reminders import Reminders
from bot.conversation.watch import Watch
from bot.database import Database
from bot.meters import Meters
from tests.conftest import NOW
from tests.support.databases import migrated_database
from tests.support.plans import asked_by
from tests.support.related import hashed, place, report

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


def looks_of(database: Database) -> dict[str, Callable[[], object]]:
    """Everything that looks again and again, some of it every second."""
    clock = Clock(MOMENT)
    inbox, watch = Inbox(database, b"key", clock), Watch(database, clock)
    condition = Condition(database, clock, {"web"}, Meters())
    keeper = Keeper(database, inbox, Keeping(30, 730, 180, 30, 1095, 14), clock)
    return {
        "left": inbox.is_anything_left,
        "unanswered": lambda: inbox.waiting({"web"}),
        "unsent": Outbox(database, {}, clock).waiting,
        "reminders": Reminders(database, clock).queue_due,
        "worse": watch.look,
        "idle reports": watch.mark_idle_reports,
        "held chats": watch.end_idle_holds,
        "wishes": keeper.look_soon,
        "ready": condition.ages,
        "metrics": condition._look,
    }


LARGE = {"conversation", "inbox", "outbox", "transcript", "report_case", "history", "followup"}


@pytest.mark.service
def test_what_looks_again_and_again_goes_through_no_large_table(tmp_path: Path) -> None:
    asked = []
    with migrated_database("postgres", tmp_path) as database:
        for look in looks_of(database).values():
            asked += asked_by(database, look, without="seqscan")
    assert len(asked) > 10
    for each in asked:
        for step in each.steps:
            assert step.table not in LARGE or step.how != "Seq Scan", each.statement


def compared(folder: Path, others: int) -> int:
    """With how many a report is compared when its county has filed so many others."""
    folder.mkdir()
    with migrated_database("sqlite", folder) as database, database.writing() as session:
        for _ in range(others):
            report(session, location=place("环市街道", "蓬江区", "440703"))
        row = report(session, location=place("丹井里3号楼", "蓬江区", "440703"))
        return len(related._candidates(session, row, hashed))


def test_a_report_is_compared_with_few_where_very_many_are_filed(tmp_path: Path) -> None:
    limit = related.rules().of_county
    assert compared(tmp_path / "few", 5) == 5
    assert compared(tmp_path / "many", limit + 50) <= limit
