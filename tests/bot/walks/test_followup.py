"""What people write when they are asked whether somebody looks after the child now."""

from datetime import datetime, timedelta

import pytest

from bot.walks.followup import OPEN_FOR, Reply, open_question, read_answer
from tests.conftest import NOW

MOMENT = datetime.fromisoformat(NOW)


def read(text: str, intent: str = "inform", **more: bool) -> str | None:
    return read_answer(Reply(text, intent, **more), MOMENT)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("有人了", "request_human"),
        ("有人了奶奶来了", "withdraw_report"),
        ("現在有人照顧了", "inform"),
        ("他姑姑接走了", "inform"),
        ("已经安排好了", "withdraw_report"),
        ("孩子他妈回来了", "withdraw_report"),
        ("爸爸在家", "greet"),
        ("有，我妈", "child_seeking_help"),
        ("是的", "affirm"),
        ("yes grandma is here", "inform"),
    ],
)
def test_somebody_is_there(text: str, intent: str) -> None:
    assert read(text, intent) == "there"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("还没有", "deny"),
        ("沒有人", "deny"),
        ("还没有，孩子还是自己在家", "deny"),
        ("還冇人理", "inform"),
        ("没有，妈妈还没回来", "child_seeking_help"),
        ("没有，奶奶还没来", "deny"),
        ("奶奶没来", "deny"),
        ("奶奶在来的路上", "inform"),
        ("快到了", "affirm"),
        ("爸爸还没回来", "inform"),
        ("都没人管我们", "child_seeking_help"),
        ("我姐姐照顾我", "child_seeking_help"),
        ("不是", "deny"),
        ("not yet", "deny"),
    ],
)
def test_nobody_is_there_yet_and_a_sister_is_no_grown_up(text: str, intent: str) -> None:
    assert read(text, intent) == "not_yet"


@pytest.mark.parametrize(
    ("text", "intent", "more"),
    [
        ("情况变了", "goodbye", {"sure": False}),
        ("情况变了，孩子发烧了", "faq/medical_care", {"sure": False, "facts": True}),
        ("还缺口罩", "inform", {"facts": True}),
        ("居委会的人来看过了", "inform", {"facts": True}),
        ("没饭吃", "child_seeking_help", {"facts": True, "child": True}),
    ],
)
def test_something_changed(text: str, intent: str, more: dict[str, bool]) -> None:
    assert read(text, intent, **more) == "changed"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("好的", "affirm"),
        ("知道了", "dont_know"),
        ("没问题", "affirm"),
        ("谢谢", "thank"),
        ("低保怎么办", "faq/minimum_living_allowance"),
        ("有人来了，撤回吧", "withdraw_report"),
        ("不用来了，有人管了", "withdraw_report"),
        ("楼上还有一个小孩自己在家没大人", "report_unattended_child"),
        ("还有两个孩子没人管", "report_unattended_child"),
        ("不清楚", "dont_know"),
        ("我要找真人", "request_human"),
    ],
)
def test_what_is_about_something_else_is_no_answer(text: str, intent: str) -> None:
    assert read(text, intent) is None


def test_a_question_is_open_for_two_days() -> None:
    asked = {"id": 1, "case_no": "HT-261121-AAAAA", "at": NOW, "child": False}
    slots = {"followup_asked": asked}
    assert open_question(slots, MOMENT + OPEN_FOR) == asked
    assert open_question(slots, MOMENT + OPEN_FOR + timedelta(seconds=1)) is None
    assert open_question({"followup_asked": None}, MOMENT) is None
    assert open_question(None, MOMENT) is None
