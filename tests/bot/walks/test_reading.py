"""What a message does to a report that is open."""

from dataclasses import replace

import pytest

from bot.walks.draft import Draft
from bot.walks.reading import read
from tests.bot.walks.test_remarks import OWN, heard

TOLD = "我发烧住院了，孩子一个人在家"


@pytest.mark.parametrize("misses", [0, 5])
def test_another_walk_may_begin_while_a_question_is_open_that_it_does_not_ask(misses: int) -> None:
    draft = Draft()
    draft.begin("child_self")
    draft.note_asked("danger")
    draft.misses = misses
    assert read(draft, heard(TOLD, "发烧", "fever", OWN)) == "answered"
    assert draft.walk == "guardian_difficulty"
    assert draft.next_question() in draft.script.names()


def test_a_field_that_was_to_be_corrected_is_not_asked_where_it_does_not_exist() -> None:
    draft = Draft()
    draft.begin("child_self")
    draft.note_asked("danger")
    draft.reopen("danger")
    read(draft, heard(TOLD, "发烧", "fever", OWN))
    assert draft.next_question() in draft.script.names()


@pytest.mark.parametrize("number", ["2", "两", "兩", "2。"])
def test_a_bare_number_counts_what_was_asked(number: str) -> None:
    draft = Draft()
    draft.begin("guardian_difficulty")
    draft.note_asked("child_count")
    said = heard(number, number[0], "", "inform")
    said = replace(said, entities=(("age", 2),), spans=(("age", 0, 1),))
    assert read(draft, said) == "answered"
    assert draft.facts["child_count"] == 2
    assert "ages" not in draft.facts


@pytest.mark.parametrize(("confidence", "left"), [(0.45, "declined"), (0.2, None)])
def test_words_that_answer_nothing_and_likely_decline_skip_what_may_be_skipped(
    confidence: float, left: str | None
) -> None:
    draft = Draft()
    draft.begin("guardian_difficulty")
    draft.note_asked("name")
    said = replace(
        heard("不说了", "不说了", "", "decline_to_answer"),
        entities=(), spans=(), sure=False, confidence=confidence,
    )  # fmt: skip
    assert (read(draft, said) == "answered") == (left is not None)
    assert draft.unanswered.get("name") == left
