"""What passes between a turn and the dialogue."""

from dataclasses import dataclass, field
from typing import Any

from bot.conversation.messages import Reply


class TurnError(Exception):
    """Something in the dialogue broke; the state before the turn still holds."""


@dataclass
class Talk:
    """One turn in the making: the state it starts from, and what comes out of it."""

    slots: dict[str, Any]
    loop: str | None
    replies: list[Reply] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
