"""Replies leave for Telegram whole, and its refusals mean the right thing."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.channels.telegram import TelegramSender
from bot.channels.telegram.client import make_client
from bot.channels.telegram.sender import keyboard, split
from bot.conversation.messages import Button, Reply, TryLaterError, UndeliverableError
from tests.support.botapi import (
    BotApi,
    Fault,
    Person,
    bad_request,
    blocked,
    cut,
    garbled,
    gateway_page,
    passes,
    server_error,
    stalls,
    too_many,
)
from tests.support.botapi.errors import error_body
from tests.support.telegram import QUICK, telegram_settings

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("error")]


class Watch:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def person(api: BotApi) -> Person:
    return api.person()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def sender(api: BotApi, watch: Watch) -> AsyncIterator[TelegramSender]:
    client = make_client(telegram_settings(api), QUICK)
    await client.initialize()
    yield TelegramSender(client, watch)
    await client.shutdown()


async def test_words_arrive_as_they_are(sender: TelegramSender, person: Person) -> None:
    words = "<b>不是</b> *标记* _也不是_ [这](http://example.org)\n第二行 &amp;"
    await sender.send(str(person.id), Reply(words))
    (message,) = await person.replies(1)
    assert message.text == words
    assert "parse_mode" not in message.params
    assert '"is_disabled": true' in message.params["link_preview_options"]


async def test_buttons_carry_their_payload(sender: TelegramSender, person: Person) -> None:
    buttons = (Button("有危险", "/danger"), Button("没有", "是" * 21))
    await sender.send(str(person.id), Reply("现在有危险吗？", buttons))
    (message,) = await person.replies(1)
    assert [(button.title, button.data) for button in message.buttons] == [
        ("有危险", "/danger"),
        ("没有", "是" * 21),
    ]


@pytest.mark.parametrize(
    ("titles", "rows"),
    [
        (["是", "否"], [["是", "否"]]),
        (["是", "否", "不清楚"], [["是", "否"], ["不清楚"]]),
        (
            ["是", "我要为自己的孩子求助", "否", "不清楚"],
            [["是"], ["我要为自己的孩子求助"], ["否", "不清楚"]],
        ),
        (["七个字刚好放下", "八个字就放不下了"], [["七个字刚好放下"], ["八个字就放不下了"]]),
        (["Twelve chars", "Fourteen chars"], [["Twelve chars", "Fourteen chars"]]),
    ],
)
def test_short_titles_share_a_row(titles: list[str], rows: list[list[str]]) -> None:
    drawn = keyboard(tuple(Button(title, "x") for title in titles)).inline_keyboard
    assert [[button.text for button in row] for row in drawn] == rows


async def test_a_long_reply_comes_in_order_with_its_buttons_last(
    sender: TelegramSender, person: Person
) -> None:
    lines = [f"{number}：" + "护" * 300 for number in range(30)]
    await sender.send(str(person.id), Reply("\n".join(lines), (Button("好", "ok"),)))
    messages = await person.replies(3)
    assert "\n".join(message.text for message in messages) == "\n".join(lines)
    assert [message.titles for message in messages] == [[], [], ["好"]]


@pytest.mark.parametrize("text", ["护" * 10_000, "😀" * 5000, "护\n" * 5000, "a" * 4096 + "\nb"])
def test_pieces_fit_and_nothing_is_lost(text: str) -> None:
    pieces = split(text)
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= 4096 for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_blank_text_has_no_pieces() -> None:
    assert split("") == split(" \n\n ") == []
    assert split("\n" * 5000 + "好") == ["好"]


async def test_a_reply_that_failed_half_way_goes_on_where_it_stopped(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    words = [letter * 3000 for letter in "甲乙丙"]
    reply = Reply("\n".join(words), (Button("好", "ok"),))
    api.fail("sendMessage", passes(), server_error(502), passes(), too_many(1))
    for _ in range(2):
        with pytest.raises(TryLaterError):
            await sender.send(str(person.id), reply)
    await sender.send(str(person.id), reply)
    await sender.send(str(person.id), reply)
    assert [message.text for message in await person.replies(6)] == words * 2


async def test_a_person_who_blocked_the_bot_is_out_of_reach(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    person.blocks()
    with pytest.raises(UndeliverableError):
        await sender.send(str(person.id), Reply("在吗"))
    with pytest.raises(UndeliverableError):
        await sender.send("77", Reply("在吗"))
    api.fail("sendMessage", blocked(), bad_request("PEER_ID_INVALID"))
    for _ in range(2):
        with pytest.raises(UndeliverableError):
            await sender.send(str(api.person().id), Reply("在吗"))


async def test_telegram_says_how_long_to_wait(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    api.fail("sendMessage", too_many(17))
    with pytest.raises(TryLaterError) as later:
        await sender.send(str(person.id), Reply("在吗"))
    assert 17 <= later.value.after < 18


@pytest.mark.parametrize(
    "fault", [server_error(500), server_error(503), gateway_page(), garbled(), cut(), stalls()]
)
async def test_trouble_on_the_way_is_for_later(
    sender: TelegramSender, person: Person, api: BotApi, fault: Fault
) -> None:
    api.fail("sendMessage", fault)
    with pytest.raises(TryLaterError) as later:
        await sender.send(str(person.id), Reply("在吗"))
    assert later.value.__suppress_context__
    await sender.send(str(person.id), Reply("在吗"))
    assert len(await person.replies(1)) == 1


async def test_the_pause_grows_with_the_trouble(
    sender: TelegramSender, person: Person, api: BotApi, watch: Watch
) -> None:
    async def pause() -> float:
        api.fail("sendMessage", server_error(502))
        with pytest.raises(TryLaterError) as later:
            await sender.send(str(person.id), Reply("在吗"))
        return later.value.after

    pauses = []
    for later in (0, 1, 4, 500):
        watch.seconds += later
        pauses.append(await pause())
    assert pauses == [1, 1, 5, 10]
    await sender.send(str(person.id), Reply("在吗"))
    assert await pause() == 1


async def test_a_refused_token_makes_nobody_unreachable(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    api.fail("sendMessage", Fault(401, error_body(401, "Unauthorized")))
    with pytest.raises(TryLaterError):
        await sender.send(str(person.id), Reply("在吗"))


async def test_words_come_even_when_their_buttons_are_refused(
    sender: TelegramSender, person: Person
) -> None:
    wrong = (Button("好", "x" * 65),)
    await sender.send(str(person.id), Reply("请拨打110", wrong))
    (message,) = await person.replies(1)
    assert (message.text, message.titles) == ("请拨打110", [])


async def test_words_that_are_refused_for_good_are_given_up(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    api.fail("sendMessage", bad_request("something new"))
    with pytest.raises(UndeliverableError):
        await sender.send(str(person.id), Reply("在吗"))


async def test_a_reply_without_words_is_not_sent(
    sender: TelegramSender, person: Person, api: BotApi
) -> None:
    await sender.send(str(person.id), Reply("  "))
    assert api.called("sendMessage") == []


async def test_nothing_leaves_after_the_channel_has_closed(api: BotApi, person: Person) -> None:
    client = make_client(telegram_settings(api), QUICK)
    await client.initialize()
    await client.shutdown()
    with pytest.raises(TryLaterError):
        await TelegramSender(client).send(str(person.id), Reply("在吗"))
