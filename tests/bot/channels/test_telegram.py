"""The Telegram channel over real HTTP: polling, what it hands in, and what it survives."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from bot.channels.telegram import Pace, TelegramChannel
from bot.conversation.messages import Button, NotNowError, Reply
from bot.settings import SettingError
from tests.support.botapi import (
    BotApi,
    Fault,
    bad_request,
    cut,
    garbled,
    gateway_page,
    server_error,
    stalls,
    too_many,
)
from tests.support.botapi.errors import error_body
from tests.support.memory_door import MemoryDoor
from tests.support.telegram import QUICK, running, telegram_settings, until

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("error")]

UNAUTHORISED = Fault(401, error_body(401, "Unauthorized"))


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def door() -> MemoryDoor:
    return MemoryDoor()


async def test_what_somebody_writes_is_handed_in_and_then_confirmed(
    api: BotApi, door: MemoryDoor
) -> None:
    person = api.person(language_code="zh-hant")
    update = person.says("我們社區有兩個孩子沒人管")
    async with running(api, door):
        (incoming,) = await door.got(1)
        await until(lambda: api.updates.confirmed == update["update_id"])
    message = update["message"]
    assert incoming.text == "我們社區有兩個孩子沒人管"
    assert incoming.sender == str(person.id)
    assert incoming.message_id == f"{person.id}:{message['message_id']}"
    assert (incoming.channel, incoming.kind) == ("telegram", "text")
    assert incoming.language_hint == "zh-hant"
    assert incoming.at.timestamp() == message["date"]
    assert incoming.at.tzinfo is not None


async def test_messages_keep_their_order_even_when_delivered_backwards(
    api: BotApi, door: MemoryDoor
) -> None:
    person = api.person()
    async with running(api, door):
        with api.holding(backwards=True):
            for text in "一二三":
                person.says(text)
        assert [incoming.text for incoming in await door.got(3)] == ["一", "二", "三"]


async def test_who_wrote_once_does_not_wait_behind_a_flood(api: BotApi, door: MemoryDoor) -> None:
    person, neighbour = api.person(), api.person()
    for number in range(20):
        person.says(f"第{number}句")
    neighbour.says("别等别人")
    async with running(api, door):
        taken = [incoming.text for incoming in await door.got(21)]
    assert taken == ["别等别人", *(f"第{number}句" for number in range(20))]


async def test_a_repeated_update_is_written_down_once(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    async with running(api, door):
        update = person.says("只说一次")
        await until(lambda: api.updates.confirmed)
        for _ in range(4):
            api.repeat(update)
            await until(lambda: not api.updates.waiting())
        await until(lambda: door.knocks == 5)
        person.says("再说")
        assert [incoming.text for incoming in await door.got(2)] == ["只说一次", "再说"]


async def test_an_update_that_was_not_written_down_comes_again(
    api: BotApi, door: MemoryDoor
) -> None:
    person, neighbour = api.person(), api.person()
    door.breaks(str(person.id), 5)  # three times together with the second, twice alone
    first = person.says("一")
    person.says("二")
    neighbour.says("别等别人")
    async with running(api, door):
        taken = await door.got(3)
        await until(lambda: not api.updates.waiting())
    assert [incoming.text for incoming in taken] == ["别等别人", "一", "二"]
    polls = [int(call.params.get("offset", 0)) for call in api.called("getUpdates")]
    assert polls.count(first["update_id"]) == 2


async def test_nothing_is_confirmed_when_the_program_stops_before_writing_it_down(
    api: BotApi, door: MemoryDoor
) -> None:
    person = api.person()
    door.breaks(str(person.id), 1000, NotNowError())
    person.says("不能丢")
    async with running(api, door):
        await until(lambda: door.knocks >= 8)
    assert api.updates.confirmed == 0
    door.breaks(str(person.id), 0)
    async with running(api, door):
        assert [incoming.text for incoming in await door.got(1)] == ["不能丢"]


async def test_an_update_that_always_fails_is_set_aside_and_stops_nobody(
    api: BotApi, door: MemoryDoor
) -> None:
    person = api.person()
    door.breaks(str(person.id), 10)  # five times together with the second, five times alone
    person.says("坏")
    person.says("好")
    async with running(api, door):
        taken = await door.got(1)
        await until(lambda: not api.updates.waiting())
    assert [incoming.text for incoming in door.given_up] == ["坏"]
    assert [incoming.text for incoming in taken] == ["好"]


async def test_a_press_is_handed_in_and_answered(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    async with running(api, door) as channel:
        await channel.sender.send(str(person.id), Reply("可以吗？", (Button("同意", "/agree"),)))
        (reply,) = await person.replies(1)
        query = person.presses(reply.button("同意"))["callback_query"]
        (incoming,) = await door.got(1)
        await until(lambda: api.answered == [query["id"]])
    assert (incoming.kind, incoming.text) == ("press", "/agree")
    assert incoming.message_id == f"callback:{query['id']}"
    assert incoming.sender == str(person.id)


async def test_a_press_that_is_too_old_to_be_answered_still_counts(
    api: BotApi, door: MemoryDoor
) -> None:
    person = api.person()
    api.fail("answerCallbackQuery", bad_request("query is too old"), stalls())
    async with running(api, door):
        person.calls_back("/a")
        person.calls_back("/b")
        person.says("c")
        assert [incoming.text for incoming in await door.got(3)] == ["/a", "/b", "c"]
        await until(lambda: api.faults_left("answerCallbackQuery") == 0)


async def test_an_edit_points_at_what_it_rewords(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    async with running(api, door):
        update = person.says("两个孩子")
        person.edits(update, "三个孩子", after=7)
        original, edit = await door.got(2)
    assert edit.edits == original.message_id
    assert edit.message_id == f"{original.message_id}:edit:{update['message']['date'] + 7}"
    assert (edit.kind, edit.text) == ("text", "三个孩子")
    assert (edit.at - original.at).total_seconds() == 7


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_a_group_gets_one_sentence_and_nothing_of_it_is_kept(
    api: BotApi, door: MemoryDoor, kind: str
) -> None:
    person, group = api.person(), api.group(kind)
    async with running(api, door):
        person.says("/start@hutong_test_bot", chat=group)
        (notice,) = await group.replies(1)
        person.says("有个孩子没人管", chat=group)
        person.edits(person.says("电话", chat=group), "地址")
        person.says("私聊")
        assert [incoming.text for incoming in await door.got(1)] == ["私聊"]
        await until(lambda: not api.updates.waiting())
    assert "私聊" in notice.text
    assert len(group.inbox) == 1


async def test_a_post_in_a_channel_gets_the_sentence_too(api: BotApi, door: MemoryDoor) -> None:
    channel = api.group("channel")
    post = {"message_id": 5, "chat": channel.as_json, "date": 1_700_000_000, "text": "公告"}
    async with running(api, door):
        api.updates.add("channel_post", post)
        await channel.replies(1)
    assert door.knocks == 0


async def test_an_update_without_sense_stops_nothing(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    shapes: list[object] = [{"oops": 1}, {"message_id": "x", "chat": 3}, [], None, "text", 7]
    for nonsense in shapes:
        api.updates.add("message", nonsense)
    person.says("看不懂", message_id=None, date="gestern")
    api.updates.add("callback_query", {"id": 3})
    api.updates.add("poll", {"id": "1"})
    person.says("你好")
    async with running(api, door):
        assert [incoming.text for incoming in await door.got(1)] == ["你好"]
        await until(lambda: not api.updates.waiting())


async def test_polling_survives_whatever_telegram_does(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    faults = (server_error(502), server_error(500), gateway_page(), garbled(), cut(), stalls())
    nobody = Fault(409, error_body(409, "Conflict: terminated by other getUpdates request"))
    odd = (Fault(200, b'{"ok":true}'), Fault(200, b"[]"), Fault(200, b'{"ok":true,"result":{}}'))
    api.fail("getUpdates", *faults, nobody, *odd, UNAUTHORISED, Fault(200, b""))
    person.says("还在吗")
    async with running(api, door, Pace(1, 0.2, 0.01, 0.02)):
        assert [incoming.text for incoming in await door.got(1)] == ["还在吗"]
    assert api.faults_left("getUpdates") == 0


async def test_a_lost_answer_loses_no_update(api: BotApi, door: MemoryDoor) -> None:
    person = api.person()
    api.fail("getUpdates", cut(done=True))
    person.says("一")
    async with running(api, door):
        await door.got(1)
        api.fail("getUpdates", cut(done=True), garbled())
        person.says("二")
        assert [incoming.text for incoming in await door.got(2)] == ["一", "二"]


async def test_polling_waits_as_long_as_telegram_says(api: BotApi, door: MemoryDoor) -> None:
    api.fail("getUpdates", too_many(1))
    api.person().says("等一下")
    async with running(api, door):
        await door.got(1)
    first, second, *_ = api.called("getUpdates")
    assert second.at - first.at >= 1


async def test_the_channel_opens_when_telegram_is_back(api: BotApi, door: MemoryDoor) -> None:
    api.fail("getMe", cut(), server_error(502))
    api.fail("deleteWebhook", gateway_page())
    api.fail("setMyCommands", server_error(500), cut())
    api.person().says("你好")
    async with running(api, door):
        await door.got(1)


async def test_polling_takes_back_a_webhook_that_was_set(api: BotApi, door: MemoryDoor) -> None:
    api.webhook.set("http://127.0.0.1:9/nobody", "")
    api.person().says("你好")
    async with running(api, door):
        await door.got(1)
    assert api.webhook.url == ""


async def test_a_cancelled_channel_ends_at_once(api: BotApi, door: MemoryDoor) -> None:
    loop = asyncio.get_running_loop()
    async with running(api, door):
        await until(lambda: api.called("getUpdates"))
        begun = loop.time()
    assert loop.time() - begun < 0.3


async def test_a_closed_channel_leaves_nothing_running(api: BotApi, door: MemoryDoor) -> None:
    api.fail("answerCallbackQuery", stalls())
    async with running(api, door, Pace(poll=2, answer=5)):
        api.person().calls_back("/yes")
        await until(lambda: api.called("answerCallbackQuery"))
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_menus_are_there_in_each_language_that_has_a_catalogue(
    api: BotApi, door: MemoryDoor
) -> None:
    names = ["start", "report", "status", "help", "language", "cancel", "delete"]
    async with running(api, door):
        await until(lambda: ("all_private_chats", "zh") in api.menus)
    assert list(api.menus["all_private_chats", ""]) == names
    assert list(api.menus["all_private_chats", "zh"]) == names


async def test_a_wrong_token_is_said_at_the_start_and_never_shown(
    api: BotApi, door: MemoryDoor, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    for token in (wrong, "12:short"):
        channel = TelegramChannel(telegram_settings(api, telegram_token=token), door, QUICK)
        with pytest.raises(SettingError, match="HUTONG_TELEGRAM_TOKEN") as refused:
            await channel.run()
        assert token not in str(refused.value) + caplog.text
        assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"telegram_token": "not a token"}, "HUTONG_TELEGRAM_TOKEN"),
        (
            {
                "telegram_mode": "webhook",
                "telegram_webhook_url": "https://hutong.example",
                "telegram_webhook_secret": "密码",
            },
            "HUTONG_TELEGRAM_WEBHOOK_SECRET",
        ),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    api: BotApi, door: MemoryDoor, changes: dict[str, str], name: str
) -> None:
    with pytest.raises(SettingError, match=name):
        TelegramChannel(telegram_settings(api, **changes), door)


async def test_logs_hold_neither_words_nor_names_nor_ids_nor_the_token(
    api: BotApi, door: MemoryDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = api.person(name="王小明")
    door.breaks(str(person.id), 1)
    half = Fault(200, f'{{"ok":true,"result":[{{"text":"秘密四","id":{person.id}'.encode())
    api.fail("getUpdates", half, cut(), server_error(502))
    leak = {"message_id": 1, "chat": {"id": person.id}, "text": "秘密二"}
    async with running(api, door):
        person.says("秘密一")
        api.updates.add("message", leak)
        await door.got(1)
        person.calls_back("秘密三")
        await door.got(2)
        await until(lambda: api.answered)
    assert caplog.records
    for secret in ("秘密", "王小明", str(person.id), api.token, api.token.split(":")[1]):
        assert secret not in caplog.text
