"""What goes between the channels and the conversation: platform-free, small, frozen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

ContentKind = Literal["text", "press", "command", "other"]


@dataclass(frozen=True)
class Attachment:
    """A picture, voice or file that a person sent; it stays with the platform until staff open it.

    Args:
        kind: the platform's word, as ``photo``.
        file_id: what the platform gives it out by.
        mime: the media type, or empty when nobody said.
        size: bytes, 0 when nobody said.
    """

    kind: str
    file_id: str
    mime: str = ""
    size: int = 0


@dataclass(frozen=True)
class Incoming:
    """One thing that a person sent.

    Args:
        channel: ``telegram``, ``web`` or ``terminal``.
        sender: the person's address on that channel (a chat id, a web session id, a name).
        message_id: unique within the channel; the same id delivered again is the same message.
        at: when it was sent, aware.
        kind: ``text`` typed words, ``press`` a button (``text`` is its payload), ``command``
            one of ``start report status help language cancel delete`` (``text`` holds ``/name argument``),
            ``other`` what holds no words (sticker, photo, voice; ``text`` names the kind).
        edits: the ``message_id`` that this message is a new wording of, if it is one.
        language_hint: BCP 47 tag that the platform reports for the person, or empty.
        attachment: what came beside or instead of words.
    """

    channel: str
    sender: str
    message_id: str
    at: datetime
    text: str
    kind: ContentKind = "text"
    edits: str | None = None
    language_hint: str = ""
    attachment: Attachment | None = None


def sound(text: str) -> str:
    """The text without what no database and no library takes: NUL, and halves of surrogate pairs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


@dataclass(frozen=True)
class Button:
    """A choice offered under a reply; ``payload`` is at most 64 bytes of UTF-8."""

    title: str
    payload: str

    def to_json(self) -> dict[str, str]:
        """As plain JSON."""
        return {"title": self.title, "payload": self.payload}


@dataclass(frozen=True)
class Reply:
    """One message to a person; plain text, never markup."""

    text: str
    buttons: tuple[Button, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"text": self.text, "buttons": [button.to_json() for button in self.buttons]}


class NotNowError(Exception):
    """Nothing can be written down at present; the message has to come again, however often."""


class TooManyError(Exception):
    """One person sends more than anybody can mean; the message was not written down.

    ``after`` seconds there is room again.
    """

    def __init__(self, after: float = 60.0) -> None:
        super().__init__(f"too many, try again after {after} s")
        self.after = after


class UndeliverableError(Exception):
    """The person cannot be reached and never will be (bot blocked, chat gone)."""


class TryLaterError(Exception):
    """The platform cannot take the reply now; ``after`` seconds is when to try again.

    ``everybody``: no reply to anybody can leave meanwhile.
    """

    def __init__(self, after: float, everybody: bool = False) -> None:
        super().__init__(f"try again after {after} s")
        self.after = after
        self.everybody = everybody


PAGE = "web"
"""The channel whose page is only told that there is something new, and then reads it."""


class Sender(Protocol):
    """How a channel's replies leave the house."""

    async def send(self, address: str, reply: Reply) -> None:
        """Deliver one reply to ``address``.

        Raises:
            UndeliverableError: nobody is there any more.
            TryLaterError: not now.
        """


class Files(Protocol):
    """How a channel's attachments are got."""

    async def fetch(self, file_id: str) -> bytes:
        """The content of an attachment.

        Raises:
            UndeliverableError: the platform does not give it out (any more).
            TryLaterError: not now.
        """


class Door(Protocol):
    """Where a channel hands in what it got."""

    async def receive(self, incoming: Incoming) -> bool:
        """Write the message down; true when it is new. Committed when this returns.

        Raises:
            NotNowError: nothing can be written down at present.
            TooManyError: this person sends too much; the message was not written down.
            Exception: this message cannot be written down.
        """

    async def receive_all(self, run: Sequence[Incoming]) -> None:
        """Write one person's messages down in their order; committed when this returns.

        What is more than this person may send is left out, and they are told.

        Raises:
            NotNowError: nothing can be written down at present.
            Exception: one of them cannot be written down. Whatever was written down is refused
                when it comes again.
        """

    async def set_aside(self, incoming: Incoming) -> None:
        """Give up a message that can never be written down; staff hear of it."""
