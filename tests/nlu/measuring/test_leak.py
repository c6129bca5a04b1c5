from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.measuring import leak

TRAINING = [
    "隔壁老李家两个孩子三天没人管了，爹妈都住院",
    "谢谢你",
    "低保要准备哪些材料才能去镇上办",
]


def test_a_copy_in_other_script_and_punctuation_is_found() -> None:
    (found,) = leak.find_leaks(TRAINING, ["隔壁老李家，兩個孩子三天沒人管了！爹媽都住院。"])
    assert (found.number, found.training, found.similarity) == (0, 0, 1.0)


def test_a_copy_with_a_changed_name_is_found() -> None:
    assert leak.find_leaks(TRAINING, ["隔壁老王家两个孩子三天没人管了爹妈都住院"])


def test_a_message_of_the_same_meaning_in_other_words_is_none() -> None:
    assert (
        leak.find_leaks(
            TRAINING, ["老王两口子进医院三天啦，家里俩娃没大人", "办低保带啥去", "谢谢您了"]
        )
        == []
    )


WORDS = "两个孩子在桥下面过夜"


@pytest.mark.parametrize(
    ("learnt", "tested", "weighed", "asked", "line"),
    [
        (
            WORDS,
            "兩個孩子在橋下面過夜",
            "",
            "",
            "test message 1 is in the training data (number 1, 1.00)",
        ),
        (WORDS, "", WORDS, "", "message for weighing 1 is in the training data (number 1, 1.00)"),
        ("", WORDS, WORDS, "", "test message 1 is in the messages for weighing (number 1, 1.00)"),
        (WORDS, "", "", WORDS, "message for asking 1 is in the training data (number 1, 1.00)"),
        ("", WORDS, "", WORDS, "test message 1 is in the messages for asking (number 1, 1.00)"),
    ],
)
def test_the_check_says_where_and_never_what(
    learnt: str,
    tested: str,
    weighed: str,
    asked: str,
    line: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("nlu", "tests", "weighing", "asked"):
        (tmp_path / name).mkdir()
    for name, text in (("nlu", learnt), ("asked", asked)):
        (tmp_path / name / "a.yml").write_text(
            f'version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - {text or "今天天气好" + name}\n',
            encoding="utf-8",
        )
    for name, text in (("tests", tested), ("weighing", weighed)):
        row = {"text": text, "intent": "x", "entities": []}
        content = json.dumps(row, ensure_ascii=False) if text else ""
        (tmp_path / name / "t.jsonl").write_text(content, encoding="utf-8")
    apart = [tmp_path / name for name in ("tests", "weighing", "asked")]
    assert leak.main([tmp_path / "nlu"], *apart) == 1
    out = capsys.readouterr().out
    assert out == line + "\n"
