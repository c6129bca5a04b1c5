"""The whole program on loopback: the real model, database, channels and server, in a thread."""

import threading
import time
from dataclasses import replace
from typing import Any

import uvicorn

from bot.bootstrap import House
from bot.channels.web import Server
from bot.serve import make_app


class Program:
    """``hutong serve`` around a house, on a free port; stops at the end of its block.

    Args:
        changes: settings that differ from the house's own.
    """

    def __init__(self, house: House, **changes: Any) -> None:
        self.house = replace(house, settings=house.settings.copy(update=changes))

    def __enter__(self) -> "Program":
        app, web_sender = make_app(self.house)
        config = uvicorn.Config(app, "127.0.0.1", 0, ws="none", log_config=None)
        self._server = Server(config, web_sender.close)
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
    def url(self) -> str:
        """Where the web chat is."""
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/"
