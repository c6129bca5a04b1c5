"""What a case's changes mean for the time after filing: its follow-ups and its place in the ledger."""

from datetime import datetime

from bot.cases import followups, ledger
from bot.cases.tables import CaseRow

_PLANNED_ELSEWHERE = (ledger.RULE, "transfer:")
"""The rules of looks that the ledger plans anew by itself, or that nobody waits for any more."""


def renew(case: CaseRow, now: datetime) -> None:
    """Plan follow-ups and enter into the ledger, after a case was filed or assessed anew."""
    followups.plan(case, now)
    ledger.enter(case, now)


def end(case: CaseRow, by: str, now: datetime) -> None:
    """Call off what is open once a case is withdrawn, closed or a duplicate.

    A child that stays in the ledger goes on being looked at every half year.
    """
    ledger.leave(case, by, now)
    followups.cancel_open(case, by, now, keep=ledger.LOOK)


def take_up(case: CaseRow, ended: datetime, by: str, now: datetime) -> None:
    """Bring back what ended with a case that is open again, and plan what it needs besides.

    Args:
        ended: the moment at which it had ended.
    """
    followups.take_up(case, ended, now, but=_PLANNED_ELSEWHERE)
    ledger.take_up(case, ended, by, now)
    renew(case, now)
