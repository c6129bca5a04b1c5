from __future__ import annotations

from pathlib import Path

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


def test_the_check_says_where_and_never_what(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    training, tests = tmp_path / "nlu", tmp_path / "messages"
    training.mkdir()
    tests.mkdir()
    (training / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - 两个孩子在桥下面过夜\n',
        encoding="utf-8",
    )
    (tests / "t.jsonl").write_text(
        '{"text": "兩個孩子在橋下面過夜", "intent": "x", "entities": []}\n', encoding="utf-8"
    )
    assert leak.main([training], tests) == 1
    out = capsys.readouterr().out
    assert "example 1" in out
    assert "孩子" not in out
