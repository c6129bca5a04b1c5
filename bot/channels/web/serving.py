"""A server that can stop while pages listen."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn that ends the open streams first.

    Uvicorn waits for running answers before it tells the application to shut down, and a stream
    is an answer that never ends by itself.

    Args:
        config: uvicorn's own.
        before_shutdown: called as soon as the server is to stop, before it waits.
    """

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as uvicorn does."""
        self._before_shutdown()
        await super().shutdown(sockets)
