"""The page on triage says what the tables say."""

import pytest

from bot.cases.rules import condition_table, routing_table, triage_table
from bot.cases.tables_in_words import PAGE, page_with_tables
from bot.cases.vocabulary import LEVELS


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_tables(page), "run python -m bot.cases.tables_in_words"


def test_every_rule_row_and_condition_stands_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for level in triage_table().levels:
        for rule in level.any:
            assert f"| {level.level} " in page and f"| {rule.reason} |" in page
    for row in routing_table().rows:
        assert f"| {row.why} |" in page
    for name, words in condition_table().conditions.items():
        assert f"| `{name}` | {words.means} |" in page
    assert all(level in page for level in LEVELS)


def test_a_page_without_its_markers_is_named() -> None:
    with pytest.raises(ValueError, match="the markers of 'routing'"):
        page_with_tables(PAGE.read_text(encoding="utf-8").replace("end of routing", ""))
