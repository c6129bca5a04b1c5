"""What a page may post, read into the common message."""

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.channels.web.guard import TooLargeError, is_cross_site, read_body
from bot.conversation.messages import ContentKind
from bot.texts import Texts

TEXT_LIMIT = 4096
PAYLOAD_LIMIT = 64
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_COMMAND = re.compile(r"/(start|report|status|help|language|cancel|delete)(\s|$)")


class RefusedError(Exception):
    """A request that is not taken; the message is a sentence in the person's language."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True)
class Posted:
    """One message as the page sent it; ``id`` was made by the page."""

    id: str
    kind: ContentKind
    text: str


def refuse_cross_site(request: Request, t: Texts) -> None:
    """Refuse what another site's page makes a browser send.

    Raises:
        RefusedError: 403.
    """
    if is_cross_site(request):
        raise RefusedError(403, t("这个请求来自别的网站，没有接受。请直接打开护童的页面。"))


async def read_json(request: Request, t: Texts) -> dict[str, Any]:
    """The JSON object that the request carries.

    Raises:
        RefusedError: 415 for another content type, 413 beyond the limit, 400 for broken JSON.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, t("这条消息的格式不对，没有收下。请刷新页面再试。"))
    try:
        content = json.loads(await read_body(request))
    except TooLargeError:
        raise RefusedError(413, _too_long(t)) from None
    except (ValueError, RecursionError):
        raise RefusedError(400, _unreadable(t)) from None
    if not isinstance(content, dict):
        raise RefusedError(400, _unreadable(t))
    return content


def read_message(content: dict[str, Any], t: Texts) -> Posted:
    """A message from ``{"id": uuid, "text": …}`` or ``{"id": uuid, "payload": …}``.

    The text goes on as it was written, whatever characters it holds.

    Raises:
        RefusedError: 400 for what is missing or of another shape, 413 for too long a text.
    """
    made, text, payload = content.get("id"), content.get("text"), content.get("payload")
    if not isinstance(made, str) or not _UUID.fullmatch(made.lower()):
        raise RefusedError(400, _unreadable(t))
    if (text is None) == (payload is None):
        raise RefusedError(400, _unreadable(t))
    if payload is not None:
        if not isinstance(payload, str) or not 0 < _size(payload) <= PAYLOAD_LIMIT:
            raise RefusedError(400, _unreadable(t))
        return Posted(made.lower(), "press", payload)
    if not isinstance(text, str):
        raise RefusedError(400, _unreadable(t))
    if not text.strip():
        raise RefusedError(400, t("请先写点什么再发送。"))
    if len(text) > TEXT_LIMIT:
        raise RefusedError(413, _too_long(t))
    return Posted(made.lower(), "command" if _COMMAND.match(text) else "text", text)


def read_start(content: dict[str, Any]) -> Posted | None:
    """The start that a community's link asks for, as Telegram puts it; ``None`` without a token.

    Whose token it is, and whether it is one, the conversation finds out.
    """
    token = content.get("community")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return Posted(f"start-{token}", "command", f"/start {token}")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _too_long(t: Texts) -> str:
    return t("这条消息太长了。一条最多 {n} 个字，请分成几条发。", n=TEXT_LIMIT)


def _unreadable(t: Texts) -> str:
    return t("这条消息没有读懂，没有收下。请刷新页面再试。")
