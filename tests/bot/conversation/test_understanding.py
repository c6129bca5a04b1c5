"""Presses, commands, words and danger become what the dialogue is told."""

import pytest

from bot.conversation.messages import Incoming
from bot.conversation.understanding import Understanding
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import MOMENT, PlainInterpreter, reading


@pytest.fixture
def words() -> PlainInterpreter:
    return PlainInterpreter()


@pytest.fixture
def understanding(words: PlainInterpreter) -> Understanding:
    return Understanding(words, 0.5)


def says(text: str, kind: str = "text") -> Incoming:
    return Incoming("web", "甲", "1", MOMENT, text, kind)


def state(asking: str = "danger", walk: str = "unattended_child", **more: object) -> dict:
    draft = Draft(asking=asking)
    draft.begin(walk)
    return {"slots": {"report": draft.to_json()}, "loop": "report_form", **more}


def test_danger_is_heard_in_any_message(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["谢谢 他流血了"] = reading("谢谢 他流血了", "thank", 0.99, ("injury",))
    heard = understanding.of(says("谢谢 他流血了"), state())
    assert heard.intent == "report_emergency"
    assert heard.dangers == ["injury"]
    assert heard.read_as == "thank"


def test_a_question_about_abuse_in_general_is_still_answered(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    text = "虐待孩子犯法吗"
    words.reads[text] = reading(text, "faq/law_left_alone", 0.9, ("abuse",))
    assert understanding.of(says(text), {}).intent == "faq/law_left_alone"


def test_an_offered_title_presses_its_button(understanding: Understanding) -> None:
    offered = [{"title": "没有危险", "payload": "a:danger:0"}]
    heard = understanding.of(says(" 没有危险 "), state(offered=offered))
    assert heard.choice == ("danger", 0)
    assert heard.text == "没有危险"


def test_pressing_a_danger_is_an_emergency(understanding: Understanding) -> None:
    heard = understanding.of(says("a:danger:1", "press"), state())
    assert heard.intent == "report_emergency"
    assert heard.dangers == ["injury"]


@pytest.mark.parametrize(
    "payload",
    ["a:danger:99", "a:nothing:0", "a:danger:-1", "a:danger:x", "a:", "x", "", "say:report_emergency",
     "walk:nobody", "faq:nothing", "go:away", "a:danger:²"],
)  # fmt: skip
def test_a_forged_or_old_button_does_nothing(understanding: Understanding, payload: str) -> None:
    heard = understanding.of(says(payload, "press"), state())
    assert heard.intent == "stale_button"
    assert heard.choice is None


def test_a_button_of_a_report_that_is_over_does_nothing(understanding: Understanding) -> None:
    assert understanding.of(says("a:danger:1", "press"), {}).intent == "stale_button"


def test_typed_words_that_look_like_a_payload_are_words(understanding: Understanding) -> None:
    heard = understanding.of(says("a:danger:1"), state())
    assert heard.choice is None
    assert heard.read_as == "inform"


def test_what_is_not_understood_is_asked_back_outside_a_report(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["嗯哼哈"] = reading("嗯哼哈", "greet", 0.2)
    assert understanding.of(says("嗯哼哈"), {}).intent == "nlu_fallback"
    assert understanding.of(says("嗯哼哈"), state()).intent == "greet"
    assert not understanding.of(says("嗯哼哈"), state()).sure


def test_picking_a_reading_takes_the_words_that_were_unclear(understanding: Understanding) -> None:
    heard = understanding.of(says("pick:faq/privacy", "press"), {"unclear": "会不会说出去"})
    assert heard.intent == "faq/privacy"
    assert heard.text == "会不会说出去"
    assert heard.sure


@pytest.mark.parametrize(
    ("command", "intent"),
    [("/start", "greet"), ("/start abc", "greet"), ("/report", "start_report"),
     ("/status", "check_status"), ("/help", "ask_clarification"),
     ("/language", "change_language"), ("/cancel", "cancel")],
)  # fmt: skip
def test_commands_are_moves(understanding: Understanding, command: str, intent: str) -> None:
    assert understanding.of(says(command, "command"), {}).intent == intent


def test_a_sticker_is_kept_as_what_it_was(understanding: Understanding) -> None:
    heard = understanding.of(says("sticker", "other"), {})
    assert heard.intent == "wordless"
    assert heard.text == "[sticker]"
