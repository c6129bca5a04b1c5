"""The column types that every table shares.

Everything that people wrote, and who and where they are, goes through ``Sealed``: what the
database holds is encrypted and bound to its column. The keys hang on the engine's dialect
(``bot.database``), so that values are sealed and opened wherever a column is read or written.
"""

import json
from datetime import datetime, timezone
from typing import Any

from sqlalchemy.types import DateTime, Text, TypeDecorator

from bot.cases.keyring import Keyring, SealError
from bot.clock import SHANGHAI

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_read = json.JSONDecoder().decode


class Sealed(TypeDecorator):
    """A column for personal content: any JSON value, or ``None``.

    A value that is not sealed is refused, since only somebody past the program can have put it
    there; what older versions wrote in the clear is sealed by the migration.

    Args:
        place: the column, as ``transcript.text``. It is part of every value's seal, so it stays
            the same even if the column is ever called something else.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Turn the value into what the database holds (pure ASCII)."""
        return None if value is None else seal(keyring_of(dialect), self.place, value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """Turn what the database holds back into the value.

        Raises:
            SealError: it was not sealed by this program for this column.
        """
        return None if value is None else opened(keyring_of(dialect), self.place, value)


def seal(keyring: Keyring, place: str, value: Any) -> str:
    """Seal a JSON value for a column. Any code point survives, halves of surrogate pairs too."""
    return keyring.seal(place, _written(value).encode("utf-8", "surrogatepass"))


def opened(keyring: Keyring, place: str, held: str) -> Any:
    """The JSON value that was sealed for a column.

    Raises:
        SealError: it was not sealed by this program for this column.
    """
    return _read(keyring.open(place, held).decode("utf-8", "surrogatepass"))


def keyring_of(dialect: Any) -> Keyring:
    """The keys that hang on a dialect.

    Raises:
        SealError: none do; the engine is not one of ``bot.database``.
    """
    keyring = getattr(dialect, "keyring", None)
    if not isinstance(keyring, Keyring):
        raise SealError("there are no keys on this engine")
    return keyring


class Moment(TypeDecorator):
    """An aware moment: UTC in the database, Asia/Shanghai in the program."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Aware moment to naive UTC.

        Raises:
            ValueError: the moment has no offset.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a UTC offset")
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Naive UTC to an aware moment in Asia/Shanghai."""
        return None if value is None else value.replace(tzinfo=timezone.utc).astimezone(SHANGHAI)
