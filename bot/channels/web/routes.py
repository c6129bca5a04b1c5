"""The routes of the web chat."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.web.guard import SecurityHeaders
from bot.channels.web.language import TAGS, language_of
from bot.channels.web.ports import Lines
from bot.channels.web.reading import (
    TEXT_LIMIT,
    Posted,
    RefusedError,
    read_json,
    read_message,
    read_start,
    refuse_cross_site,
)
from bot.channels.web.session import Sessions
from bot.channels.web.streams import HEARTBEAT, WebSender, as_json, line_data
from bot.clock import Clock
from bot.conversation.limits import ADDRESS, ADDRESS_IN_DANGER, Limits, tells_of_danger
from bot.conversation.messages import Door, Incoming, NotNowError, TooManyError
from bot.conversation.notices import CLOSED, TOO_MANY
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

CHANNEL = "web"
NEUTRAL_PAGE = "https://www.weather.com.cn/"  # where the quick-leave button goes
_SLOWLY = 1.0  # seconds until a refusal: who floods the page waits, not the others
_HERE = Path(__file__).parent
_Endpoint = Callable[[Request], Awaitable[Response]]


def web_routes(
    secret: bytes,
    door: Door,
    lines: Lines,
    sender: WebSender,
    clock: Clock,
    *,
    heartbeat: float = HEARTBEAT,
    leave_to: str = NEUTRAL_PAGE,
    texts_of: Callable[[str], Texts] = texts,
) -> list[Route | Mount]:
    """The page at ``/`` and what it talks to under ``/chat``.

    Args:
        secret: key material that the session cookies are signed with.
        door: where messages go.
        lines: where a person's own conversation is read.
        sender: the channel's sender, whose wake-ups the open streams wait for.
        clock: when a message came in.
        heartbeat: seconds between signs of life on a quiet stream.
        leave_to: the page that the quick-leave button goes to.
        texts_of: the texts of a language.
    """
    chat = _Chat(secret, door, lines, sender, clock, heartbeat, texts_of)
    page = _Page(leave_to, texts_of)
    headers = [Middleware(SecurityHeaders)]

    def route(path: str, endpoint: _Endpoint, method: str) -> Route:
        return Route(path, endpoint, methods=[method], middleware=headers)

    static = StaticFiles(directory=_HERE / "static")
    return [
        route("/", page.show, "GET"),
        route("/chat/session", chat.guarded(chat.open_session), "POST"),
        route("/chat/messages", chat.guarded(chat.take_message), "POST"),
        route("/chat/lines", chat.guarded(chat.read_lines), "GET"),
        route("/chat/stream", chat.guarded(chat.stream_lines), "GET"),
        Mount(
            "/chat/static",
            app=static,
            name="chat-static",
            # the inner one turns "not found" into an answer that the headers are put on
            middleware=[
                Middleware(SecurityHeaders, cache="no-cache"),
                Middleware(ExceptionMiddleware),
            ],
        ),
    ]


class _Page:
    """The page itself. It opens no session: a visitor who comes over a link from another site
    sends no strict cookie, and a new one would put an end to the conversation they have."""

    def __init__(self, leave_to: str, texts_of: Callable[[str], Texts]) -> None:
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("chat.html")
        self._version = _version_of_static()
        self._leave_to = leave_to
        self._texts_of = texts_of

    async def show(self, request: Request) -> Response:
        """The page in the reader's language."""
        language = language_of(request)
        content = self._template.render(
            t=self._texts_of(language),
            language=language,
            tags=TAGS,
            version=self._version,
            leave_to=self._leave_to,
            text_limit=TEXT_LIMIT,
        )
        return HTMLResponse(content, headers={"Content-Language": TAGS[language]})


class _Chat:
    """Messages in, lines out, each for the session of the cookie and no other."""

    def __init__(
        self,
        secret: bytes,
        door: Door,
        lines: Lines,
        sender: WebSender,
        clock: Clock,
        heartbeat: float,
        texts_of: Callable[[str], Texts],
    ) -> None:
        self._sessions = Sessions(secret)
        self._door = door
        self._lines = lines
        self._sender = sender
        self._clock = clock
        self._heartbeat = heartbeat
        self._texts_of = texts_of
        self._by_address, self._in_danger = Limits(ADDRESS), Limits(ADDRESS_IN_DANGER)

    def guarded(self, endpoint: _Endpoint) -> _Endpoint:
        """An endpoint closed to other sites, that answers refusals and failures in words."""

        async def answer(request: Request) -> Response:
            t = self._texts(request)
            try:
                refuse_cross_site(request, t)
                return await endpoint(request)
            except RefusedError as refusal:
                return _json({"error": refusal.sentence}, refusal.status)
            except TooManyError:
                await asyncio.sleep(_SLOWLY)
                return _json({"error": t(TOO_MANY)}, 429)
            except NotNowError:
                return _json({"error": t(CLOSED)}, 503)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it
            except Exception as error:  # its text may hold what a person wrote: the type only
                log.error("%s failed: %s", request.url.path, type(error).__name__)
                return _json({"error": t(CLOSED)}, 503)

        return answer

    async def open_session(self, request: Request) -> Response:
        """Open a session or prolong the one there is; ``{"fresh": true}`` starts another.

        The answer ``{"opened": …}`` tells whether it is a new one. ``{"community": token}`` says
        which community's link opened the page: the conversation hears of it, once, unless its
        address sends too much. The session is opened all the same: to tell of danger takes one.
        """
        content = await read_json(request, self._texts(request))
        session = None if content.get("fresh") is True else self._sessions.of(request)
        response = _json({"opened": session is None})
        session = session or self._sessions.fresh()
        self._sessions.keep(request, response, session)
        if (start := read_start(content)) and self._by_address.allows(_address(request)):
            await self._door.receive(self._incoming(session, start, language_of(request)))
        return response

    async def take_message(self, request: Request) -> Response:
        """Hand one message in; the same id again is the same message."""
        t = self._texts(request)
        session = self._session(request)
        posted = read_message(await read_json(request, t), t)
        self._count_address(request, posted.text)
        new = await self._door.receive(self._incoming(session, posted, language_of(request)))
        if not new:  # the page missed what came of it; of a new one there is nothing to read yet
            self._sender.wake(session)
        return _json({"new": new}, 202)

    async def read_lines(self, request: Request) -> Response:
        """The lines after ``?after=``."""
        session = self._session(request)
        found = await self._lines.since(session, self._after(request))
        return _json({"lines": [line_data(line) for line in found]})

    async def stream_lines(self, request: Request) -> Response:
        """The lines after ``?after=`` (or ``Last-Event-ID``), and then each as it comes."""
        session = self._session(request)
        after = self._after(request)
        headers = {"X-Accel-Buffering": "no"}  # a proxy in front must not hold lines back
        media_type = "text/event-stream"
        if request.method == "HEAD":
            return Response(headers=headers, media_type=media_type)
        events = self._sender.events(self._lines, session, after, self._heartbeat)
        return StreamingResponse(events, headers=headers, media_type=media_type)

    def _count_address(self, request: Request, text: str) -> None:
        """Refuse an address that sends more than its people can mean, unless it tells of danger.

        Raises:
            TooManyError: it does.
        """
        address = _address(request)
        if self._by_address.allows(address):
            return
        if not (tells_of_danger(text) and self._in_danger.allows(address)):
            raise TooManyError

    def _incoming(self, session: str, posted: Posted, language: str) -> Incoming:
        return Incoming(
            channel=CHANNEL,
            sender=session,
            # the session is part of it, so nobody can use up another's id
            message_id=f"{session}:{posted.id}",
            at=self._clock.now(),
            text=posted.text,
            kind=posted.kind,
            language_hint=TAGS[language],
        )

    def _texts(self, request: Request) -> Texts:
        return self._texts_of(language_of(request))

    def _session(self, request: Request) -> str:
        session = self._sessions.of(request)
        if session is None:
            t = self._texts(request)
            raise RefusedError(401, t("这次对话已经过期，请刷新页面。"))
        return session

    def _after(self, request: Request) -> int:
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
            t = self._texts(request)
            raise RefusedError(400, t("没有找到要读的位置，请刷新页面。"))
        return int(asked)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _json(content: object, status: int = 200) -> Response:
    return Response(as_json(content), status, media_type="application/json")


def _version_of_static() -> str:
    """A short hash of the page's files, so that a new version is never mixed with an old one."""
    digest = hashlib.sha256()
    for path in sorted((_HERE / "static").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
