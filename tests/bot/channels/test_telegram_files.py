"""Attachments over the local Bot API server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.telegram.client import Pace, TelegramFiles, make_client
from bot.channels.telegram.reading import read_update
from bot.clock import Clock
from bot.conversation.messages import Incoming, UndeliverableError
from bot.settings import Settings
from tests.support.botapi import BotApi

pytestmark = pytest.mark.service


def incoming(api: BotApi, kind: str, **extra: object) -> Incoming:
    found = read_update(api.person().sends(kind, **extra), Clock()).incoming
    assert found is not None
    return found


def test_the_largest_size_of_a_picture_is_kept() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": width, "height": width}
        for name, width in (("small", 90), ("large", 1280), ("middle", 320))
    ]
    found = incoming(BotApi(), "photo", photo=sizes, caption="看看")
    assert found.attachment is not None
    assert (found.text, found.attachment.file_id) == ("看看", "large")
    assert found.attachment.mime == "image/jpeg"


@pytest.mark.parametrize("kind", ["sticker", "dice", "location"])
def test_a_sticker_brings_no_attachment(kind: str) -> None:
    assert incoming(BotApi(), kind).attachment is None


async def test_a_picture_comes_over_the_bot_api_and_a_gone_one_is_said_to_be_gone() -> None:
    with BotApi() as api:
        api.files["voice-1"] = b"OggS..."
        settings = Settings(telegram_token=api.token, telegram_api_url=api.url)
        async with make_client(settings, Pace()) as client:
            files = TelegramFiles(client)
            assert await files.fetch("voice-1") == b"OggS..."
            with pytest.raises(UndeliverableError):
                await files.fetch("voice-2")


def test_an_attachment_survives_the_inbox() -> None:
    from bot.conversation.inbox import from_json, to_json

    found = incoming(BotApi(), "voice")
    assert found.attachment is not None
    assert from_json(to_json(found)) == found
    assert from_json({**to_json(found), "attachment": None}) == replace(found, attachment=None)
