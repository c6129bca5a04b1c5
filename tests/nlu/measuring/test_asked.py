"""The messages that nothing learns tell what a model understands of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.measuring import asked


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        asked.main(tmp_path / "none.tar.gz")


def test_figures_are_those_of_the_messages_of_a_folder(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: thank\n  examples: |\n    - 谢谢你\n- intent: inform\n  examples: |\n    - [五岁](age:5)\n',
        encoding="utf-8",
    )
    first, *rest = asked.main(model, tmp_path).splitlines()
    assert first == "2 messages: facts 1.0000, intents 1.0000"
    assert rest == ["age: 1.000 1.000 1.000"]
