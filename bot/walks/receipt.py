"""Whether somebody asks to see the receipt of their notice again."""

import re

from nlu.normaliser import written_form

_LONGEST = 40
_RECEIPT = re.compile(r"回执|收据|\breceipt\b", re.IGNORECASE)


def asks_for_receipt(text: str) -> bool:
    """Whether a short message speaks of a receipt ("回执", "把回执再发一次")."""
    return len(text) <= _LONGEST and bool(_RECEIPT.search(written_form(text)))
