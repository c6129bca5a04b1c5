from __future__ import annotations

from pathlib import Path

from bot.cases import reviewing
from bot.cases.reviewing import Fact, Meant, Reviewed
from bot.conversation.examples import as_jsonl, as_yaml, examples
from nlu.training_data import read_labelled, read_training
from tests.support.cases import NOW, conversation, filed, line
from tests.support.databases import migrated_database


def said(number: int, text: str, intent: str = "inform", *facts: Fact, known: tuple[str, ...] = ()):
    return Reviewed(number, text, intent, facts, known)


TWO = Fact("child_count", 2, 0, 1)
PHONE = Fact("phone", "+8613826547781", 1, 12)


def test_examples_are_read_back_as_training_data_and_as_test_messages(tmp_path: Path) -> None:
    lines = [
        said(1, "俩没人管", "inform", TWO),
        said(2, "打13826547781", "add_information", PHONE),
        said(3, "谁会看到我写的", "faq/privacy"),
    ]
    made = examples(lines)
    assert not made.refused
    (tmp_path / "reviewed.yml").write_text(as_yaml(made.found), encoding="utf-8")
    again = read_training(tmp_path)
    assert {(e.text, e.intent) for e in again} == {(e.text, e.intent) for e in made.found}
    assert {s.value for e in again for s in e.spans if s.entity == "child_count"} == {"2"}
    path = tmp_path / "reviewed.jsonl"
    path.write_text(as_jsonl(made.found), encoding="utf-8")
    labelled = read_labelled([path])
    assert [message.intent for message in labelled] == ["inform", "add_information", "faq/privacy"]
    assert labelled[0].facts == (("child_count", 2),)
    ((entity, number),) = labelled[1].facts
    assert entity == "phone"
    assert str(number).startswith("+8613800138")
    assert "13826547781" not in as_yaml(made.found) + as_jsonl(made.found)


def test_each_example_is_there_once_and_none_that_is_known() -> None:
    lines = [said(1, "俩没人管"), said(2, "俩没人管！"), said(3, "俩没人管"), said(4, "没大人")]
    made = examples(lines, known=["没大人"])
    assert [each.text for each in made.found] == ["俩没人管", "俩没人管！"]
    assert made.repeated == 2


def test_a_line_that_is_not_sure_is_listed_with_its_reason() -> None:
    made = examples([said(7, "张小明在家")])
    assert not made.found
    assert [(each.number, bool(each.why)) for each in made.refused] == [(7, True)]
    assert "张小明" not in made.refused[0].why


def test_reviewed_lines_come_with_what_is_known_of_the_people(tmp_path: Path) -> None:
    with migrated_database("sqlite", tmp_path) as database, database.writing() as session:
        row = filed(session)
        row.facts = {**row.facts, "facts": {**row.facts["facts"], "name": "张小明"}}
        talk = conversation(session, "b")
        name = [{"entity": "person_name", "value": "菲菲", "start": 0, "end": 2}]
        line(session, talk, "菲菲", entities=name, case_id=row.id)
        for text, state in (("一", "right"), ("二", "corrected"), ("三", "skipped")):
            doubtful = line(session, talk, text, doubt="low", case_id=row.id)
            meant = Meant(state, None if state == "skipped" else "inform")
            reviewing.take(session, doubtful, meant, "w", NOW)
        session.flush()
        found = reviewing.reviewed(session)
    assert [each.text for each in found] == ["一", "二"]
    assert {"张小明", "菲菲", "幸福小区3号楼"} <= set(found[0].known)
