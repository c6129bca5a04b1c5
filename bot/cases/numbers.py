"""Case numbers: ``HT-261121-7K3QD``, the day and five characters that are not mistaken for others."""

import secrets
from datetime import datetime

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L


def new_case_no(now: datetime) -> str:
    """A fresh case number for the day of ``now``; 31^5 numbers a day, drawn at random."""
    return f"HT-{now:%y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(5))
