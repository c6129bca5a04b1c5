"""The page about follow-ups shows what the data says."""

import pytest

from bot.cases.followup_docs import PATH, with_tables
from bot.cases.followup_plan import followup_table


def test_the_tables_of_the_page_are_up_to_date() -> None:
    page = PATH.read_text(encoding="utf-8")
    assert with_tables(page) == page, "run `python -m bot.cases.followup_docs`"
    for rule in followup_table().plan:
        assert f"| {rule.rule} |" in page


def test_a_page_without_a_place_for_a_table_is_told() -> None:
    with pytest.raises(ValueError, match="made from the data: plan"):
        with_tables("# nothing")
