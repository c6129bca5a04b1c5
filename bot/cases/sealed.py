"""The column types that every table shares.

Everything that people wrote, and who and where they are, goes through ``Sealed``, so that
encryption has one place to stand in. Today the value is stored as JSON text.
"""

import json
from datetime import datetime, timezone
from typing import Any

from sqlalchemy.types import DateTime, Text, TypeDecorator

from bot.clock import SHANGHAI


class Sealed(TypeDecorator):
    """A column for personal content: any JSON value, or ``None``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Turn the value into what the database holds (pure ASCII: any code point survives)."""
        return None if value is None else json.dumps(value, ensure_ascii=True)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """Turn what the database holds back into the value."""
        return None if value is None else json.loads(value)


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
