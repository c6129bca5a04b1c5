"""Train language understanding alone, without Rasa (``hutong train`` trains the whole through Rasa)."""

from __future__ import annotations

from pathlib import Path

from nlu import begun, understanding
from nlu.interpreter import Interpreter
from nlu.training_data import DATA, FACTS, read_training


def train(
    folder: Path, data: Path = DATA, progress: understanding.Progress | None = None
) -> Interpreter:
    """Train everything and write it to ``folder`` (which is made), ready for :meth:`Interpreter.load`."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = understanding.train(
        read_training(data), folder, progress, read_training(FACTS), begun.load()
    )
    return Interpreter(trained)
