"""Every kind of update becomes the right message, or none."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.channels.telegram.reading import Heard, read_update
from bot.clock import Clock
from bot.conversation.messages import Incoming
from tests.support.botapi import BotApi, Person

pytestmark = pytest.mark.filterwarnings("error")

CLOCK = Clock()


@pytest.fixture
def person() -> Person:
    return BotApi().person()  # never started: only its people are wanted


def heard(update: Any) -> Incoming:
    """The message of an update that holds one."""
    incoming = read_update(update, CLOCK).incoming
    assert incoming is not None
    return incoming


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("/start", "command", "/start"),
        ("/start poster-7", "command", "/start poster-7"),
        ("/start@hutong_test_bot poster-7", "command", "/start poster-7"),
        (" /report@hutong_test_bot ", "command", "/report"),
        ("/language en", "command", "/language en"),
        ("/help", "command", "/help"),
        ("/status HT-261121-7K3QD", "command", "/status HT-261121-7K3QD"),
        ("/cancel", "command", "/cancel"),
        ("/delete@hutong_test_bot", "command", "/delete"),
        ("/helpme", "text", "/helpme"),
        ("/dance now", "text", "/dance now"),
        ("请看 /start", "text", "请看 /start"),
        ("  三个孩子\n没人管 ", "text", "  三个孩子\n没人管 "),
        ("半\ud83d个", "text", "半\ufffd个"),
        ("空\x00字", "text", "空字"),
    ],
)
def test_typed_words_are_commands_or_text(person: Person, typed: str, kind: str, text: str) -> None:
    incoming = heard(person.says(typed))
    assert (incoming.kind, incoming.text) == (kind, text)


@pytest.mark.parametrize(
    "kind",
    ["animation", "audio", "dice", "document", "photo", "sticker", "video", "video_note", "voice"],
)
def test_what_holds_no_words_is_named(person: Person, kind: str) -> None:
    incoming = heard(person.sends(kind))
    assert (incoming.kind, incoming.text) == ("other", kind)


@pytest.mark.parametrize("kind", ["photo", "video", "document", "voice"])
def test_a_caption_is_text(person: Person, kind: str) -> None:
    incoming = heard(person.sends(kind, caption="孩子在3号楼"))
    assert (incoming.kind, incoming.text) == ("text", "孩子在3号楼")


def test_a_content_of_tomorrow_is_named_unknown(person: Person) -> None:
    update = person.says("")
    update["message"]["hologram"] = {"file_id": "x"}
    incoming = heard(update)
    assert (incoming.kind, incoming.text) == ("other", "unknown")


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        ({"phone_number": "13800138000", "first_name": "爸爸"}, "13800138000"),
        ({"phone_number": "8613800138000", "first_name": "我", "user_id": 7}, "+8613800138000"),
        ({"phone_number": "+85251234567", "first_name": "我", "user_id": 7}, "+85251234567"),
    ],
)
def test_a_contact_is_its_number(person: Person, contact: dict[str, Any], text: str) -> None:
    incoming = heard(person.sends("contact", contact=contact))
    assert (incoming.kind, incoming.text) == ("text", text)


def test_a_place_is_text(person: Person) -> None:
    assert heard(person.sends("location")).text == "定位：39.904200, 116.407400"
    venue = heard(person.sends("venue"))
    assert venue.text == "东风小区 和平路3号（39.904200, 116.407400）"
    assert venue.kind == "text"


def test_a_live_location_is_no_flood_of_revisions(person: Person) -> None:
    update = person.sends("location")
    moved = {"update_id": 9, "edited_message": {**update["message"], "edit_date": 1_800_000_000}}
    assert read_update(moved, CLOCK) == Heard()


def test_a_reworded_caption_is_a_revision(person: Person) -> None:
    update = person.sends("photo", caption="两个")
    message = {**update["message"], "caption": "三个", "edit_date": 1_800_000_000}
    incoming = heard({"update_id": 9, "edited_message": message})
    assert incoming.text == "三个"
    assert incoming.edits == f"{person.id}:{message['message_id']}"
    assert incoming.message_id.endswith(":edit:1800000000")


def test_what_nobody_said_is_nothing(person: Person) -> None:
    assert read_update(person.sends("pinned_message"), CLOCK) == Heard()


def test_a_press_needs_no_message_that_is_still_there(person: Person) -> None:
    gone = {"message_id": 4, "date": 0, "chat": person.as_json}
    for update in (person.calls_back("/yes"), person.calls_back("/yes", message=gone)):
        incoming = heard(update)
        assert (incoming.sender, incoming.text) == (str(person.id), "/yes")
        assert incoming.at.tzinfo is not None


def test_a_press_in_a_group_is_only_answered(person: Person) -> None:
    group = {"id": -5, "type": "group", "title": "群"}
    update = person.calls_back("/yes", message={"message_id": 4, "date": 0, "chat": group})
    assert read_update(update, CLOCK) == Heard(press=update["callback_query"]["id"])


def test_a_stopped_clock_dates_everything(person: Person) -> None:
    then = datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=8)))
    incoming = read_update(person.says("今天"), Clock(then)).incoming
    assert incoming is not None
    assert incoming.at == then


@pytest.mark.parametrize("code", ["zh-hans", "zh-hant", "en", "fr", ""])
def test_the_language_of_the_app_is_passed_on(code: str) -> None:
    assert heard(BotApi().person(language_code=code).says("hi")).language_hint == code


@pytest.mark.parametrize("code", [["zh"], {}, 3, True])
def test_a_language_that_is_no_word_is_none(person: Person, code: Any) -> None:
    press = person.calls_back("go:cancel")
    press["callback_query"]["from"] = {**press["callback_query"]["from"], "language_code": code}
    assert heard(press).language_hint == ""


@pytest.mark.parametrize("raw", [None, 3, "x", [], {}, {"update_id": 1}, {"message": {}}])
def test_any_shape_is_read_without_an_error(raw: object) -> None:
    assert read_update(raw, CLOCK) == Heard()


@pytest.mark.parametrize("typed", ["楼下有个孩子", "/helpme", " 空格 ", "半\ud83d个", "/start abc"])
@pytest.mark.parametrize("language", ["", "zh-hans", "en"])
@pytest.mark.parametrize("clock", [CLOCK, Clock(datetime(2026, 11, 21, tzinfo=timezone.utc))])
def test_plain_words_are_read_as_the_library_reads_them(
    typed: str, language: str, clock: Clock
) -> None:
    update = BotApi().person(language_code=language).says(typed)
    update["message"].pop("entities", None)
    beside = {**update, "message": {**update["message"], "has_protected_content": True}}
    assert read_update(update, clock) == read_update(beside, clock)
    assert read_update(update, clock).incoming is not None
