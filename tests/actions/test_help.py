"""Actions that tell of help, around a tracker and the files of a region."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_question import ActionAnswerQuestion
from actions.close_report import ActionCloseReport
from bot.help.catalogue import catalogue, in_force, load
from bot.help.schema import QUESTIONS
from bot.walks.draft import Draft
from tests.bot.help.test_regions import GOOD, folder
from tests.conftest import NOW

PLACE = {"text": "江门市蓬江区丹井里3号", "city": "江门市", "adcode": "440703"}


def tracker(intent: str, text: str = "", report: Draft | None = None, **slots: Any) -> Tracker:
    more = slots.pop("metadata", {})
    metadata = {"intent": intent, "now": NOW, "message_id": "1", "language": "zh_Hans", **more}
    message = {"text": text, "intent": {"name": "faq"}, "entities": [], "metadata": metadata}
    held = {"report": report.to_json() if report else None, **slots}
    return Tracker("person", held, message, [], False, None, {}, "action_listen")


def says(action: Action, situation: Tracker) -> list[dict[str, Any]]:
    dispatcher = CollectingDispatcher()
    for event in action.run(dispatcher, situation, {}):
        if event["event"] == "slot":
            situation.slots[event["name"]] = event["value"]
    return dispatcher.messages


def filed(walk: str = "unattended_child", **facts: Any) -> Draft:
    report = Draft(facts={"carer": "nobody", "ages": [5], "location": PLACE, **facts})
    report.begin(walk)
    report.outcome, report.case_no = "filed", "HT-261121-AAAAA"
    return report


def test_after_a_report_the_familys_own_contact_is_given(tmp_path: Path) -> None:
    with in_force(load(folder(tmp_path, own=GOOD), None)):
        told = says(ActionCloseReport(), tracker("inform", report=filed()))
    assert "儿童主任（丹井里）：王主任，13800138011" in told[1]["text"]
    assert told[1]["buttons"][0]["payload"] == "faq:temporary_care"


def test_after_a_report_of_danger_the_numbers_stand_before_all_other_help() -> None:
    told = says(ActionCloseReport(), tracker("inform", report=filed(danger=["violence"])))
    assert told[1]["text"].startswith("有危险先打电话：110")


def test_after_a_childs_report_the_child_is_told_in_its_words() -> None:
    told = says(ActionCloseReport(), tracker("inform", report=filed("child_self")))
    assert "村里或社区要先找大人来照顾你" in told[1]["text"]
    assert not told[1]["buttons"]


@pytest.mark.parametrize("topic", QUESTIONS)
def test_no_button_is_longer_than_a_platform_takes(topic: str) -> None:
    for message in says(ActionAnswerQuestion(), tracker(f"faq/{topic}")):
        for button in message["buttons"]:
            assert len(button["payload"].encode()) <= 64
            assert button["title"]


@pytest.mark.parametrize("topic", QUESTIONS)
def test_the_region_is_asked_for_where_some_region_has_its_own_text(topic: str) -> None:
    situation = tracker(f"faq/{topic}")
    told = says(ActionAnswerQuestion(), situation)
    assert len(told) == (2 if catalogue().is_regional(topic) else 1)
    assert len(says(ActionAnswerQuestion(), situation)) == 1


def test_a_place_told_later_in_a_report_takes_the_place_of_one_named_before() -> None:
    situation = tracker("faq/hotlines", "河南打哪个电话")
    says(ActionAnswerQuestion(), situation)
    later = tracker("faq/hotlines", "打哪个电话", filed(), help=situation.slots["help"])
    assert "江门" in says(ActionAnswerQuestion(), later)[0]["text"]


def test_the_place_of_a_filed_case_counts_where_nothing_else_was_named() -> None:
    cases = [{"case_no": "x", "status": "new", "unit": "committee", "due_at": None, "place": PLACE}]
    situation = tracker("faq/hotlines", "打哪个电话", metadata={"cases": cases})
    assert "江门" in says(ActionAnswerQuestion(), situation)[0]["text"]


def test_nothing_is_asked_and_no_topic_pushed_in_an_open_report() -> None:
    report = Draft()
    report.begin("unattended_child")
    (told,) = says(ActionAnswerQuestion(), tracker("faq/hotlines", "打哪个电话", report))
    assert [button["payload"] for button in told["buttons"]] == ["more:hotlines"]


def test_past_the_review_the_numbers_are_given_and_no_longer_text_is_offered() -> None:
    late = date(catalogue().national.review.year + 1, 1, 1).isoformat() + "T10:00:00+08:00"
    situation = tracker("faq/schooling", metadata={"now": late})
    (told,) = says(ActionAnswerQuestion(), situation)[:1]
    assert "12345" in told["text"] and not told["buttons"]
