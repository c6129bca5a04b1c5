"""The whole program on loopback: the real model, database, channels and server, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pyotp

from bot.bootstrap import House
from bot.console import accounts
from bot.serve import server_of
from tests.support.console import PASSWORD


class Program:
    """``hutong serve`` around a house, on a free port; stops at the end of its block.

    Args:
        changes: settings that differ from the house's own.
    """

    def __init__(self, house: House, **changes: Any) -> None:
        self.house = replace(house, settings=house.settings.copy(update={"port": 0, **changes}))

    def __enter__(self) -> "Program":
        self._server = server_of(self.house)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the program did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        if self._thread.is_alive():
            raise RuntimeError("the program did not stop")

    @property
    def listens(self) -> list[tuple[str, int]]:
        """Every address and port at which it can be reached."""
        sockets = [each for server in self._server.servers for each in server.sockets]
        return [each.getsockname()[:2] for each in sockets]

    @property
    def url(self) -> str:
        """Where the web chat is."""
        return f"http://127.0.0.1:{self.listens[0][1]}/"


@contextmanager
def signed_in(program: Program) -> Iterator[httpx.Client]:
    """Somebody of the staff who sees the whole country, signed in over HTTP."""
    house = program.house
    now = house.settings.clock.now()
    with house.database.writing() as session:
        row = accounts.add(session, accounts.Profile("林溪", "supervisor", ""), PASSWORD, now)
        code = pyotp.TOTP(row.code_secret).at(now)
    form = {"name": "林溪", "password": PASSWORD, "code": code}
    with httpx.Client(base_url=program.url, trust_env=False) as client:
        assert client.post("/staff/sign-in", data=form).status_code == 303
        yield client
