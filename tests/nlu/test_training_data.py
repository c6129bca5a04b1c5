from __future__ import annotations

from pathlib import Path

from nlu.training_data import annotated, read_labelled, read_training


def test_an_annotated_line_gives_text_and_spans() -> None:
    example = annotated("[俩](child_count:2)娃在[石桥镇](location)", "inform")
    assert example.text == "俩娃在石桥镇"
    assert [(s.entity, s.value, example.text[s.start : s.end]) for s in example.spans] == [
        ("child_count", "2", "俩"),
        ("location", "石桥镇", "石桥镇"),
    ]


def test_files_are_read_and_other_blocks_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: thank\n  examples: |\n    - 谢谢\n    - 多谢\n- lookup: x\n  examples: |\n    - y\n',
        encoding="utf-8",
    )
    assert [(e.text, e.intent) for e in read_training(tmp_path)] == [
        ("谢谢", "thank"),
        ("多谢", "thank"),
    ]


def test_labelled_messages_without_style_are_plain(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"text": "三岁", "intent": "inform", "entities": [{"entity": "age", "value": 3}]}\n\n',
        encoding="utf-8",
    )
    (message,) = read_labelled([path])
    assert (message.facts, message.style) == ((("age", 3),), "plain")
