"""A fact found in a text."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | float


@dataclass(frozen=True)
class Found:
    """A contract entity with its normalised value and its span in the text it was looked for in."""

    entity: str
    value: Value
    start: int
    end: int
