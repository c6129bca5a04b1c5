"""The code that a reporter gets once, to ask from elsewhere how a report stands.

Kept is a keyed hash (HMAC-SHA-256 under the lasting key) of number and code. A slow hash such as
argon2 would add nothing: a code has 40 random bits, the hash is worth nothing without the key, and
whoever has the key reads the case itself; but it would let anybody keep the program busy. Ten wrong
tries lock the person who tries, and the case, for a day. Every function works inside the caller's
transaction.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bot.cases.privacy_tables import ReceiptRow, ReceiptTryRow
from bot.cases.tables import CaseRow
from bot.prepared import Prepared, Transaction

TRIES = 10
LOCKED = timedelta(days=1)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # as in case numbers: no 0/O, 1/I/L
_HALF = 4
_NOBODY = -1
Hashed = Callable[[str], str]
_CODE = Prepared(
    text(
        "INSERT INTO receipt (case_id, code, failures) VALUES (:case, :code, 0) "
        "ON CONFLICT (case_id) DO UPDATE SET code = excluded.code, failures = 0"
    )
)


class LockedError(Exception):
    """This person gave a wrong code too often."""


def give(session: Transaction, case: CaseRow, hashed: Hashed) -> str:
    """A fresh code for a case; only its hash is kept.

    Returns:
        the code, as ``7K3Q-D9MW``.
    """
    half = ("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2))
    code = "-".join(half)
    session.flush()
    row = {"case": case.id, "code": _hash(case.case_no, code, hashed)}
    session.change(_CODE, **row)
    return code


def look_up(
    session: Session, conversation_id: int, asked: tuple[str, str], now: datetime, hashed: Hashed
) -> CaseRow | None:
    """The case of a number and a code; ``None`` for a wrong code, an unknown number, a locked case.

    All three run the same statements, so that time does not tell them apart either.

    Args:
        asked: number and code, as they were written.

    Raises:
        LockedError: this person tried too often, whatever it was.
    """
    number, code = (unicodedata.normalize("NFKC", part).strip().upper() for part in asked)
    tries = session.get(ReceiptTryRow, conversation_id, with_for_update=True)
    if tries is None:
        tries = ReceiptTryRow(conversation_id=conversation_id, failures=0)
        session.add(tries)
    if tries.locked_until and tries.locked_until > now:
        raise LockedError
    # only what is compared: a case that is there must not take longer by what it holds
    query = select(ReceiptRow).join(CaseRow).where(CaseRow.case_no == number)
    row = session.execute(query.with_for_update(of=ReceiptRow)).scalar()
    given = _hash(number, code, hashed)
    right = hmac.compare_digest(given, row.code if row else _hash(number, "", hashed))
    locked = bool(row and row.locked_until and row.locked_until > now)
    found = session.get(CaseRow, row.case_id) if right and row and not locked else None
    tries.failures, tries.locked_until = _counted(tries.failures, found is not None, now)
    before = row.failures if row else 0
    failures, until = _counted(before, found is not None, now)
    session.flush()
    session.execute(
        update(ReceiptRow)
        .where(ReceiptRow.case_id == (row.case_id if row and not locked else _NOBODY))
        .values(failures=failures, locked_until=until)
        .execution_options(synchronize_session=False)
    )
    return found


def _counted(failures: int, right: bool, now: datetime) -> tuple[int, datetime | None]:
    """The wrong tries after one more, and until when the next is refused."""
    if right:
        return 0, None
    if failures + 1 < TRIES:
        return failures + 1, None
    return 0, now + LOCKED


def _hash(number: str, code: str, hashed: Hashed) -> str:
    return hashed(f"receipt/{number}/{code.replace('-', '').replace(' ', '')}")
