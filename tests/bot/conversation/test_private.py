"""Deleting one's data and asking with a code: commands and buttons beside the dialogue."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.cases import receipt_codes, store
from bot.cases.keeping import Keeping
from bot.cases.privacy_tables import ReceiptRow
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.channels.web.transcript import TranscriptLines
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.conversation.keeper import Keeper
from bot.conversation.messages import Incoming, Reply
from bot.conversation.outbox import Outbox
from bot.conversation.private import wish_of
from bot.conversation.talk import Talk
from bot.conversation.turn import Turns
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import KEY, MOMENT, Core, EchoTalker
from tests.support.cases import ALONE
from tests.support.private import everything_in

NUMBER = "HT-261121-AAAAA"
CODE = re.compile(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}")
WORDS = "楼下两个孩子没人管，我姓欧阳"
KEEPING = Keeping(30, 730, 180, 30, 1095, 14)


class Filing(EchoTalker):
    """Files a report at once."""

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        talk = await super().talk(talk, parsed, metadata)
        report = Draft(case_no=NUMBER, facts={**ALONE, "phone": "+8613800138000"})
        report.begin("unattended_child")
        report.narrative, report.outcome = [parsed["text"]], "filed"
        talk.slots["report"] = report.to_json()
        talk.replies = [Reply(f"报告已提交，编号 {NUMBER}。")]
        return talk


class Person:
    """Somebody at a channel, at a moment that the test chooses."""

    def __init__(self, core: Core, name: str = "甲", channel: str = "terminal") -> None:
        self.core, self.name, self.channel = core, name, channel
        self.now = MOMENT
        self.talker: EchoTalker = EchoTalker()
        self.count = 0
        self.read = 0

    def says(self, text: str, kind: Any = "text") -> list[Reply]:
        """Put a message through inbox, turn and outbox; the replies that arrived."""
        self.count += 1
        clock = Clock(self.now)
        inbox = Inbox(self.core.database, KEY, clock)
        understanding = self.core.turns._understanding
        turns = Turns(self.core.database, inbox, understanding, self.talker, clock)
        key = f"{self.name}-{self.count}"
        talk = inbox.accept(Incoming(self.channel, self.name, key, self.now, text, kind))
        assert talk is not None
        open_one = inbox.next_open(talk)
        assert open_one is not None
        turns.handle(open_one)
        if self.channel == "web":
            return self._reads()
        got = Mailbox()
        asyncio.run(Outbox(self.core.database, {self.channel: got}, clock).deliver(talk))
        return got.replies

    def _reads(self) -> list[Reply]:
        """What the page shows that it did not show before, of what was answered."""
        page = TranscriptLines(self.core.database, self.core.inbox)
        lines = asyncio.run(page.since(self.name, self.read))
        self.read = lines[-1].id
        return [Reply(line.text, line.buttons) for line in lines if line.sender == "bot"]

    def files(self) -> str:
        """File a report; the code that came with it."""
        self.talker = Filing()
        text = self.says(WORDS)[0].text
        self.talker = EchoTalker()
        found = CODE.search(text)
        assert found, text
        return found[0]


class Mailbox:
    """Where replies arrive."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    async def send(self, address: str, reply: Reply) -> None:
        """Take a reply."""
        self.replies.append(reply)


def texts_of(core: Core) -> str:
    with core.database.reading() as session:
        return "\n".join(session.execute(select(TranscriptRow.text)).scalars())


def keeper_at(core: Core, now: Any) -> Keeper:
    clock = Clock(now)
    return Keeper(core.database, Inbox(core.database, KEY, clock), KEEPING, clock)


# deleting


def test_deleting_asks_first_and_then_tells_what_stays(core: Core) -> None:
    person = Person(core)
    person.files()
    (question,) = person.says("/delete", "command")
    assert [button.payload for button in question.buttons] == ["delete:yes", "delete:no"]
    assert "不再写着是谁说的" in question.text
    assert WORDS in everything_in(core.database)
    (answer,) = person.says("delete:yes", "press")
    assert "已经删除" in answer.text and "1 份报告只留下孩子的情况" in answer.text
    left = everything_in(core.database)
    assert WORDS not in left and "+8613800138000" not in left
    with core.database.reading() as session:
        assert store.find(session, NUMBER).status == "new"


def test_a_day_later_the_address_is_gone_too(core: Core) -> None:
    person = Person(core, "+8613900139000")
    person.files()
    person.says("/delete")
    person.says("确定删除")  # typed instead of pressed
    assert "+8613900139000" in everything_in(core.database)
    keeper_at(core, MOMENT + timedelta(hours=25)).look()
    left = everything_in(core.database)
    assert "+8613900139000" not in left and core.inbox.hashed("+8613900139000") not in left


def test_whoever_changes_their_mind_keeps_everything(core: Core) -> None:
    person = Person(core)
    person.files()
    person.says("/delete", "command")
    (answer,) = person.says("delete:no", "press")
    assert "什么也没有删" in answer.text
    assert WORDS in texts_of(core)


def test_the_dialogue_goes_on_where_it_was_when_nothing_was_deleted(core: Core) -> None:
    person = Person(core)
    person.says("一")
    person.says("/delete", "command")
    person.says("delete:no", "press")
    assert person.says("二") == [Reply("您说：二")]
    assert person.talker.seen == ["一", "二"]


def test_after_deleting_a_person_begins_anew(core: Core) -> None:
    person = Person(core)
    person.files()
    person.says("delete:yes", "press")
    person.says("又有事")
    with core.database.reading() as session:
        talk = core.inbox.find(session, "terminal", "甲")
        assert store.of_person(session, talk.id) == []
    assert "又有事" in texts_of(core)
    assert WORDS not in texts_of(core)


def test_nobody_can_delete_what_another_said(core: Core) -> None:
    Person(core, "甲").files()
    Person(core, "乙").says("delete:yes", "press")
    assert WORDS in texts_of(core)


def test_a_danger_without_a_place_is_kept_for_three_days_and_the_person_is_told_so(
    core: Core,
) -> None:
    person = Person(core)
    person.says(WORDS)
    with core.database.writing() as session:
        session.execute(select(ConversationRow)).scalar_one().attention = "danger"
    person.says("/delete", "command")
    (answer,) = person.says("delete:yes", "press")
    assert "三天" in answer.text and "110" in answer.text
    assert WORDS in texts_of(core)
    keeper_at(core, MOMENT + timedelta(hours=71)).look()
    assert WORDS in texts_of(core)
    keeper_at(core, MOMENT + timedelta(hours=73)).look()
    assert WORDS not in everything_in(core.database)


def test_the_page_gets_the_last_line_although_all_others_are_gone(core: Core) -> None:
    person = Person(core, channel="web")
    person.files()
    lines = TranscriptLines(core.database, core.inbox)
    before = asyncio.run(lines.since("甲", 0))
    person.says("delete:yes", "press")
    after = asyncio.run(lines.since("甲", before[-1].id))
    assert ["已经删除" in line.text for line in after] == [False, True]
    assert len(asyncio.run(lines.since("甲", 0))) == 2


# the code


def test_the_code_is_shown_once_and_then_nowhere(core: Core) -> None:
    code = Person(core).files()
    assert code not in everything_in(core.database)
    assert "查询码：····-····" in texts_of(core)


def test_the_web_page_shows_the_code_for_a_while(core: Core) -> None:
    code = Person(core, channel="web").files()
    lines = TranscriptLines(core.database, core.inbox)
    assert code in asyncio.run(lines.since("甲", 0))[-1].text
    assert code not in texts_of(core)
    keeper_at(core, MOMENT + timedelta(minutes=14)).look()
    assert code in asyncio.run(lines.since("甲", 0))[-1].text
    keeper_at(core, MOMENT + timedelta(minutes=16)).look()
    assert code not in asyncio.run(lines.since("甲", 0))[-1].text
    assert code not in everything_in(core.database)


@pytest.mark.parametrize(
    "wording",
    ["/status {n} {c}", "查进度 {n} {c}", "{n} {c}", "查进度：{n}，查询码：{c}", "查询 {n}、{c}。"],
)
def test_from_another_account_the_code_shows_the_state_and_nothing_else(
    core: Core, wording: str
) -> None:
    code = Person(core).files()
    stranger = Person(core, "乙", "web")
    kind = "command" if wording.startswith("/") else "text"
    (answer,) = stranger.says(wording.format(n=NUMBER, c=code.lower()), kind)
    assert answer.text == f"报告 {NUMBER}：已收到，等待处理。最迟 11月21日 12:00 前会有人看。"
    assert answer.buttons == ()
    assert code not in everything_in(core.database).upper()
    assert stranger.talker.seen == []


def test_a_wrong_code_and_an_unknown_number_look_alike(core: Core) -> None:
    Person(core).files()
    stranger = Person(core, "乙")
    wrong = stranger.says(f"/status {NUMBER} AAAA-AAAA")
    unknown = stranger.says("/status HT-261121-ZZZZZ AAAA-AAAA")
    assert wrong == unknown
    assert "没有查到" in wrong[0].text


def test_a_wrong_code_and_an_unknown_number_ask_the_database_the_same(core: Core) -> None:
    Person(core).files()
    statements: dict[str, list[str]] = {}
    for number in (NUMBER, "HT-261121-ZZZZZ"):
        with core.database.writing() as session:
            talk = session.execute(select(ConversationRow)).scalars().first()
            heard = statements[number] = []
            asked = (number, "AAAA-AAAA")
            with listening(session, heard.append):
                receipt_codes.look_up(session, talk.id, asked, MOMENT, core.inbox.hashed)
            session.rollback()
    assert statements[NUMBER] == statements["HT-261121-ZZZZZ"]
    assert len(statements[NUMBER]) >= 3
    # what is sealed takes time to open, the longer the more was told
    assert not any("report_case.facts" in each for each in statements[NUMBER])


@contextmanager
def listening(session: Session, note: Callable[[str], None]) -> Iterator[None]:
    """Note every statement that a session sends."""
    engine = session.get_bind().engine

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        note(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_ten_wrong_tries_lock_the_person_for_a_day(core: Core) -> None:
    code = Person(core).files()
    stranger = Person(core, "乙")
    for _ in range(10):
        (answer,) = stranger.says("/status HT-261121-ZZZZZ AAAA-AAAA")
        assert "没有查到" in answer.text
    (answer,) = stranger.says(f"/status {NUMBER} {code}")
    assert "试的次数太多了" in answer.text
    stranger.now += timedelta(hours=25)
    (answer,) = stranger.says(f"/status {NUMBER} {code}")
    assert "已收到" in answer.text


def test_ten_wrong_tries_of_different_people_lock_the_report_without_saying_so(
    core: Core,
) -> None:
    code = Person(core).files()
    for number in range(10):
        Person(core, f"路人{number}").says(f"/status {NUMBER} AAAA-AAAA")
    person = Person(core, "乙")
    (answer,) = person.says(f"/status {NUMBER} {code}")
    assert "没有查到" in answer.text
    person.now += timedelta(hours=25)
    (answer,) = person.says(f"/status {NUMBER} {code}")
    assert "已收到" in answer.text


def test_a_right_code_forgives_the_wrong_ones_before(core: Core) -> None:
    code = Person(core).files()
    stranger = Person(core, "乙")
    for _ in range(3):
        for _ in range(9):
            stranger.says("/status HT-261121-ZZZZZ AAAA-AAAA")
        (answer,) = stranger.says(f"/status {NUMBER} {code}")
        assert "已收到" in answer.text


def test_what_is_kept_of_a_code_is_a_hash_that_only_fits_its_own_report(core: Core) -> None:
    with core.database.writing() as session:
        talk = ConversationRow(
            channel="web", person="x", address="x", created_at=MOMENT, updated_at=MOMENT
        )
        session.add(talk)
        session.flush()
        cases = []
        for number in ("HT-261121-AAAAA", "HT-261121-BBBBB"):
            cases.append(
                CaseRow(
                    case_no=number,
                    conversation_id=talk.id,
                    status="new",
                    channel="web",
                    language="en",
                    questionnaire="1",
                    created_at=MOMENT,
                    updated_at=MOMENT,
                    facts={"facts": {}},
                )
            )
        session.add_all(cases)
        code = receipt_codes.give(session, cases[0], core.inbox.hashed)
        row = session.get(ReceiptRow, cases[0].id)
        session.add(ReceiptRow(case_id=cases[1].id, code=row.code))
        assert len(row.code) == 64 and code.replace("-", "") not in row.code
        asked = ("HT-261121-BBBBB", code)
        assert not receipt_codes.look_up(session, talk.id, asked, MOMENT, core.inbox.hashed)


@pytest.mark.parametrize(
    "text",
    [
        "查进度", "/status", f"/status {NUMBER}", f"我的编号是 {NUMBER}", "删除", "确定删除",
        f"/status {NUMBER} 我想问问", "HT-261121-AAAAA 还有一个孩子", "x" * 4096, "",
        f"孩子在{NUMBER} AAAA-AAAA",
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_dialogue(text: str) -> None:
    assert wish_of(Incoming("web", "a", "1", MOMENT, text), []) is None


def test_an_edited_command_deletes_nothing() -> None:
    edited = Incoming("web", "a", "2", MOMENT, "/delete", "command", edits="1")
    assert wish_of(edited, []) is None


def test_an_error_while_deleting_is_told_and_nothing_is_half_done(core: Core) -> None:
    person = Person(core)
    person.files()
    with core.database.writing() as session:
        row = session.execute(select(CaseRow)).scalar_one()
        row.facts = {name: value for name, value in row.facts.items() if name != "unanswered"}
    (answer,) = person.says("delete:yes", "press")
    assert "110" in answer.text
    assert WORDS in texts_of(core)
    with core.database.reading() as session:
        assert session.query(InboxRow).filter(InboxRow.done_at.is_(None)).count() == 0


def test_replies_that_have_not_left_are_not_sent_after_everything_was_deleted(core: Core) -> None:
    person = Person(core)
    person.files()
    with core.database.writing() as session:
        talk = session.execute(select(ConversationRow)).scalar_one()
        reply = {"text": WORDS, "buttons": []}
        session.add(OutboxRow(conversation_id=talk.id, reply=reply, created_at=MOMENT))
    (answer,) = person.says("delete:yes", "press")
    assert "已经删除" in answer.text
