"""Characters as tokens: no segmenter, so no entity is cut by one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"[a-zA-Z]+(?:'[a-zA-Z]+)?|\d+|\S")


@dataclass(frozen=True)
class Piece:
    """A token and where it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)


def tokenise(text: str) -> list[Piece]:
    """Split into single characters, Latin words and runs of digits; blanks are left out."""
    return [Piece(match.group(), match.start()) for match in _TOKEN.finditer(text)]
