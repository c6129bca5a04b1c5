"""A table with a mistake says where it is."""

from pathlib import Path

import pytest

from bot.cases import followup_plan, ledger
from bot.cases.datafile import DataFileError, Strict, read_table
from bot.cases.followup_plan import Plan
from bot.cases.ledger import Ledger

TABLES: dict[str, tuple[Path, type[Strict]]] = {
    name: (Path(module.__file__ or "").with_name(f"{name}.yml"), schema)
    for name, module, schema in (("followups", followup_plan, Plan), ("ledger", ledger, Ledger))
}

MISTAKES = [
    ("followups", "kind: home_visit, due: {hours: 4}", "kind: house_visit, due: {hours: 4}", "there is no kind 'house_visit'"),
    ("followups", "due: {hours: 4}", "due: {weeks: 4}", "due: due must be one of minutes, hours"),
    ("followups", "due: {hours: 4}, unit: committee", "due: {hours: 4}, unit: comittee", "unit: there is no unit 'comittee'"),
    ("followups", "all: [weak_carer]", "all: [weakcarer]", "there is no condition 'weakcarer'"),
    ("followups", "levels: [medium]\n    not", "levels: [middle]\n    not", "there is no level 'middle'"),
    ("followups", "hours: 12}, unit: committee, source: S2", "hours: 12}, unit: committee, source: S9", "source: unexpected value"),
    ("followups", "night_begins: \"22:00\"", "night_begins: late", "sending.night_begins"),
    ("ledger", "reason: [deceased]", "reason: [dead]", "there is no fact reason 'dead'"),
    ("ledger", "kind: orphan, facts", "kind: orphans, facts", "there is no kind 'orphans'"),
    ("ledger", "refresh: {days: 180}", "refresh: {days: 365}", "refresh: must be at most half a year"),
    ("ledger", "otherwise: true, source", "otherwise: false, source", "needs either facts or otherwise"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_field(
    name: str, right: str, wrong: str, told: str, tmp_path: Path
) -> None:
    path, schema = TABLES[name]
    text = path.read_text(encoding="utf-8")
    assert text.count(right) >= 1
    line = text[: text.index(right)].count("\n") + 1
    broken = tmp_path / path.name
    broken.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_table(broken, schema)
    assert told in str(caught.value)
    assert f"{path.name} cannot be used: line {line}:" in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("says: carer_now, due: {hours: 6}", "says: care_now, due: {hours: 6}", "no reminder 'care_now'"),
        ("rule: alone_now", "rule: critical", "the rule 'critical' stands twice"),
        ("kind: reminder, says: carer_now, due: {hours: 6}", "kind: reminder, due: {hours: 6}", "a reminder, and nothing else"),
        ("  changed:\n    adult", "  change:\n    adult", "the answers must be there, not_yet, changed"),
        ("    levels: [low]\n", "", "the level 'low' has no rule of its own"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(
    right: str, wrong: str, told: str, tmp_path: Path
) -> None:
    path, schema = TABLES["followups"]
    text = path.read_text(encoding="utf-8")
    assert right in text
    broken = tmp_path / path.name
    broken.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(DataFileError, match=told):
        read_table(broken, schema)


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "followups.yml"
    broken.write_text("kinds:\n  a: [1\nb: 2\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"line \d: this is no YAML"):
        read_table(broken, Plan)
