"""What every answer carries and what no request may do."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 16 * 1024

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class TooLargeError(Exception):
    """The body of a request is beyond the limit."""


class SecurityHeaders:
    """Puts the headers on every answer; what the route set itself stays.

    Args:
        app: the application behind.
        cache: the ``Cache-Control`` of answers that set none.
        policy: a content security policy of the page's own.
    """

    def __init__(self, app: ASGIApp, cache: str = "no-store", policy: str | None = None) -> None:
        self._app = app
        self._headers = HEADERS | {"Cache-Control": cache}
        if policy:
            self._headers["Content-Security-Policy"] = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the headers added to the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def is_cross_site(request: Request) -> bool:
    """Whether a browser sent the request on behalf of another site.

    ``Sec-Fetch-Site`` decides where the browser sends it, else ``Origin`` against ``Host``; a
    request with neither is no browser's cross-site request. The order is that of
    ``CrossOriginProtection`` in Go's net/http.
    """
    site = request.headers.get("sec-fetch-site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")


async def read_body(request: Request) -> bytes:
    """The body, read no further than the limit.

    Raises:
        TooLargeError: there is more.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLargeError
    return bytes(body)
