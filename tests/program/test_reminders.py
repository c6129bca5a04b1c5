"""A reminder over Telegram: the whole program sends it, and the press of an answer reaches the case."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import House, open_database
from bot.cases import followups, store
from bot.cases.tables import CaseRow
from bot.channels.terminal import Terminal
from bot.conversation.inbox import Inbox
from bot.settings import secret_key
from tests.support.botapi import BotApi, Person
from tests.support.cases import ALONE, told
from tests.support.program import Program
from tests.support.telegram import until

pytestmark = pytest.mark.service
WITHIN = 20.0
CASE = "HT-261121-RMNDR"


@pytest.fixture
def house(house: House, tmp_path: Path) -> Iterator[House]:
    """The program on a database of its own: every Bot API server numbers its messages from one."""
    settings = house.settings.copy(update={"data_dir": tmp_path})
    database = open_database(settings)
    inbox = Inbox(database, secret_key(settings), settings.clock)
    yield replace(house, settings=settings, database=database, inbox=inbox)
    database.close()


def due_reminder(house: House, person: Person) -> None:
    """A case that this person filed, with a reminder that is due."""
    now = house.settings.clock.now()
    with house.database.writing() as session:
        talk = house.inbox.find(session, "telegram", str(person.id))
        assert talk is not None
        case = store.save(session, talk, told(case_no=CASE, filed=True, facts=ALONE), now)
        followups.schedule(case, "reminder", now, "staff", now, says="carer_now")


def case_of(house: House) -> CaseRow:
    with house.database.reading() as session:
        case = store.find(session, CASE)
        assert case is not None
        assert case.history and case.followups and case.transcript  # loaded while the session is
        return case


async def test_the_program_reminds_once_and_takes_the_answer(house: House, api: BotApi) -> None:
    changes = {"telegram_token": api.token, "telegram_api_url": api.url}
    person = api.person()
    with Program(house, **changes):
        person.says("谢谢")
        await person.replies(1, WITHIN)
    due_reminder(house, person)
    with Program(house, **changes):
        (asked,) = await person.replies(1, WITHIN)
        assert asked.text == "您好，我是护童。孩子现在有人照顾了吗？"
    with Program(house, **changes):  # once more from the start: nothing is sent again
        person.presses(asked.button("还没有"))
        (answer,) = await person.replies(1, WITHIN)
        assert "标给工作人员" in answer.text
        await until(lambda: case_of(house).facts["narrative"].endswith("还没有"), WITHIN)
    assert len([m for m in person.inbox if "孩子现在有人照顾了吗" in m.text]) == 1
    case = case_of(house)
    assert [line.text for line in case.transcript] == [asked.text, "还没有"]
    assert case.transcript[0].sender == "bot"
    sent = [r for r in case.followups if r.done_by == "bot"]
    assert [r.record["answer"]["answer"] for r in sent] == ["not_yet"]
    events = [entry.event for entry in case.history]
    assert events.index("followup_done") < events.index("followup_answered")


def test_an_answer_pressed_in_an_open_report_reaches_its_case_and_the_report_goes_on(
    house: House,
) -> None:
    person = Terminal(house, "somebody with two worries")
    person.say("谢谢")
    now = house.settings.clock.now()
    with house.database.writing() as session:
        talk = house.inbox.find(session, "terminal", person.sender)
        assert talk is not None
        case = store.save(session, talk, told(case_no="HT-261121-TWWRS", filed=True), now)
        followups.schedule(case, "reminder", now, "staff", now, says="carer_now")
    house.reminders.queue_due()
    (asked,) = person.receive()
    person.say("楼下还有两个孩子自己在家，没有大人")
    _, before = person.say("同意")
    replies, after = person.say(asked.buttons[1].payload, "press")
    assert "标给工作人员" in replies[0].text
    assert after.asking == before.asking == "danger"
    with house.database.reading() as session:
        first = store.find(session, "HT-261121-TWWRS")
        assert first is not None
        assert "followup_answered" in [entry.event for entry in first.history]
    person.say("没有")
    with house.database.reading() as session:  # a bare word in a report answers the report
        first = store.find(session, "HT-261121-TWWRS")
        assert first is not None
        assert [entry.event for entry in first.history].count("followup_answered") == 1
