from __future__ import annotations

import tarfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from nlu.interpreter import Interpreter


def test_a_report_is_understood_with_its_facts(
    small_interpreter: Interpreter, now: datetime
) -> None:
    parse = small_interpreter.parse("對門兩個孩子沒人管", now)
    assert parse.intent == "report_unattended_child"
    assert {("child_count", 2), ("relation", "neighbour")} <= {
        (e.entity, e.value) for e in parse.entities
    }


def test_spans_refer_to_the_text_as_written(small_interpreter: Interpreter, now: datetime) -> None:
    written = "！！！！  對門兩個孩子沒人管，电话 138 0013 8123"
    facts = {
        e.entity: written[e.start : e.end] for e in small_interpreter.parse(written, now).entities
    }
    assert facts["phone"] == "138 0013 8123"
    assert facts["child_count"] == "兩個"


def test_a_retrieval_intent_is_given_in_full_and_rasa_gets_both_names(
    small_interpreter: Interpreter,
) -> None:
    parse = small_interpreter.parse("谁能看到我写的")
    rasa = parse.as_rasa()
    assert parse.intent == "faq/privacy"
    assert rasa["intent"]["name"] == "faq"
    assert rasa["intent"]["full_retrieval_intent_name"] == "faq/privacy"
    assert rasa["response_selector"]["faq"]["response"]["intent_response_key"] == "faq/privacy"
    assert "faq" in rasa["response_selector"]["all_retrieval_intents"]


@pytest.mark.parametrize(
    "text", ["", " ", "\ud800", "😭" * 500, "\ufdfa" * 200, "a" * 5000, "\u0000", "？？？"]
)
def test_no_message_breaks_it(small_interpreter: Interpreter, text: str) -> None:
    parse = small_interpreter.parse(text)
    assert 0 <= parse.confidence <= 1
    assert all(0 <= e.start < e.end <= len(text) for e in parse.entities)


def test_threads_get_the_answers_that_one_thread_gets(
    small_interpreter: Interpreter, now: datetime
) -> None:
    texts = ["楼上三个孩子没人管", "谢谢你啊", "会不会泄露", "隔壁女孩八岁，昨晚起没人管"] * 10
    alone = [small_interpreter.parse(text, now) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: small_interpreter.parse(text, now), texts))
    assert [p.intent for p in alone] == [p.intent for p in together]
    assert [p.entities for p in alone] == [p.entities for p in together]


def test_it_loads_from_an_archive_as_rasa_writes_it(small_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(small_model, "components/train_nlu.components.understanding.HutongUnderstanding2")
    assert Interpreter.load(archive).parse("谢谢你").intent == "thank"


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no language model"):
        Interpreter.load(tmp_path)


def test_danger_makes_a_message_urgent_whatever_its_intent(small_interpreter: Interpreter) -> None:
    assert small_interpreter.parse("谢谢你，可是家里着火了").maybe_danger
    assert not small_interpreter.parse("谢谢你").maybe_danger
