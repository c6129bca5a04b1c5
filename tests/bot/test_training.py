"""The model is named by what went into it, so that it is trained anew only when that changed."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage import local_model_storage as storage
from rasa.model_training import TrainingResult
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message

from bot import training
from nlu.training_data import DATA, read_training


def test_a_changed_example_asks_for_another_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nlu").mkdir()
    for name in ("config.yml", "domain.yml", "nlu/greet.yml"):
        (tmp_path / name).write_text("- 你好", encoding="utf-8")
    monkeypatch.setattr(training, "ROOT", tmp_path)
    before = training.fingerprint()
    (tmp_path / "nlu" / "notes.md").write_text("nothing of the model", encoding="utf-8")
    assert training.fingerprint() == before
    (tmp_path / "nlu" / "greet.yml").write_text("- 您好", encoding="utf-8")
    assert training.fingerprint() != before


def _message(text: str, age: str) -> Message:
    told = [{"entity": "age", "value": age, "start": 0, "end": 1}]
    return Message(
        {"text": text, "intent": "inform", "entities": told, "tokens": [Token(text, 0)]},
        output_properties={"text"},
    )


def test_messages_are_told_apart_by_all_that_they_hold() -> None:
    usual = Message.fingerprint
    with training._messages_handled_quickly():
        one = _message("六岁", "6")
        assert hash(one) == hash(_message("六岁", "6"))
        assert one == _message("六岁", "6")
        assert one != _message("六岁", "7")
        assert one != _message("七岁", "6")
    assert Message.fingerprint is usual


def test_what_is_done_to_a_copy_of_a_message_leaves_the_message_alone() -> None:
    one = _message("六岁", "6")
    with training._messages_handled_quickly():
        twin = copy.deepcopy(one)
        assert twin == one
        twin.set("intent", "deny", add_to_output=True)
        twin.features.append("a feature")
        assert twin != one
    assert one.get("intent") == "inform"
    assert one.output_properties == {"text"}
    assert one.features == []
    assert not hasattr(Message, "__deepcopy__")


def test_a_training_takes_nothing_from_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_MAX_CACHE_SIZE", "1000")
    asked: dict[str, Any] = {}

    def rasa_train(**named: Any) -> TrainingResult:
        asked.update(named, kept=os.environ["RASA_MAX_CACHE_SIZE"])
        (tmp_path / "made").write_bytes(b"a model")
        return TrainingResult(str(tmp_path / "made"))

    monkeypatch.setattr("rasa.model_training.train", rasa_train)
    place = training.train(tmp_path / "models")
    assert place.read_bytes() == b"a model"
    assert asked["force_training"] is True
    assert asked["kept"] == "0"


def test_a_model_that_fits_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = training.model_path(tmp_path)
    place.write_bytes(b"a model")
    monkeypatch.setattr(training, "train", lambda models: pytest.fail("it was trained again"))
    assert training.ensure_model(tmp_path) == place


def test_rasa_gets_the_messages_of_all_files_in_one(tmp_path: Path) -> None:
    path = training._in_one_file(tmp_path)
    assert read_training(tmp_path) == read_training(DATA)
    assert "\nnlu: [" in path.read_text(encoding="utf-8")  # by which Rasa knows a file of messages


@pytest.mark.parametrize(
    "broken",
    [
        "nlu: [",
        "",
        "rules: []",
        "nlu:\n- intnet: greet\n  examples: |\n    - 你好",
        "nlu:\n- intent: greet",
    ],
)
def test_a_file_without_messages_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    folder = tmp_path / "nlu" / "data" / "nlu"
    folder.mkdir(parents=True)
    (folder / "greet.yml").write_text(broken)
    monkeypatch.setattr(training, "ROOT", tmp_path)
    with pytest.raises(training.TrainingError, match=r"greet\.yml holds no messages"):
        training._in_one_file(tmp_path)


def test_an_archive_is_packed_quickly_and_rasa_unpacks_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\0" * 100_000)
    with training._packed_quickly(), storage.TarSafe.open(tmp_path / "a.tar.gz", "w:gz") as made:
        made.add(tmp_path / "file", arcname="file")
    assert (tmp_path / "a.tar.gz").read_bytes()[8] == 4  # what gzip notes of its quickest level
    with storage.TarSafe.open(tmp_path / "a.tar.gz", "r:gz") as archive:
        assert archive.getnames() == ["file"]
