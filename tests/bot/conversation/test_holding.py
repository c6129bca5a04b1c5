"""A person takes over the chat: the bot is silent, and goes on where it stood."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases import store
from bot.cases.tables import CaseRow, ConversationRow, HistoryRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation import holding, plans
from bot.conversation.reminders import Reminders
from bot.conversation.turn import Turns
from bot.conversation.understanding import Understanding
from bot.conversation.watch import Watch
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import MOMENT, Core, reading
from tests.support.cases import ALONE, told

CASE = "HT-261121-HHHHH"
WORKER = "李主任"


def rows(core: Core, table: type) -> list[Any]:
    with core.database.reading() as session:
        return list(session.execute(select(table).order_by(table.id)).scalars())


def talk_of(core: Core) -> ConversationRow:
    return rows(core, ConversationRow)[0]


def sent(core: Core) -> list[str]:
    return [row.reply["text"] for row in rows(core, OutboxRow)]


def events(core: Core) -> list[tuple[str, str]]:
    return [(row.event, row.actor) for row in rows(core, HistoryRow)][2:]


def turn(core: Core, conversation: int) -> None:
    while (inbox_id := core.inbox.next_open(conversation)) is not None:
        core.turns.handle(inbox_id)


def begun(core: Core, **report: Any) -> int:
    """A person who wrote once; with a filed case of theirs."""
    number = core.takes("你好", "begin")
    assert number is not None
    turn(core, number)
    with core.database.writing() as session:
        talk = session.get(ConversationRow, number)
        store.save(session, talk, told(case_no=CASE, filed=True, **report), MOMENT)
    return number


def take(core: Core, number: int, name: str = WORKER, over: bool = False) -> None:
    with core.database.writing() as session:
        talk = holding.held(session, number)
        holding.take(session, talk, store.find(session, CASE), name, MOMENT, over)


def say(core: Core, number: int, text: str, at: datetime = MOMENT) -> None:
    with core.database.writing() as session:
        talk = holding.held(session, number)
        holding.say(session, talk, store.find(session, CASE), text, at)


def give_back(core: Core, number: int, name: str = WORKER) -> None:
    with core.database.writing() as session:
        talk = holding.held(session, number)
        holding.give_back(session, talk, store.find(session, CASE), name, MOMENT)


def opened(core: Core, number: int, walk: str, language: str = "zh_Hans") -> None:
    """The person is in the middle of a report; the place is asked for."""
    report = Draft()
    report.begin(walk)
    report.facts |= {"consent": True, "danger": []}
    report.reopen("location")
    report.note_asked("location")
    with core.database.writing() as session:
        talk = session.get(ConversationRow, number)
        talk.language = language
        talk.state = plans.named({"slots": {"report": report.to_json()}, "loop": "report_form"})


def test_while_a_person_holds_the_chat_the_bot_is_silent_and_every_word_is_kept(
    core: Core,
) -> None:
    number = begun(core)
    take(core, number)
    core.takes("孩子在我家", "2")
    turn(core, number)
    assert core.talker.seen == ["你好"]
    line = rows(core, TranscriptRow)[-1]
    assert (line.sender, line.text, line.intent) == ("reporter", "孩子在我家", "inform")
    assert line.case_id == rows(core, CaseRow)[0].id
    assert sent(core)[-1].startswith("现在由工作人员在这里跟您说话")
    assert len(sent(core)) == 2


def test_a_turn_under_way_when_a_person_takes_over_says_nothing(core: Core) -> None:
    number = begun(core)
    core.takes("孩子在我家", "2")
    core.talker.before = lambda: take(core, number)
    turn(core, number)
    assert [text for text in sent(core) if "孩子在我家" in text] == []
    assert [line.text for line in rows(core, TranscriptRow) if line.sender == "reporter"] == [
        "你好",
        "孩子在我家",
    ]


def test_the_reporter_reads_staff_not_who(core: Core) -> None:
    number = begun(core)
    take(core, number)
    say(core, number, "您好，{我}来问问孩子")
    assert sent(core)[-1] == "「工作人员」您好，{我}来问问孩子"
    line = rows(core, TranscriptRow)[-1]
    assert (line.sender, line.author, line.text) == ("staff", WORKER, "您好，{我}来问问孩子")
    assert rows(core, OutboxRow)[-1].transcript_id == line.id
    assert not [text for text in sent(core) if WORKER in text]


def test_a_take_over_changes_nothing_that_colleagues_would_have_to_confirm(core: Core) -> None:
    number = begun(core)
    (before,) = rows(core, CaseRow)
    take(core, number)
    say(core, number, "您好")
    give_back(core, number)
    assert rows(core, CaseRow)[0].version == before.version


def test_a_second_person_learns_who_holds_the_chat_and_since_when(core: Core) -> None:
    number = begun(core)
    take(core, number)
    with pytest.raises(holding.HeldError) as refused:
        take(core, number, "王督导")
    assert (refused.value.by, refused.value.since) == (WORKER, MOMENT)
    with pytest.raises(holding.HeldError):
        give_back(core, number, "王督导")
    take(core, number, "王督导", over=True)
    assert talk_of(core).held_by == "王督导"
    assert events(core)[-1] == ("held", "王督导")
    assert len([text for text in sent(core) if "现在由工作人员" in text]) == 1


def test_handing_back_asks_the_open_question_again(core: Core) -> None:
    number = begun(core)
    opened(core, number, "unattended_child")
    take(core, number)
    give_back(core, number)
    goes, question = sent(core)[-2:]
    assert "接下来还是我" in goes and "110" in goes
    assert "哪" in question
    assert [button["title"] for button in rows(core, OutboxRow)[-1].reply["buttons"]][-1] == (
        "不方便说"
    )
    assert talk_of(core).held_by is None
    assert talk_of(core).state["offered"][-1]["payload"] == "say:decline_to_answer"
    core.takes("谢谢", "3")
    turn(core, number)
    assert core.talker.seen == ["你好", "谢谢"]


def test_a_child_is_told_in_a_childs_words_and_each_in_their_language(core: Core) -> None:
    number = begun(core, report_type="child_self")
    take(core, number)
    assert "跟你说话" in sent(core)[-1]
    give_back(core, number)
    assert "还是我陪你" in sent(core)[-1]
    with core.database.writing() as session:
        session.get(ConversationRow, number).language = "zh_Hant"
    take(core, number)
    assert rows(core, TranscriptRow)[-1].sender == "bot"


def test_a_hold_in_which_nobody_writes_ends_by_itself(core: Core) -> None:
    number = begun(core)
    take(core, number)
    say(core, number, "您好", MOMENT + timedelta(minutes=20))
    assert Watch(core.database, Clock(MOMENT + timedelta(minutes=45))).end_idle_holds() == []
    late = Watch(core.database, Clock(MOMENT + timedelta(minutes=51)))
    assert late.end_idle_holds() == [number]
    assert late.end_idle_holds() == []
    assert talk_of(core).held_by is None
    assert "接下来还是我" in sent(core)[-1]
    assert events(core)[-1] == ("hold_lapsed", "system")


def test_no_reminder_goes_into_a_held_chat(core: Core) -> None:
    number = begun(core, facts=ALONE)
    due = Reminders(core.database, Clock(MOMENT + timedelta(hours=6)))
    take(core, number)
    assert due.queue_due() == []
    give_back(core, number)
    assert due.queue_due() == [number]


def test_danger_told_to_staff_raises_the_case_all_the_same(core: Core) -> None:
    number = begun(core)
    take(core, number)
    core.interpreter.reads["有人打孩子"] = reading(
        "有人打孩子", "report_emergency", 0.9, ("violence",)
    )
    core.takes("有人打孩子", "2")
    turn(core, number)
    assert talk_of(core).attention == "danger"
    (case,) = rows(core, CaseRow)
    assert case.level == "critical" and case.facts["facts"]["danger"] == ["violence"]
    say(core, number, "我马上联系派出所")
    give_back(core, number)
    assert talk_of(core).attention is None


def test_danger_told_into_an_open_report_is_a_fact_of_it(core: Core) -> None:
    number = begun(core)
    opened(core, number, "unattended_child")
    take(core, number)
    core.interpreter.reads["孩子昏倒了"] = reading(
        "孩子昏倒了", "report_emergency", 0.9, ("unconscious",)
    )
    core.takes("孩子昏倒了", "2")
    turn(core, number)
    report = Draft.from_json(talk_of(core).state["slots"]["report"])
    assert report.facts["danger"] == ["unconscious"]
    assert report.asking == "location"


def test_who_hands_back_without_a_word_leaves_the_alarm_on(core: Core) -> None:
    number = begun(core)
    with core.database.writing() as session:
        session.get(ConversationRow, number).attention = "danger"
    take(core, number)
    give_back(core, number)
    assert talk_of(core).attention == "danger"


def test_an_error_in_understanding_is_not_told_into_a_held_chat(core: Core) -> None:
    class Broken:
        def parse(self, text: str, now: datetime | None = None) -> Any:
            raise RuntimeError("broken over " + text)

    number = begun(core)
    take(core, number)
    before = sent(core)
    clock = Clock(MOMENT)
    turns = Turns(core.database, core.inbox, Understanding(Broken(), 0.5), core.talker, clock)
    core.takes("孩子在我家", "2")
    inbox_id = core.inbox.next_open(number)
    assert inbox_id is not None
    turns.handle(inbox_id)
    assert sent(core) == before
    assert rows(core, TranscriptRow)[-1].text == "孩子在我家"
    assert talk_of(core).attention == "human"


def test_of_two_who_take_over_at_once_one_gets_the_chat(core: Core) -> None:
    number = begun(core)
    held: list[str] = []

    def try_it(name: str) -> None:
        try:
            take(core, number, name)
            held.append(name)
        except holding.HeldError:
            pass

    people = [threading.Thread(target=try_it, args=(f"人{index}",)) for index in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert held == [talk_of(core).held_by]
    assert len([text for text in sent(core) if "现在由工作人员" in text]) == 1
