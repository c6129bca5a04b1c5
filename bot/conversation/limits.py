"""How much one person, or one address, may send in a while, so that nobody slows down others.

What a person sends is counted in the inbox, which all workers share; what comes from an address,
which is written down nowhere, by each worker for itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from nlu.extractors.danger import find_dangers

_MINUTE, _HOUR = 60_000, 3_600_000  # milliseconds
_TIDY_ABOVE = 1_000
_ASKED = "a:danger:"
"""What the buttons begin with that answer whether there is danger."""


@dataclass(frozen=True)
class Allowance:
    """How many in a minute and in an hour."""

    a_minute: int
    an_hour: int


PERSON = Allowance(30, 300)
"""Messages of one person: three times what a hurried report takes."""
DANGER = Allowance(40, 360)
"""The same where the message tells of danger."""
ADDRESS = Allowance(300, 3_000)
"""Messages and opened links from one network address: many people may share one."""
ADDRESS_IN_DANGER = Allowance(60, 600)
"""Messages that tell of danger and are looked at although their address is beyond the limit."""


def tells_of_danger(text: str) -> bool:
    """Whether a message is let in beyond the usual: by its words, or by the button that it is."""
    return text.startswith(_ASKED) or bool(find_dangers(text))


def seconds_until_room(
    newest_first: Sequence[datetime], allowance: Allowance, now: datetime
) -> float:
    """How long until one more is allowed, 0 when it is now.

    Args:
        newest_first: when what counts was sent; of the last hour, and no more than an hour's
            allowance of it, is enough.
    """
    waits = [0.0]
    for many, milliseconds in ((allowance.a_minute, _MINUTE), (allowance.an_hour, _HOUR)):
        if len(newest_first) >= many:
            free = newest_first[many - 1] + timedelta(milliseconds=milliseconds)
            waits.append((free - now).total_seconds())
    return max(waits)


class Room:
    """How much more one person may send, as it fills; danger is let in for longer.

    Args:
        newest_first: when they sent what was written down in the last hour.
        urgent: whether a text tells of danger; without it nobody is limited.
    """

    def __init__(
        self, newest_first: Sequence[datetime], urgent: Callable[[str], bool] | None = None
    ) -> None:
        self._sent = list(newest_first)
        self._urgent = urgent
        self._full: dict[Allowance, datetime] = {}

    def full_until(self, moment: datetime, text: str) -> datetime | None:
        """Count one more message; when there is none left for it, when there is again."""
        if self._urgent is None:
            return None
        until = self._full_for(PERSON, moment)
        if until and self._urgent(text):
            until = self._full_for(DANGER, moment)
        if until is None:
            self._sent.insert(0, moment)
        return until

    def full(self, now: datetime) -> dict[Allowance, float]:
        """The allowances that were found used up, and for how many seconds from now."""
        return {each: (until - now).total_seconds() for each, until in self._full.items()}

    def _full_for(self, allowance: Allowance, moment: datetime) -> datetime | None:
        wait = seconds_until_room(self._sent, allowance, moment)
        if wait <= 0:
            return None
        self._full[allowance] = moment + timedelta(seconds=wait)
        return self._full[allowance]


class Limits:
    """Counts by key, in this process alone.

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
