"""A serving process starts without the libraries that only training needs."""

import subprocess
import sys

import pytest

from bot import training
from bot.conversation import lean

CHILD = """
import sys
from bot.bootstrap import quiet_libraries
quiet_libraries()
from bot.conversation import lean
lean.load_rasa()
import bot.conversation.brain
print(sorted(name for name in lean.UNUSED if name in sys.modules and name != "scipy"))
print(lean.is_lean())
"""  # scipy: language understanding holds its n-grams in sparse rows


def test_serving_loads_nothing_that_only_training_needs() -> None:
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD], capture_output=True, text=True, check=True
    )
    assert said.stdout.split("\n")[:2] == ["[]", "True"]


def test_a_process_that_serves_refuses_to_train(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(lean, "is_lean", lambda: True)
    with pytest.raises(training.TrainingError, match="process of its own"):
        training._train_in(tmp_path)
