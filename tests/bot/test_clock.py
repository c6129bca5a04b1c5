"""The clock: everybody in the program sees the same time, and a test can stop it."""

from datetime import datetime, timedelta, timezone

from bot.clock import SHANGHAI, Clock


def test_a_stopped_clock_always_tells_the_same_moment() -> None:
    fixed = datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI)
    clock = Clock(fixed)
    assert clock.now() == clock.now() == fixed


def test_a_moment_from_elsewhere_is_told_in_shanghai_time() -> None:
    told = Clock(datetime(2026, 11, 20, 20, 30, tzinfo=timezone.utc)).now()
    assert told.isoformat() == "2026-11-21T04:30:00+08:00"


def test_a_running_clock_tells_now_to_the_second_with_its_offset() -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    told = Clock().now()
    assert before <= told <= datetime.now(timezone.utc)
    assert told.microsecond == 0
    assert told.utcoffset() == timedelta(hours=8)
