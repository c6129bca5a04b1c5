from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from nlu import clock


def test_the_reference_time_holds_inside_and_ends_with_it(now: datetime) -> None:
    with clock.at(now):
        assert clock.reference_time() == now
    assert clock.reference_time() != now


def test_threads_do_not_see_each_others_time(now: datetime) -> None:
    def look(day: int) -> bool:
        moment = now + timedelta(days=day)
        with clock.at(moment):
            return all(clock.reference_time() == moment for _ in range(100))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, range(20)))


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"), clock.at(datetime(2026, 11, 21)):
        pass
