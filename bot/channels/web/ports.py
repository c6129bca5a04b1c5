"""What the web chat needs from the house beside the door: a person's own conversation, to read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.conversation.messages import Button

Speaker = Literal["reporter", "bot", "staff"]


@dataclass(frozen=True)
class Line:
    """One line of a conversation as the person reads it.

    Args:
        id: grows within a conversation in the order in which lines become readable; a page
            that has read up to 7 asks for what is after 7 and must miss nothing.
        at: when it was said, aware.
        text: plain text; for a pressed button its title.
        message_id: the ``Incoming.message_id`` that a reporter's line came from, so that the page
            finds the message that it already shows; empty where there is none.
    """

    id: int
    at: datetime
    sender: Speaker
    text: str
    buttons: tuple[Button, ...] = field(default=())
    message_id: str = ""


class Lines(Protocol):
    """Reads one person's conversation."""

    async def since(self, sender: str, after: int) -> list[Line]:
        """The lines with an id greater than ``after``, oldest first; none for a stranger.

        Args:
            sender: the ``Incoming.sender`` of the web channel.
            after: the last line id already read, 0 for the whole conversation.
        """
