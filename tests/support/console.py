"""The console for tests: its pages over a real database, and signed-in people.

``Desk(database)`` makes accounts and signs people in over HTTP, as a browser would; the pages run
in a Starlette test client, or behind a real server where ``tests.support.program`` starts one.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import httpx
import pyotp
import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from bot.cases.audit import Audit
from bot.cases.staff_tables import StaffRow
from bot.channels.web import Server
from bot.clock import Clock
from bot.console.app import console_routes
from bot.console.live import Live
from bot.console.sessions import StaffSessions
from bot.conversation.messages import UndeliverableError
from bot.database import Database
from tests.support.cases import NOW

PASSWORD = "a long enough password"
SECRET = b"console-test-secret-key"
_HOST = "hutong.test"
_OVER_HTTPS = {
    "type": "http", "scheme": "https", "server": (_HOST, 443), "path": "/", "query_string": b"",
    "headers": [],
}  # fmt: skip


class Moving(Clock):
    """A clock that a test moves on."""

    at: datetime

    def __init__(self) -> None:
        object.__setattr__(self, "at", NOW)

    def forward(self, **span: float) -> None:
        """Move on by ``minutes=5`` or the like."""
        object.__setattr__(self, "at", self.at + timedelta(**span))

    def now(self) -> datetime:
        """Where the test has put it."""
        return self.at


@dataclass
class Desk:
    """The console over a database, with people who sign in.

    Args:
        delivered: the conversations whose replies the console asked to have sent.
        files: what the platform gives out, by file id.
        hashed: the hash by which cases are found.
    """

    database: Database
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    delivered: list[int] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    hashed: Callable[[str], str] = str

    def __post_init__(self) -> None:
        self.live = Live(self.database)
        routes = console_routes(
            self.database,
            self.clock,
            SECRET,
            self.hashed,
            self.delivered.append,
            self._fetch,
            self.live,
        )
        self.app = Starlette(routes=routes)

    def _fetch(self, _channel: str, file_id: str) -> bytes:
        if file_id not in self.files:
            raise UndeliverableError
        return self.files[file_id]

    def account(self, name: str, role: str, region: str = "", **more: str) -> StaffRow:
        """An account of that name; hashing a password anew for each would take most of the time."""
        row = StaffRow(
            name=name,
            role=role,
            region=region,
            password_hash=_password_hash(),
            code_secret=pyotp.random_base32(),
            created_at=self.clock.now(),
            **more,
        )
        with self.database.writing() as session:
            session.add(row)
        return row

    def visitor(self) -> TestClient:
        """Somebody who is not signed in."""
        return TestClient(self.app, base_url=f"https://{_HOST}", follow_redirects=True)

    def signed_in(self, role: str, name: str = "", region: str = "", **more: str) -> TestClient:
        """Somebody of that role, with an account of their own, who has just signed in."""
        row, now = self.account(name or role, role, region, **more), self.clock.now()
        sessions, client = StaffSessions(SECRET), self.visitor()
        with self.database.writing() as session:
            token = sessions.open(session, row, now)
            Audit(self.database.keyring.lasting).write(session, now, row.name, "signed_in")
        response = Response()
        sessions.keep(Request(_OVER_HTTPS), response, token)
        name, _, value = response.headers["set-cookie"].partition(";")[0].partition("=")
        client.cookies.set(name, value, domain=_HOST, path="/")
        return client


@cache
def _password_hash() -> str:
    return PasswordHasher().hash(PASSWORD)


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The console behind a real server on loopback; its address."""
    config = uvicorn.Config(desk.app, "127.0.0.1", 0, ws="none", log_config=None)
    server = Server(config, desk.live.close)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def sign_in(client: TestClient, row: StaffRow, now: datetime) -> httpx.Response:
    """Sign an account in, with the one-time code of that moment."""
    code = pyotp.TOTP(row.code_secret).at(now)
    form = {"name": row.name, "password": PASSWORD, "code": code}
    return client.post("/staff/sign-in", data=form)


def post(client: TestClient, path: str, back: str = "/staff/self", **fields: str) -> httpx.Response:
    """Send a form of the console, with the token that the person's pages carry."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(back).text)
    assert token, "the page carries no token"
    return client.post(path, data={"csrf": token.group(1)} | fields)
