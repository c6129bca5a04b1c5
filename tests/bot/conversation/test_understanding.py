"""Presses, commands, words and danger become what the dialogue is told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.conversation.messages import Incoming
from bot.conversation.understanding import Understanding
from bot.walks.draft import Draft
from nlu.extractors.found import Found
from tests.bot.conversation.conftest import MOMENT, PlainInterpreter, reading

TWO = Found("child_count", 2, 7, 9)


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


@pytest.mark.parametrize(
    ("facts", "opener"),
    [((TWO,), "report_unattended_child"), ((Found("relation", "teacher", 0, 2), TWO), "report_as_professional")],
)  # fmt: skip
def test_only_who_says_so_writes_by_their_work(
    words: PlainInterpreter, understanding: Understanding, facts: tuple[Found, ...], opener: str
) -> None:
    text = "老师，5号楼有两个孩子没人管"
    openers = (("report_as_professional", 0.32), ("report_unattended_child", 0.3))
    words.reads[text] = replace(
        reading(text, "inform", 0.36), ranking=(("inform", 0.36), *openers), entities=facts
    )
    assert understanding.of(says(text), {}).intent == opener


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


PLACES = [{"title": "广东", "payload": "place:440000"}, {"title": "不说", "payload": "place:none"}]


@pytest.mark.parametrize(
    ("payload", "intent"),
    [
        ("more:schooling", "more/schooling"),
        ("more:gossip", "stale_button"),
        ("place:440000", "place/440000"),
        ("place:none", "place/none"),
        ("place:'; drop", "stale_button"),
    ],
)
def test_more_and_places_are_pressed_and_travel_as_questions(
    payload: str, intent: str, understanding: Understanding
) -> None:
    heard = understanding.of(says(payload, "press"), {})
    assert heard.intent == intent
    if intent != "stale_button":
        assert heard.as_rasa()["intent"]["name"] == "faq"


@pytest.mark.parametrize(
    ("read_as", "text", "intent"),
    [
        ("inform", "江门", "place/440700"),
        ("out_of_scope", "我在河南", "place/410000"),
        ("decline_to_answer", "不想说", "place/none"),
        ("inform", "没什么", "inform"),
        ("report_unattended_child", "江门有个孩子没人管", "report_unattended_child"),
        ("faq/hotlines", "江门打哪个电话", "faq/hotlines"),
    ],
)
def test_a_place_that_was_asked_for_may_be_typed(
    read_as: str, text: str, intent: str, words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads[text] = reading(text, read_as)
    assert understanding.of(says(text), {"offered": PLACES}).intent == intent


def test_a_place_that_nobody_asked_for_is_a_fact(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["江门"] = reading("江门", "inform")
    assert understanding.of(says("江门"), {}).intent == "inform"
    assert understanding.of(says("江门"), state(offered=PLACES)).intent == "inform"


def test_danger_told_instead_of_a_place_is_danger(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["江门，他流血了"] = reading("江门，他流血了", "inform", 0.9, ("injury",))
    heard = understanding.of(says("江门，他流血了"), {"offered": PLACES})
    assert heard.intent == "report_emergency"


def asked_at(moment: datetime, **more: object) -> dict:
    slot = {"id": 7, "case_no": "HT-261121-AAAAA", "at": moment.isoformat(), "child": False}
    return {"slots": {"followup_asked": slot}, **more}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("answer:7:there", "followup/there"),
        ("answer:7:not_yet", "followup/not_yet"),
        ("answer:8:there", "stale_button"),
        ("answer:7:perhaps", "stale_button"),
        ("answer:7", "stale_button"),
    ],
)
def test_a_press_answers_the_reminder_that_asked(
    text: str, intent: str, understanding: Understanding
) -> None:
    assert understanding.of(says(text, "press"), asked_at(MOMENT)).intent == intent
    assert understanding.of(says(text, "press"), {}).intent == "stale_button"


@pytest.mark.parametrize(
    ("read_as", "text", "intent"),
    [
        ("withdraw_report", "有人了奶奶来了", "followup/there"),
        ("deny", "还没有", "followup/not_yet"),
        ("affirm", "好的", "affirm"),
        ("thank", "谢谢", "thank"),
    ],
)
def test_typed_words_answer_a_reminder_within_two_days(
    read_as: str, text: str, intent: str, words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads[text] = reading(text, read_as)
    assert understanding.of(says(text), asked_at(MOMENT)).intent == intent
    assert understanding.of(says(text), asked_at(MOMENT - timedelta(days=3))).intent == read_as
    assert understanding.of(says(text), {}).intent == read_as


@pytest.mark.parametrize(
    ("text", "confidence", "dangers", "intent"),
    [
        ("有人了，奶奶来了", 0.23, (), "followup/there"),
        ("有人了，奶奶来了", 0.6, (), "report_emergency"),
        ("有人了，他流血了", 0.23, ("injury",), "report_emergency"),
        ("奶奶还在路上", 0.23, (), "report_emergency"),
    ],
)
def test_a_lean_towards_danger_gives_way_to_words_that_somebody_is_there(
    text: str,
    confidence: float,
    dangers: tuple[str, ...],
    intent: str,
    words: PlainInterpreter,
    understanding: Understanding,
) -> None:
    read, carer = (
        reading(text, "report_emergency", confidence, dangers),
        Found("carer", "grandparent", 0, 2),
    )
    words.reads[text] = replace(read, entities=(carer,))
    assert understanding.of(says(text), asked_at(MOMENT)).intent == intent
    words.reads[text] = replace(read, entities=(carer, Found("health", "fever", 0, 2)))
    assert understanding.of(says(text), asked_at(MOMENT)).intent == "report_emergency"


def test_an_answer_travels_as_an_addition_and_keeps_what_the_model_read(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["还没有"] = reading("还没有", "deny")
    heard = understanding.of(says("还没有"), asked_at(MOMENT))
    assert heard.as_rasa()["intent"]["name"] == "add_information"
    assert heard.read_as == "deny"


def test_danger_and_an_open_report_come_before_a_reminders_question(
    words: PlainInterpreter, understanding: Understanding
) -> None:
    words.reads["没有，他流血了"] = reading("没有，他流血了", "deny", 0.9, ("injury",))
    heard = understanding.of(says("没有，他流血了"), asked_at(MOMENT))
    assert heard.intent == "report_emergency"
    words.reads["没有"] = reading("没有", "deny")
    report = state("health")
    report["slots"] |= asked_at(MOMENT)["slots"]
    assert understanding.of(says("没有"), report).intent == "deny"
