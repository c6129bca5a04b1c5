"""A report that waited is taken up where it stood."""

from dataclasses import replace
from datetime import timedelta

from bot.bootstrap import House
from bot.channels.terminal import Terminal


def test_after_a_week_the_report_goes_on_with_the_open_question(house: House) -> None:
    today = Terminal(house, "somebody who was called away")
    today.say("楼下有两个孩子自己在家，没有大人")
    today.say("同意")
    _, before = today.say("没有危险")
    assert before.asking == "location"
    week = house.settings.now + timedelta(days=7)
    later = replace(house, settings=house.settings.copy(update={"now": week}))
    replies, after = Terminal(later, "somebody who was called away").say("继续")
    assert after.asking == "location"
    assert "接着上次的来" in replies[0].text
    assert "哪里" in replies[-1].text


def test_after_a_week_an_answer_counts_without_a_word_of_greeting(house: House) -> None:
    today = Terminal(house, "somebody else")
    today.say("楼下有两个孩子自己在家，没有大人")
    today.say("同意")
    week = house.settings.now + timedelta(days=7)
    later = replace(house, settings=house.settings.copy(update={"now": week}))
    _, after = Terminal(later, "somebody else").say("没有危险")
    assert after.asking == "location"
