"""Messages that the bot sent, checked as Telegram checks them."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.botapi.errors import refusal

_LONGEST_TEXT = 4096
_LONGEST_DATA = 64
_ACTIONS = ("callback_data", "url", "switch_inline_query", "web_app", "login_url", "copy_text")


@dataclass(frozen=True)
class ReceivedButton:
    """A button as the person sees it, with the data that it sends back."""

    title: str
    data: str
    chat_id: int
    message_id: int


@dataclass
class Received:
    """A message of the bot as the person sees it."""

    message_id: int
    chat_id: int
    text: str
    params: dict[str, Any]
    rows: list[list[ReceivedButton]] = field(default_factory=list)

    @property
    def buttons(self) -> list[ReceivedButton]:
        """All buttons in reading order."""
        return [button for row in self.rows for button in row]

    @property
    def titles(self) -> list[str]:
        """What the buttons say."""
        return [button.title for button in self.buttons]

    def button(self, title: str) -> ReceivedButton:
        """The button with these words in its title.

        Raises:
            AssertionError: none has them.
        """
        for button in self.buttons:
            if title in button.title:
                return button
        raise AssertionError(f"no button {title!r} among {self.titles} under {self.text!r}")


def checked_text(params: dict[str, Any]) -> str:
    """The text of a message to be sent.

    Raises:
        ApiError: blank, or beyond 4096 characters (counted in UTF-16 units, the stricter way).
    """
    text = str(params.get("text", "")).strip()
    if not text:
        raise refusal("message text is empty")
    if len(text.encode("utf-16-le", "replace")) // 2 > _LONGEST_TEXT:
        raise refusal("message is too long")
    return text


def checked_rows(
    params: dict[str, Any], chat_id: int, message_id: int
) -> list[list[ReceivedButton]]:
    """The inline keyboard of a message to be sent; empty without one.

    Raises:
        ApiError: it is no keyboard, or a button is wrong.
    """
    markup = decoded(params.get("reply_markup"), "can't parse reply keyboard markup JSON object")
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise refusal("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise refusal('field "inline_keyboard" must be of type Array')
    return [[_button(raw, chat_id, message_id) for raw in row] for row in rows if row]


def decoded(value: object, complaint: str) -> Any:
    """A parameter that may come as JSON text or as it is.

    Raises:
        ApiError: the JSON is broken; the description is ``complaint``.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise refusal(complaint) from None


def _button(raw: Any, chat_id: int, message_id: int) -> ReceivedButton:
    if not isinstance(raw, dict) or not str(raw.get("text", "")).strip():
        raise refusal("can't parse inline keyboard button: Text must be non-empty")
    if sum(action in raw for action in _ACTIONS) != 1:
        raise refusal("Text buttons are unallowed in the inline keyboard")
    data = raw.get("callback_data", "")
    if "callback_data" in raw and not 1 <= len(str(data).encode()) <= _LONGEST_DATA:
        raise refusal("BUTTON_DATA_INVALID")
    return ReceivedButton(raw["text"], str(data), chat_id, message_id)
