"""The page of faults keeps the rows that a run did not make."""

import pytest

from tests.torture.report import FAULT_TABLE, FLOOD_TABLE, PAGE, Table

TABLE = Table(("fault", "tried", "made"))
OTHER = Table(("flood", "ratio"))
BEGINNING = f"""# Page

{TABLE.drawn([("kill", "100", "monday"), ("disk", "2", "monday")])}

Words.

{OTHER.drawn([])}
"""


def test_a_row_takes_the_place_of_the_one_before_and_leaves_the_others() -> None:
    page = TABLE.merged(BEGINNING, [("disk", "5", "friday"), ("telegram", "3", "friday")])
    rows = [("kill", "100", "monday"), ("disk", "5", "friday"), ("telegram", "3", "friday")]
    assert page == BEGINNING.replace(
        TABLE.drawn([("kill", "100", "monday"), ("disk", "2", "monday")]), TABLE.drawn(rows)
    )


def test_an_empty_table_at_the_end_gets_its_first_row() -> None:
    page = OTHER.merged(BEGINNING, [("Telegram", "1.5")])
    assert page == BEGINNING + "| Telegram | 1.5 |\n"


def test_a_page_without_the_table_is_left_alone() -> None:
    with pytest.raises(ValueError):
        TABLE.merged("# Page\n", [("disk", "5", "friday")])


@pytest.mark.parametrize("table", [FAULT_TABLE, FLOOD_TABLE])
def test_the_page_holds_both_tables(table: Table) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert table.merged(page, []) == page
