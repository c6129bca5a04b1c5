"""Days that a person fills in, and the regions that they may choose."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.console.pages import Visit
from bot.console.rights import stem_of
from bot.walks.divisions import name_of

SPANS = (7, 30, 90)
"""Days, for a choice with one click."""
_LONGEST = 366


@dataclass(frozen=True)
class Days:
    """Whole days, the last one included; ``span`` is set where they are the last so many."""

    first: date
    last: date
    span: int | None = None


def day_of(text: str) -> date | None:
    """A day as a browser sends it; ``None`` for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_of(visit: Visit) -> Days:
    """The days that the address asks for; the last thirty unless it says others.

    Raises:
        RefusedError: they end before they begin, or are more than a year.
    """
    today = visit.now.date()
    first, last = day_of(visit.query("from")), day_of(visit.query("to"))
    if first is None and last is None:
        asked = visit.query("days")
        span = int(asked) if asked.isdecimal() and int(asked) in SPANS else SPANS[1]
        return Days(today - timedelta(days=span - 1), today, span)
    last = last or today
    first = first or last - timedelta(days=SPANS[1] - 1)
    if last < first:
        raise visit.refuse(visit.t("结束的日子在开始的日子之前，请改一改。"))
    if (last - first).days >= _LONGEST:
        raise visit.refuse(visit.t("一次最多看一年，请选近一点的日子。"))
    return Days(first, last)


def region_of(visit: Visit, text: str) -> str:
    """The region that was chosen, if there is one and it is in the person's; else the person's own."""
    own = visit.staff.region
    inside = text.startswith(stem_of(own)) if own else True
    return text if text and inside and name_of(text) else own
