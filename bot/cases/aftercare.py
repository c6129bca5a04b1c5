"""What a case's changes mean for the time after filing: its follow-ups and its place in the ledger."""

from datetime import datetime

from bot.cases import followups, ledger
from bot.cases.tables import CaseRow


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
