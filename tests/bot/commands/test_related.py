"""``hutong cases relate``, and what staff see of related reports."""

import json

import pytest

from bot.cases import related
from bot.database import Database
from tests.bot.commands.conftest import Call
from tests.support.cases import NOW
from tests.support.related import hashed, report


@pytest.fixture
def numbers(database: Database) -> list[str]:
    """Two reports that were suggested as related, and one that was not."""
    with database.writing() as session:
        phones = ["+8613800138021", "+8613800138021", None]
        cases = [report(session, location=None, phone=phone) for phone in phones]
        for case in cases:
            related.suggest(session, case, hashed, NOW)
        return [str(case.case_no) for case in cases]


def test_staff_see_a_suggestion_and_decide(call: Call, numbers: list[str]) -> None:
    one, other, _ = numbers
    shown = json.loads(call("cases", "show", one).output)
    assert [(each["case_no"], each["state"]) for each in shown["related"]] == [(other, "suggested")]
    done = call("cases", "relate", other.lower(), one, "--as", "linked", "--by", "李")
    assert done.exit_code == 0, done.output
    for number, partner in ((one, other), (other, one)):
        shown = json.loads(call("cases", "show", number).output)
        (entry,) = shown["related"]
        assert (entry["case_no"], entry["state"], entry["decided_by"]) == (partner, "linked", "李")
        assert shown["history"][-1]["event"] == "related_linked"
        assert shown["status"] == "new"


@pytest.mark.parametrize(("partner", "said"), [(2, "never suggested"), (None, "no such case")])
def test_what_cannot_be_decided_is_told(
    call: Call, numbers: list[str], partner: int | None, said: str
) -> None:
    other = numbers[partner] if partner is not None else "HT-261121-99999"
    done = call("cases", "relate", numbers[0], other, "--as", "dismissed", "--by", "李")
    assert done.exit_code == 1
    assert said in done.output
