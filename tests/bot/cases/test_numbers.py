"""Case numbers: short enough to read out; that none is given twice the store sees to."""

import re
from datetime import datetime

from bot.cases.numbers import new_case_no
from tests.support.cases import NOW


def test_a_number_shows_its_day_and_holds_no_sign_that_is_mistaken_for_another() -> None:
    for _ in range(500):
        assert re.fullmatch(r"HT-261121-[2-9A-HJKMNP-Z]{5}", new_case_no(NOW))


def test_numbers_of_one_moment_are_drawn_at_random() -> None:
    drawn = {new_case_no(NOW) for _ in range(200)}
    assert len(drawn) > 195  # one pair alike comes in a thousand runs; three never
    assert len({number[-5] for number in drawn}) > 15


def test_the_day_is_written_with_two_digits_each() -> None:
    assert new_case_no(datetime(2027, 1, 2)).startswith("HT-270102-")
