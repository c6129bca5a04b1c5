"""How much one person, or one address, may send in a while, so that nobody slows down others."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pyrate_limiter import InMemoryBucket, Rate, RateItem

_MINUTE, _HOUR = 60_000, 3_600_000  # milliseconds
_TIDY_ABOVE = 1_000


@dataclass(frozen=True)
class Allowance:
    """How many in a minute and in an hour."""

    a_minute: int
    an_hour: int


PERSON = Allowance(30, 300)
"""Messages of one person: three times what a hurried report takes."""
DANGER = Allowance(10, 60)
"""Messages that tell of danger and are taken although their writer is beyond the limit."""
ADDRESS = Allowance(300, 3_000)
"""Messages and new sessions from one network address: many people may share one."""


class Limits:
    """Counts by key, in this process alone; several workers each allow as much.

    Args:
        allowance: how much each key may.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, allowance: Allowance, now: Callable[[], float] = time.monotonic) -> None:
        self._rates = [Rate(allowance.a_minute, _MINUTE), Rate(allowance.an_hour, _HOUR)]
        self._now = now
        self._buckets: dict[str, InMemoryBucket] = {}
        self._tidy_at = _TIDY_ABOVE

    def allows(self, key: str) -> bool:
        """Count one for this key; false when that is too many, which then is not counted."""
        now = int(self._now() * 1000)
        if len(self._buckets) >= self._tidy_at:
            self._tidy(now)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = InMemoryBucket(self._rates)
        bucket.leak(now)
        return bool(bucket.put(RateItem(key, now)))

    def _tidy(self, now: int) -> None:
        """Forget whoever sent nothing for an hour."""
        for key, bucket in list(self._buckets.items()):
            bucket.leak(now)
            if bucket.count() == 0:
                del self._buckets[key]
        self._tidy_at = max(_TIDY_ABOVE, 2 * len(self._buckets))
