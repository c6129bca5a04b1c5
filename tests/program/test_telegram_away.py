"""Telegram is away, repeats itself or refuses a person: the whole program over real HTTP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.bootstrap import House
from bot.cases.tables import ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.channels.telegram import WEBHOOK_PATH
from bot.conversation.talk import Talk
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import EchoTalker
from tests.support.botapi import (
    BotApi,
    Person,
    cut,
    garbled,
    gateway_page,
    server_error,
    too_many,
)
from tests.support.echo import echo_house
from tests.support.program import Program, signed_in
from tests.support.telegram import until
from tests.torture.workers import free_port

pytestmark = pytest.mark.service
SECRET = "a_secret_of_the_tests"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
WITHIN = 30.0
DANGER = "有人打他"


class Reporting(EchoTalker):
    """Says everything back, and begins a report of danger where the words tell of it."""

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        """Answer."""
        talk = await super().talk(talk, parsed, metadata)
        if parsed["text"] == DANGER:
            report = Draft(case_no="HT-261121-AAAAA")
            report.begin("unattended_child")
            report.facts["danger"] = ["violence"]
            talk.slots["report"] = report.to_json()
        return talk


@pytest.fixture
def house(api: BotApi, tmp_path: Path) -> Iterator[House]:
    telegram = {"telegram_token": api.token, "telegram_api_url": api.url}
    with echo_house(tmp_path, Reporting(), **telegram) as house:
        yield house


def counted(house: House, *conditions: Any) -> int:
    with house.database.reading() as session:
        return int(session.execute(select(func.count()).where(*conditions)).scalar_one())


async def test_a_webhook_repeated_fifty_times_is_one_message_and_one_answer(
    house: House, api: BotApi
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    webhook = {"telegram_webhook_url": url, "telegram_webhook_secret": SECRET}
    with Program(house, port=port, telegram_mode="webhook", **webhook):
        person = api.person()
        update = person.says("楼下有孩子")
        await person.replies(1, WITHIN)
        async with httpx.AsyncClient(trust_env=False) as http:
            at_once = [
                http.post(url + WEBHOOK_PATH, json=update, headers={HEADER: SECRET})
                for _ in range(50)
            ]
            answers = await asyncio.gather(*at_once)
            forged = await http.post(url + WEBHOOK_PATH, json=update, headers={HEADER: "x"})
        assert [answer.status_code for answer in answers] == [200] * 50
        assert forged.status_code == 403
        person.says("谢谢")
        await person.replies(1, WITHIN)
        await asyncio.sleep(1.5)  # a second copy would come with the next look round
        assert [reply.text for reply in person.inbox] == ["您说：楼下有孩子", "您说：谢谢"]
        assert counted(house, InboxRow.id > 0) == 2
        assert counted(house, TranscriptRow.sender == "reporter") == 2


async def test_replies_go_out_in_order_when_telegram_is_back(house: House, api: BotApi) -> None:
    people = [api.person() for _ in range(3)]
    with Program(house):
        api.fail(
            "sendMessage", too_many(1), server_error(500), gateway_page(), garbled(), cut(),
            too_many(1),
        )  # fmt: skip
        api.fail("getUpdates", server_error(502), cut(), too_many(1))
        for number in range(4):
            with api.holding(backwards=True):
                updates = [person.says(f"第{number}句") for person in people]
            api.repeat(updates[number % 3], 5)
            await asyncio.sleep(0.2)
        for person in people:
            replies = await person.replies(4, WITHIN)
            assert [reply.text for reply in replies] == [f"您说：第{n}句" for n in range(4)]
        await asyncio.sleep(1.5)
        assert [len(person.inbox) for person in people] == [4, 4, 4]


async def test_a_reply_that_telegram_never_answered_comes_again(house: House, api: BotApi) -> None:
    person = api.person()
    with Program(house):
        api.fail("sendMessage", cut(done=True))
        person.says("在吗")
        first, second = await person.replies(2, WITHIN)
    assert first.text == second.text == "您说：在吗"


async def test_the_reply_to_a_child_in_danger_goes_out_first(house: House, api: BotApi) -> None:
    calm, urgent = [api.person() for _ in range(6)], api.person()
    with Program(house):
        api.fail("sendMessage", *[server_error(502)] * 4)
        for person in calm:
            person.says("你好")
        await until(lambda: api.called("sendMessage"), WITHIN)
        urgent.says(DANGER)
        await until(lambda: counted(house, OutboxRow.sent_at.is_(None)) == 7, 3)
        assert not any(person.inbox for person in [*calm, urgent])
        (first,) = await urgent.replies(1, WITHIN)
        for person in calm:
            (reply,) = await person.replies(1, WITHIN)
            assert reply.message_id > first.message_id
    with house.database.reading() as session:
        talk = house.inbox.find(session, "telegram", str(urgent.id))
        assert talk is not None and talk.attention is None, "its level alone must do it"


async def test_who_blocked_the_bot_is_sent_nothing_more_and_staff_see_it(
    house: House, api: BotApi
) -> None:
    person, other = api.person(), api.person()
    with Program(house) as program, signed_in(program) as staff:
        person.blocks()
        for number in range(3):
            person.says(f"第{number}句")
        await until(lambda: address_of(house, person) in staff.get("/staff/").text, WITHIN)
        await until(lambda: not counted(house, InboxRow.done_at.is_(None)), WITHIN)
        await asyncio.sleep(1.5)
        tried = len([call for call in api.called("sendMessage") if is_to(call, person)])
        assert tried <= 3
        other.says("你好")
        await other.replies(1, WITHIN)
        assert len([call for call in api.called("sendMessage") if is_to(call, person)]) == tried
        assert "第2句" in staff.get(address_of(house, person)).text
        person.unblocks()
        person.says("我回来了")
        (reply,) = await person.replies(1, WITHIN)
        assert reply.text == "您说：我回来了"


def is_to(call: Any, person: Person) -> bool:
    return str(call.params["chat_id"]) == str(person.id)


def address_of(house: House, person: Person) -> str:
    """Where staff read what somebody wrote."""
    with house.database.reading() as session:
        talk: ConversationRow | None = house.inbox.find(session, "telegram", str(person.id))
        return f"/staff/talks/{talk.id}" if talk else "nobody wrote"
