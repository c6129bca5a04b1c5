from __future__ import annotations

import re
from pathlib import Path

from bot.console.rights import RIGHTS, SIGNED_IN, Staff
from tests.support.cases import filed
from tests.support.console import Desk

PAGE = Path(__file__).parents[3] / "docs" / "console.md"


def table() -> dict[str, dict[str, bool]]:
    """The page's table: whether a role has a right, by right and role."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if re.match(r"\| \w+ \|", line)
    ]
    _, *roles = rows[0]
    return {
        right: dict(zip(roles, (cell == "yes" for cell in cells), strict=True))
        for right, *cells in rows[1:]
    }


def test_the_page_of_the_console_says_who_may_do_what() -> None:
    every = frozenset().union(*RIGHTS.values()) - {SIGNED_IN}
    assert table() == {
        right: {role: right in rights for role, rights in RIGHTS.items()} for right in every
    }


def seen(desk: Desk, role: str, region: str) -> bool:
    from bot.cases.tables import CaseRow

    staff = Staff(1, "x", role, region, None, "zh_Hans")
    with desk.database.reading() as session:
        return bool(session.query(CaseRow).filter(staff.sight()).count())


def test_a_case_is_in_sight_where_it_lies_and_nowhere_else(desk: Desk) -> None:
    with desk.database.writing() as session:
        filed(session)  # in 440705
    places = {
        "440705": True,
        "440700": True,
        "440000": True,
        "": True,
        "440703": False,
        "410000": False,
    }
    for role in ("worker", "supervisor", "county", "administrator"):
        assert {region: seen(desk, role, region) for region in places} == places
    assert not seen(desk, "auditor", "")


def test_a_case_of_unknown_place_is_in_somebodys_sight(desk: Desk) -> None:
    with desk.database.writing() as session:
        filed(session, facts={"carer": "nobody"})
    assert not seen(desk, "worker", "440705")
    assert seen(desk, "worker", "")
    assert all(seen(desk, role, "440705") for role in ("supervisor", "county", "administrator"))
