"""What goes between the channels and the conversation: platform-free, small, frozen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

ContentKind = Literal["text", "press", "command", "other"]


@dataclass(frozen=True)
class Incoming:
    """One thing that a person sent.

    Args:
        channel: ``telegram``, ``web`` or ``terminal``.
        sender: the person's address on that channel (a chat id, a web session id, a name).
        message_id: unique within the channel; the same id delivered again is the same message.
        at: when it was sent, aware.
        kind: ``text`` typed words, ``press`` a button (``text`` is its payload), ``command``
            one of ``start report status help language cancel`` (``text`` holds ``/name argument``),
            ``other`` what holds no words (sticker, photo, voice; ``text`` names the kind).
        edits: the ``message_id`` that this message is a new wording of, if it is one.
        language_hint: BCP 47 tag that the platform reports for the person, or empty.
    """

    channel: str
    sender: str
    message_id: str
    at: datetime
    text: str
    kind: ContentKind = "text"
    edits: str | None = None
    language_hint: str = ""


@dataclass(frozen=True)
class Button:
    """A choice offered under a reply; ``payload`` is at most 64 bytes of UTF-8."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message to a person; plain text, never markup."""

    text: str
    buttons: tuple[Button, ...] = field(default=())


class UndeliverableError(Exception):
    """The person cannot be reached and never will be (bot blocked, chat gone)."""


class TryLaterError(Exception):
    """The platform cannot take the reply now; ``after`` seconds is when to try again."""

    def __init__(self, after: float) -> None:
        super().__init__(f"try again after {after} s")
        self.after = after


class Sender(Protocol):
    """How a channel's replies leave the house."""

    async def send(self, address: str, reply: Reply) -> None:
        """Deliver one reply to ``address``.

        Raises:
            UndeliverableError: nobody is there any more.
            TryLaterError: not now.
        """


class Door(Protocol):
    """Where a channel hands in what it got."""

    async def receive(self, incoming: Incoming) -> bool:
        """Write the message down; true when it is new. Committed when this returns."""
