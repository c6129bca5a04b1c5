"""Long polling in which an update is confirmed only after it was written down."""

import asyncio
import logging
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type

from bot.channels.telegram.client import Pace, PatientWait, TelegramClient, note_failure
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.reading import Heard, read_update
from bot.clock import Clock

_log = logging.getLogger(__name__)


class NotWrittenDownError(Exception):
    """Something that came could not be written down and has to come again."""


class Poller:
    """Asks Telegram for updates for as long as it runs.

    The library's own Updater confirms a batch before anybody has dealt with it; here the offset
    moves when the door has returned.
    """

    def __init__(self, client: TelegramClient, intake: Intake, clock: Clock, pace: Pace) -> None:
        self._client = client
        self._intake = intake
        self._clock = clock
        self._pace = pace
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled; every failure is survived and tried again."""
        again = AsyncRetrying(
            retry=retry_if_exception_type(Exception),
            wait=PatientWait(self._pace),
            before_sleep=note_failure,
            sleep=asyncio.sleep,
        )
        while True:
            await again(self._round)

    async def _round(self) -> None:
        batch = await self._client.pending_updates(self._offset, self._pace.poll)
        if not batch:
            # all is confirmed; after a quiet week Telegram starts ids anew, perhaps lower
            self._offset = None
            return
        numbered = {raw["update_id"]: raw for raw in batch if _has_number(raw)}
        if not numbered:
            raise NotWrittenDownError("no update with a number")
        failed = await self._take_all(numbered)
        self._offset = min(failed) if failed else max(numbered) + 1
        if failed:
            raise NotWrittenDownError(f"{len(failed)} chats")

    async def _take_all(self, numbered: dict[int, Any]) -> list[int]:
        """Take a batch, each person's updates in order; of each who has to wait the first that failed.

        A person's later messages wait for the failed one, other people's do not. Who wrote most
        comes last: nobody waits until somebody's flood is written down.
        """
        people: dict[str, list[tuple[int, Heard]]] = {}
        for number in sorted(numbered):
            heard = read_update(numbered[number], self._clock)
            people.setdefault(_person(heard), []).append((number, heard))
        failed = []
        for run in sorted(people.values(), key=len):
            done = await self._intake.take_run([heard for _, heard in run])
            failed += [number for number, _ in run[done : done + 1]]
        return failed


def _has_number(raw: object) -> bool:
    return isinstance(raw, dict) and type(raw.get("update_id")) is int


def _person(heard: Heard) -> str:
    return heard.incoming.sender if heard.incoming else ""
