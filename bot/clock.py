"""The one clock of the program, so that tests and replays can stop it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Clock:
    """Tells the time in Asia/Shanghai; ``fixed`` (aware) stops it."""

    fixed: datetime | None = None

    def now(self) -> datetime:
        """The current moment, aware, to the second."""
        moment = self.fixed or datetime.now(SHANGHAI)
        return moment.astimezone(SHANGHAI).replace(microsecond=0)
