"""Ask a model the messages that it has never seen: ``python -m nlu.measuring.asked MODEL``.

``nlu/data/asked`` holds messages in the shape of training data that nothing learns and no weight is found by: written
against one model, they tell whether another understands more, whatever the messages for weighing say.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nlu.interpreter import Interpreter
from nlu.measuring.evaluate import ask
from nlu.training_data import ASKED, read_training


def main(model: Path, folder: Path = ASKED) -> str:
    """Figures of a model, in a few lines.

    Args:
        model: an archive, or a folder with the parts of one.
        folder: annotated messages, in Rasa's YAML.

    Raises:
        FileNotFoundError: there is no such model.
    """
    found = ask(Interpreter.load(model), read_training(folder))
    lines = [
        f"{found.messages} messages: facts {found.entity_f1:.4f}, intents {found.accuracy:.4f}"
    ]
    for entity, score in found.entities.items():
        lines.append(f"{entity}: {score.precision:.3f} {score.recall:.3f} {score.f1:.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1])) + "\n")
