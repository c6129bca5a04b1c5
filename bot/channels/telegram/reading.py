"""What a Telegram update says, in the words of the conversation."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from telegram import CallbackQuery, Chat, Contact, Message, Update
from telegram.constants import ChatType, MessageAttachmentType
from telegram.ext.filters import StatusUpdate

from bot.clock import Clock
from bot.conversation.messages import Attachment, ContentKind, Incoming, sound

CHANNEL = "telegram"
_COMMAND = re.compile(
    r"/(start|report|status|help|language|cancel|delete)(?:@\w+)?(?:\s+(.*))?", re.S
)
_ATTACHMENTS = (*MessageAttachmentType, "checklist")
_FILES = ("photo", "voice", "audio", "video", "video_note", "document")
"""What staff may want to see or hear; stickers and the like say nothing."""

_PLAIN = 5  # fields of a message that holds nothing but words
_FAR = 2**33  # seconds; later than any message

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublicPlace:
    """A group or channel in which somebody spoke; nothing that is said there is kept."""

    chat_id: int
    language_hint: str


@dataclass(frozen=True)
class Heard:
    """What one update asks for.

    Args:
        incoming: to be handed to the conversation.
        press: the id of a callback query to be answered.
        public: a place to be told that this is for private chats.
    """

    incoming: Incoming | None = None
    press: str | None = None
    public: PublicPlace | None = None


def read_update(raw: object, clock: Clock) -> Heard:
    """Read an update as the Bot API gives it; one that makes no sense asks for nothing.

    Args:
        raw: the decoded JSON.
        clock: dates presses, which carry no date; dates everything when it is stopped.
    """
    if words := _plain_words(raw, clock):
        return Heard(incoming=words)
    try:
        update = Update.de_json(raw, None)  # type: ignore[arg-type] # its shape is what is tried
        return _read(update, clock)
    except Exception as error:  # any shape may come from outside, none may stop the channel
        _log.warning("Telegram: an update that cannot be read (%s)", type(error).__name__)
        return Heard()


def _plain_words(raw: object, clock: Clock) -> Incoming | None:
    """A typed text in a private chat and nothing else, which is most of what comes.

    The library makes objects of all that an update could hold; a third of a millisecond for each
    of a flood's messages is what others wait for.
    """
    if not isinstance(raw, dict):
        return None
    match raw:
        case {
            "update_id": int(),
            "message": {
                "message_id": int(number),
                "from": {"id": int()} as person,
                "chat": {"id": int(chat), "type": "private"},
                "date": int(date),
                "text": str(text),
            } as message,
        } if len(raw) == 2 and len(message) == _PLAIN and text and 0 < date < _FAR:
            language = person.get("language_code") or ""
            if not isinstance(language, str):
                return None
            kind, said = _typed(text)
            return Incoming(
                channel=CHANNEL,
                sender=str(chat),
                message_id=f"{chat}:{number}",
                at=_moment(datetime.fromtimestamp(date, timezone.utc), clock),
                text=sound(said),
                kind=kind,
                language_hint=language,
            )
    return None


def _read(update: Update, clock: Clock) -> Heard:
    if update.callback_query:
        return _press(update.callback_query, clock)
    message = update.message or update.edited_message or update.channel_post
    if message is None:
        return Heard()
    if message.chat.type != ChatType.PRIVATE:
        public = PublicPlace(message.chat.id, _language(message))
        return Heard() if update.edited_message else Heard(public=public)
    return Heard(incoming=_message(update, message, clock))


def _press(query: CallbackQuery, clock: Clock) -> Heard:
    # a private chat has the id of its person; old messages come without their chat
    chat = query.message.chat if query.message else Chat(query.from_user.id, ChatType.PRIVATE)
    if chat.type != ChatType.PRIVATE or query.data is None:
        return Heard(press=query.id)
    incoming = Incoming(
        channel=CHANNEL,
        sender=str(chat.id),
        message_id=f"callback:{query.id}",
        at=clock.now(),
        text=sound(query.data),
        kind="press",
        language_hint=_language(query),
    )
    return Heard(incoming, press=query.id)


def _message(update: Update, message: Message, clock: Clock) -> Incoming | None:
    kind, text = _content(update, message)
    edited = update.edited_message is not None
    # a live location is an "edit" every few seconds: only new words are a revision
    if not text or (edited and not (message.text or message.caption)):
        return None
    plain_id = f"{message.chat.id}:{message.message_id}"
    date = message.edit_date if edited and message.edit_date else message.date
    return Incoming(
        channel=CHANNEL,
        sender=str(message.chat.id),
        message_id=f"{plain_id}:edit:{int(date.timestamp())}" if edited else plain_id,
        at=_moment(date, clock),
        text=sound(text),
        kind=kind,
        edits=plain_id if edited else None,
        language_hint=_language(message),
        attachment=_attachment(message),
    )


def _attachment(message: Message) -> Attachment | None:
    """The file that came with a message; of a picture the largest size that can be got."""
    for kind in _FILES:
        found: Any = message[kind]
        if kind == "photo":
            found = max(found, key=lambda size: size.width * size.height, default=None)
        if found:
            mime = "image/jpeg" if kind == "photo" else getattr(found, "mime_type", None) or ""
            return Attachment(kind, found.file_id, mime, found.file_size or 0)
    return None


def _content(update: Update, message: Message) -> tuple[ContentKind, str]:
    """The kind and the text of a private message; no text when nobody said anything."""
    if message.text:
        return _typed(message.text)
    if words := message.caption or _words_of_attachment(message):
        return "text", words
    if StatusUpdate.ALL.check_update(update):
        return "other", ""  # "message pinned" and the like
    return "other", next((str(kind) for kind in _ATTACHMENTS if message[kind]), "unknown")


def _typed(text: str) -> tuple[ContentKind, str]:
    command = _COMMAND.fullmatch(text.strip())
    if not command:
        return "text", text
    name, argument = command.groups()
    return "command", f"/{name} {argument}" if argument else f"/{name}"


def _words_of_attachment(message: Message) -> str:
    """A phone or a place that was sent by button, as it would be typed.

    Only the number of a contact: its name (爸爸, 李老师) would be read as an answer, too.
    """
    if message.contact:
        return _phone(message.contact)
    if message.venue:
        at = message.venue.location
        called = f"{message.venue.title} {message.venue.address}"
        return f"{called}（{at.latitude:.6f}, {at.longitude:.6f}）"
    if message.location:
        return f"定位：{message.location.latitude:.6f}, {message.location.longitude:.6f}"
    return ""


def _phone(contact: Contact) -> str:
    """The number; Telegram leaves out the plus of the numbers that it knows itself."""
    number = contact.phone_number
    return f"+{number}" if contact.user_id and not number.startswith("+") else number


def _language(said: Message | CallbackQuery) -> str:
    """The language of the app, where it is told in words."""
    code: object = said.from_user.language_code if said.from_user else None
    return code if isinstance(code, str) else ""


def _moment(date: datetime, clock: Clock) -> datetime:
    return clock.now() if clock.fixed else date
