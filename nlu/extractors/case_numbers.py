"""Case numbers, HT-261121-7K3QD, however they are typed."""

from __future__ import annotations

import re

from nlu.extractors.found import Found
from nlu.normaliser import normalise

_CASE = re.compile(r"(?<![a-z0-9])ht[\s\-—–_.·]*(\d{6})[\s\-—–_.·]*([a-z0-9]{5})(?![a-z0-9])")


def find_case_numbers(text: str) -> list[Found]:
    """Case numbers in normalised (lower case, half width) text."""
    return [Found("case_no", f"HT-{m[1]}-{m[2].upper()}", *m.span()) for m in _CASE.finditer(text)]


def read_case_number(text: str) -> str | None:
    """The case number in an answer as ``HT-261121-7K3QD``, or None.

    Lower case, blanks, missing or full-width dashes are all understood.
    """
    found = find_case_numbers(normalise(text).text)
    return str(found[0].value) if found else None
