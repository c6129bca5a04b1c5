"""Groups are told once an hour, in the language of who spoke."""

from collections.abc import Iterator

import pytest

from bot.channels.telegram.client import make_client
from bot.channels.telegram.intake import Intake, public_notice
from bot.channels.telegram.reading import Heard, PublicPlace
from tests.support.botapi import BotApi
from tests.support.memory_door import MemoryDoor
from tests.support.telegram import QUICK, telegram_settings, until

pytestmark = [pytest.mark.service, pytest.mark.filterwarnings("error")]


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


async def test_a_group_is_told_again_after_an_hour(api: BotApi) -> None:
    now = 0.0
    client = make_client(telegram_settings(api), QUICK)
    await client.initialize()
    intake = Intake(client, MemoryDoor(), now=lambda: now)
    first, second = api.group(), api.group()
    for minutes in (0, 30, 59, 61, 90):
        now = minutes * 60.0
        for group in (first, second):
            await intake.take(Heard(public=PublicPlace(group.id, "zh-hans")))
    await until(lambda: len(first.inbox) == len(second.inbox) == 2)
    await intake.close()
    await client.shutdown()
    assert len(api.called("sendMessage")) == 4


@pytest.mark.parametrize("hint", ["", "zh-hans", "zh", "zh_CN"])
def test_the_notice_is_simplified_chinese_for_its_readers(hint: str) -> None:
    assert "单独发消息给我" in public_notice(PublicPlace(-1, hint))


@pytest.mark.parametrize("hint", ["zh-hant", "zh-TW", "en", "fr"])
def test_the_notice_has_words_in_any_language(hint: str) -> None:
    assert public_notice(PublicPlace(-1, hint)).strip()
