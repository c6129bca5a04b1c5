"""Builders for reports that may be about the same child."""

import hashlib
import hmac
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.tables import CaseRow, ConversationRow
from tests.support.cases import ALONE, NOW, conversation, told

_numbers = count(1)
KEY = b"a key of the tests, long enough."


def hashed(value: str) -> str:
    """A keyed hash as the inbox makes it."""
    return hmac.new(KEY, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def report(
    session: Session,
    at: datetime = NOW,
    talk: ConversationRow | None = None,
    *,
    report_type: str = "unattended_child",
    filed: bool = True,
    **facts: Any,
) -> CaseRow:
    """A report with these facts besides a neighbour's; a fact that is ``None`` is unknown."""
    case_no = f"HT-261121-{next(_numbers):05d}"
    held = {name: value for name, value in {**ALONE, **facts}.items() if value is not None}
    row = store.save(
        session,
        talk or conversation(session, case_no),
        told(case_no=case_no, report_type=report_type, filed=filed, facts=held),
        at,
    )
    session.flush()
    return row


def place(
    text: str, county: str | None = "新会区", adcode: str | None = "440705"
) -> dict[str, Any]:
    """The fact ``location``."""
    known = {"text": text, "county": county, "adcode": adcode}
    return {name: value for name, value in known.items() if value}
