"""HTTP on loopback, in a thread, for all bots of this process; each is known by its token."""

import atexit
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.support.botapi.errors import error_body

_STARTS_WITHIN = 10.0

# a bot's answer to a call: method, parameters, and how to reset the connection instead
Serve = Callable[[str, dict[str, Any], Callable[[], None]], Awaitable[Response]]


class Host:
    """One server for as long as the process lives: starting one for each test takes longer."""

    def __init__(self) -> None:
        self._bots: dict[str, Serve] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._url = ""

    def add(self, token: str, serve: Serve) -> str:
        """Serve calls with this token; the address of the server, which is started if need be."""
        with self._lock:
            self._bots[token] = serve
            if self._thread is None:
                self._start()
            return self._url

    def remove(self, token: str) -> None:
        """Do not know this token any more."""
        with self._lock:
            del self._bots[token]

    def _start(self) -> None:
        # named as TCP, else asyncio leaves Nagle's algorithm on: an answer's second half would wait
        # for the client's delayed acknowledgement of the first, 40 ms at each call
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self._app(), loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None,
            access_log=False, proxy_headers=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="botapi", daemon=True
        )
        self._thread.start()
        atexit.register(self._stop)
        end = time.monotonic() + _STARTS_WITHIN
        while not self._server.started:
            assert time.monotonic() < end, "the Bot API server did not start"
            time.sleep(0.002)

    def _stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(timeout=_STARTS_WITHIN)

    def _app(self) -> Any:
        paths = [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file),
        ]
        inner = Starlette(routes=paths)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            # uvicorn's send is a method of the running request, which knows its transport: the
            # only way to reset a connection from inside an application
            scope["reset"] = lambda: send.__self__.transport.abort()  # type: ignore[attr-defined]
            await inner(scope, receive, send)

        return app

    async def _file(self, request: Request) -> Response:
        serve = self._bots.get(request.path_params["token"])
        if serve is None:
            return answer_error(404, "Not Found")
        path = {"path": request.path_params["path"]}
        return await serve("file", path, request.scope["reset"])

    async def _call(self, request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        serve = self._bots.get(token)
        if serve is None:
            well_formed = re.fullmatch(r"\d+:[\w-]{20,}", token, re.ASCII)
            return answer_error(*((401, "Unauthorized") if well_formed else (404, "Not Found")))
        try:
            params = await _params(request)
        except ValueError:
            return answer_error(400, "Bad Request: can't parse request")
        except ClientDisconnect:  # the bot died while it asked
            return answer_error(400, "Bad Request: cut off")
        return await serve(method, params, request.scope["reset"])


async def _params(request: Request) -> dict[str, Any]:
    """Parameters from the query, a form or JSON: the Bot API takes all three.

    Raises:
        ValueError: the body is not what its content type says.
    """
    params: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        body = await request.json()
        if not isinstance(body, dict):
            raise ValueError("no object")
        return params | body
    if kind == "multipart/form-data":
        return params | dict(await request.form())
    text = (await request.body()).decode("utf-8", "replace")
    return params | dict(parse_qsl(text, keep_blank_values=True))


def answer_json(status: int, body: bytes) -> Response:
    """An answer of the Bot API."""
    return Response(body, status, media_type="application/json")


def answer_error(code: int, description: str) -> Response:
    """An error of the Bot API."""
    return answer_json(code, error_body(code, description))


HOST = Host()
