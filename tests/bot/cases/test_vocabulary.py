"""The values of the contract, sections 2 and 3: they may grow, none may go or change its name."""

import pytest

from bot.cases import vocabulary

CONTRACT = {
    "SEXES": "female male",
    "ABSENCE_REASONS": "isolated infected hospitalised frontline_duty working_away detained missing "
    "deceased incapacitated refused other",
    "CARERS": "nobody sibling grandparent relative neighbour friend teacher committee other",
    "RELATIONS": "mother father grandparent relative neighbour teacher doctor committee passerby "
    "self other",
    "HEALTH": "fever contact suspected confirmed injured ill disabled healthy",
    "NEEDS": "care food medicine medical supplies schooling psychological money documents safety",
    "DANGERS": "violence injury suicide fire missing unconscious abuse no_food other",
    "REPORT_TYPES": "guardian_difficulty unattended_child child_self professional_notice "
    "preregistration",
    "STATUSES": "draft new accepted in_progress transferred closed withdrawn duplicate",
    "LEVELS": "critical high medium low",
    "UNITS": "committee township county_civil_affairs medical police education womens_federation "
    "protection_institution",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_value_of_the_contract_is_there(name: str) -> None:
    assert set(CONTRACT[name].split()) <= set(getattr(vocabulary, name))
