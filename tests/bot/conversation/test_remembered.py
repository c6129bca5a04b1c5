"""Rules that fit a situation are looked for once."""

from typing import Any

import pytest

from bot.conversation import processor


def test_the_same_situation_is_looked_up_once_and_each_table_by_itself() -> None:
    asked: list[Any] = []

    def slow(lookup: dict[str, str], states: list[Any]) -> set[str]:
        asked.append((lookup, states))
        return {key for key in lookup if key in states}

    quick = processor._remembered(slow)
    one, other = {"a": "x", "b": "y"}, {"b": "z"}
    first = quick(one, ["a", "b"])
    assert first == {"a", "b"} and quick(other, ["a", "b"]) == {"b"}
    first.clear()
    assert quick(one, ["a", "b"]) == {"a", "b"}
    assert quick(one, ["b"]) == {"b"}
    assert len(asked) == 3


def test_what_is_remembered_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_MOST_REMEMBERED", 2)
    asked: list[Any] = []
    quick = processor._remembered(lambda lookup, states: set(asked.append(states) or states))
    table: dict[str, str] = {}
    for states in (["a"], ["b"], ["c"], ["a"]):
        assert quick(table, states) == set(states)
    assert asked == [["a"], ["b"], ["c"], ["a"]]
