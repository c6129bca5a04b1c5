"""A report over Telegram's own protocol: the whole program against the local Bot API server."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from bot.bootstrap import House
from bot.cases.export import as_contract
from bot.cases.store import of_person
from bot.cases.tables import InboxRow, TranscriptRow
from tests.support.botapi import BotApi, Person, too_many
from tests.support.program import Program
from tests.support.telegram import until

pytestmark = pytest.mark.service
OPENING = "郑州市金水区文化路社区5号楼有个六岁的男孩一个人在家，他妈妈前天住院了"
WITHIN = 20.0


@pytest.fixture(scope="module")
def api(house: House) -> Iterator[BotApi]:
    with BotApi() as api, Program(house, telegram_token=api.token, telegram_api_url=api.url):
        yield api


def transcript(house: House, person: Person) -> list[TranscriptRow]:
    with house.database.reading() as session:
        conversation = house.inbox.find(session, "telegram", str(person.id))
        assert conversation is not None
        query = select(TranscriptRow).where(TranscriptRow.conversation_id == conversation.id)
        return list(session.execute(query.order_by(TranscriptRow.id)).scalars())


async def test_a_neighbours_report_becomes_a_case(house: House, api: BotApi) -> None:
    person = api.person()
    person.says(OPENING)
    _, consent = await person.replies(2, WITHIN)
    person.presses(consent.button("同意"))
    (question,) = await person.replies(1, WITHIN)
    person.presses(question.button("没有危险"))
    for _ in range(8):
        (question,) = await person.replies(1, WITHIN)
        titles = [button.title for button in question.buttons]
        if "提交" in titles:
            break
        person.presses(question.button("不清楚"))
    assert "文化路社区5号楼" in question.text
    person.presses(question.button("提交"))
    filed, *_ = await person.replies(3, WITHIN)
    with house.database.reading() as session:
        conversation = house.inbox.find(session, "telegram", str(person.id))
        assert conversation is not None
        case = as_contract(of_person(session, conversation.id)[0])
    assert case["case_no"] in filed.text
    assert case["channel"] == "telegram"
    assert case["status"] == "new"
    assert case["children"]["ages"] == [6]
    assert case["location"]["county"] == "金水区"
    assert case["transcript"][0]["text"] == OPENING
    assert [line["sender"] for line in case["transcript"][:3]] == ["reporter", "bot", "bot"]


async def test_one_update_delivered_five_times_is_answered_once(house: House, api: BotApi) -> None:
    person = api.person()
    update = person.says("你好")
    (greeting,) = await person.replies(1, WITHIN)
    api.repeat(update, 4)
    person.says("谢谢")
    (thanks,) = await person.replies(1, WITHIN)
    assert "护童" in greeting.text
    assert "不用谢" in thanks.text
    assert [line.text for line in transcript(house, person) if line.sender == "reporter"] == [
        "你好",
        "谢谢",
    ]
    with house.database.reading() as session:
        conversation = house.inbox.find(session, "telegram", str(person.id))
        assert conversation is not None
        query = select(func.count()).where(InboxRow.conversation_id == conversation.id)
        assert session.execute(query).scalar() == 2


async def test_an_edited_message_is_kept_and_answers_nothing(house: House, api: BotApi) -> None:
    person = api.person()
    update = person.says("楼下有两个孩子自己在家没人管")
    await person.replies(2, WITHIN)
    person.edits(update, "楼下有三个孩子自己在家没人管")
    person.says("谢谢")
    await person.replies(2, WITHIN)
    lines = [line for line in transcript(house, person) if line.sender == "reporter"]
    assert [line.text for line in lines][:2] == [
        "楼下有两个孩子自己在家没人管",
        "楼下有三个孩子自己在家没人管",
    ]
    assert lines[1].revises_id == lines[0].id
    assert len(person.inbox) == 4


async def test_commands_speak_the_persons_language(api: BotApi) -> None:
    person = api.person(language_code="en")
    person.says("/start")
    (reply,) = await person.replies(1, WITHIN)
    assert "110" in reply.text
    assert "child" in reply.text.lower()


async def test_a_sticker_gets_a_friendly_sentence(api: BotApi) -> None:
    person = api.person()
    person.sends("sticker")
    reply, _ = await person.replies(2, WITHIN)
    assert "文字" in reply.text


async def test_replies_arrive_in_order_when_telegram_asks_to_wait(api: BotApi) -> None:
    person = api.person()
    api.fail("sendMessage", too_many(1))
    person.says(OPENING)
    opening, consent = await person.replies(2, WITHIN)
    assert "同意" in [button.title for button in consent.buttons]
    assert not opening.buttons


async def test_a_group_is_told_once_and_nothing_is_kept(house: House, api: BotApi) -> None:
    group, person = api.group(), api.person()
    person.says("你好", chat=group)
    (reply,) = await group.replies(1, WITHIN)
    assert reply.text
    await until(lambda: not api.faults_left("sendMessage"))
    with house.database.reading() as session:
        assert house.inbox.find(session, "telegram", str(group.id)) is None
        assert house.inbox.find(session, "telegram", str(person.id)) is None
