"""The model is named by what went into it, so that it is trained anew only when that changed."""

from pathlib import Path

import pytest

from bot import training


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


def test_a_changed_module_trains_without_what_the_old_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu" / "network.py").write_text("EPOCHS = 7", encoding="utf-8")
    monkeypatch.setattr(training, "ROOT", tmp_path)
    before = training.cache(tmp_path)
    (tmp_path / "nlu" / "greet.yml").write_text("- 您好", encoding="utf-8")
    assert training.cache(tmp_path) == before
    (tmp_path / "nlu" / "network.py").write_text("EPOCHS = 8", encoding="utf-8")
    assert training.cache(tmp_path) != before


def test_a_model_that_fits_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = training.model_path(tmp_path)
    place.write_bytes(b"a model")
    monkeypatch.setattr(training, "train", lambda models: pytest.fail("it was trained again"))
    assert training.ensure_model(tmp_path) == place
