"""Which lines come up for review."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.tables import TranscriptRow
from bot.conversation.doubt import corrected, doubt_of
from bot.conversation.understanding import Understood
from bot.walks.draft import Draft
from nlu.interpreter import Entity, Parse
from tests.bot.conversation.conftest import Core, reading

READ = Understood("五岁", "inform", 0.9, read_as="inform")


def report(facts: dict[str, Any], sources: dict[str, str], case_no: str = "1") -> Draft:
    return Draft(facts=facts, sources=sources, case_no=case_no)


def test_what_was_not_understood_is_a_fallback() -> None:
    assert doubt_of(replace(READ, intent="nlu_fallback"), Draft(), Draft()) == "fallback"
    assert doubt_of(READ, Draft(), Draft(misses=1)) == "fallback"
    assert doubt_of(READ, Draft(misses=2), Draft(skipped=True)) == "fallback"


def test_little_confidence_is_doubt_even_where_the_dialogue_went_on() -> None:
    assert doubt_of(replace(READ, low=True), Draft(), Draft()) == "low"
    assert doubt_of(READ, Draft(), Draft()) is None


def test_a_press_is_no_reading() -> None:
    assert doubt_of(Understood("同意", "inform"), Draft(), Draft(misses=1)) is None


def test_a_fact_set_to_something_else_points_to_the_message_that_gave_it() -> None:
    before = report({"child_count": 2, "ages": [5]}, {"child_count": "a", "ages": "a"})
    after = report({"child_count": 3, "ages": [5]}, {"child_count": "b", "ages": "a"})
    assert corrected(before, after) == ["a"]


@pytest.mark.parametrize(
    ("name", "was", "now"),
    [
        ("needs", ["food"], ["food", "money"]),
        ("location", {"text": "3号楼"}, {"text": "新会区会城街道 3号楼"}),
        ("carer", "nobody", "nobody"),
    ],
)
def test_what_only_grew_was_no_mistake(name: str, was: Any, now: Any) -> None:
    assert corrected(report({name: was}, {name: "a"}), report({name: now}, {name: "b"})) == []


def test_another_report_corrects_nothing() -> None:
    before = report({"child_count": 2}, {"child_count": "a"})
    assert corrected(before, report({"child_count": 3}, {"child_count": "b"}, "2")) == []


def test_a_turn_notes_the_doubt_on_the_line(core: Core) -> None:
    core.interpreter.reads["嗯哪"] = reading("嗯哪", "affirm", 0.3)
    number = core.takes("嗯哪")
    core.turns.handle(core.inbox.next_open(number or 0) or 0)
    with core.database.reading() as session:
        lines = session.execute(select(TranscriptRow).order_by(TranscriptRow.id)).scalars().all()
    assert [(line.sender, line.doubt) for line in lines] == [
        ("reporter", "fallback"),
        ("bot", None),
    ]


def test_a_correction_marks_the_line_that_was_misread(core: Core) -> None:
    entity = Entity("child_count", 2, 0, 2)
    core.interpreter.reads["两个孩子"] = Parse("两个孩子", "inform", 0.9, (), (entity,), ())

    async def talk(talk: Any, parsed: dict[str, Any], metadata: dict[str, Any]) -> Any:
        count = 2 if "两个" in parsed["text"] else 3
        key = metadata["message_id"]
        draft = Draft(facts={"child_count": count}, sources={"child_count": key})
        talk.slots = {"report": draft.to_json()}
        return talk

    core.talker.talk = talk  # type: ignore[method-assign]
    for text, message in (("两个孩子", "1"), ("是三个", "2")):
        number = core.takes(text, message)
        core.turns.handle(core.inbox.next_open(number or 0) or 0)
    with core.database.reading() as session:
        lines = session.execute(select(TranscriptRow).order_by(TranscriptRow.id)).scalars().all()
    assert [(line.text, line.doubt) for line in lines] == [
        ("两个孩子", "corrected"),
        ("是三个", None),
    ]
