"""Attachments, got from their platform when somebody opens one; nothing of them is stored here."""

import asyncio
from collections.abc import Mapping

from bot.conversation.messages import Files, UndeliverableError

_PATIENCE = 40.0
"""Seconds for the largest file that a platform gives out."""


class Attachments:
    """Gets attachments for threads, on the event loop that the channels run on.

    Args:
        files: by channel.
    """

    def __init__(self, files: Mapping[str, Files]) -> None:
        self._files = files
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Take the running loop for the channels'."""
        self._loop = asyncio.get_running_loop()

    def fetch(self, channel: str, file_id: str) -> bytes:
        """The content of an attachment; waits for it.

        Raises:
            UndeliverableError: nobody gives it out (any more).
            TryLaterError: not now.
            TimeoutError: it took too long.
        """
        files = self._files.get(channel)
        if files is None or self._loop is None:
            raise UndeliverableError
        return asyncio.run_coroutine_threadsafe(files.fetch(file_id), self._loop).result(_PATIENCE)
