"""The front desk: takes messages from all channels, keeps each person's order, lets turns run.

Different people do not wait for each other: each conversation with something to answer has one
task, turns run on a pool of threads, and the event loop stays free for the channels.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from bot.conversation.inbox import Inbox
from bot.conversation.messages import Incoming
from bot.conversation.outbox import Outbox
from bot.conversation.turn import Turns

logger = logging.getLogger(__name__)


class Desk:
    """The ``Door`` of the program."""

    def __init__(self, inbox: Inbox, turns: Turns, outbox: Outbox, threads: int) -> None:
        self._inbox = inbox
        self._turns = turns
        self._outbox = outbox
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()

    async def start(self) -> None:
        """Take up what was left unanswered or unsent."""
        for conversation in await asyncio.to_thread(self._outbox.waiting):
            self._send(conversation)
        for conversation in await asyncio.to_thread(self._inbox.waiting):
            self._answer(conversation)

    async def receive(self, incoming: Incoming) -> bool:
        """Write a message down, commit, and have it answered; false when it was there already."""
        conversation = await asyncio.to_thread(self._inbox.accept, incoming)
        if conversation is None:
            return False
        self._answer(conversation)
        return True

    def deliver(self, conversation: int) -> None:
        """Send what was put into the outbox beside a turn."""
        self._send(conversation)

    async def idle(self) -> None:
        """Wait until everything taken in so far is answered and sent."""
        while tasks := [*self._answering.values(), *self._sending.values()]:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Finish the turns that are running; whatever waits is taken up at the next start."""
        tasks = [*self._answering.values(), *self._sending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._pool.shutdown)

    def _answer(self, conversation: int) -> None:
        if conversation in self._answering:
            self._again.add(conversation)
            return
        task = asyncio.create_task(self._work(conversation))
        self._answering[conversation] = task

    async def _work(self, conversation: int) -> None:
        patient = AsyncRetrying(
            retry=retry_if_exception_type(SQLAlchemyError),
            wait=wait_exponential(max=30),
            reraise=True,
        )
        try:
            while True:
                self._again.discard(conversation)
                async for attempt in patient:
                    with attempt:
                        more = await self._one_turn(conversation)
                if not more and conversation not in self._again:
                    return
        finally:
            self._answering.pop(conversation, None)

    async def _one_turn(self, conversation: int) -> bool:
        loop = asyncio.get_running_loop()
        inbox_id = await loop.run_in_executor(self._pool, self._inbox.next_open, conversation)
        if inbox_id is None:
            return False
        await loop.run_in_executor(self._pool, self._turns.handle, inbox_id)
        self._send(conversation)
        return True

    def _send(self, conversation: int) -> None:
        before = self._sending.get(conversation)

        async def deliver() -> None:
            try:
                if before is not None:
                    await asyncio.wait([before])
                await self._outbox.deliver(conversation)
            except Exception as error:
                logger.error("sending failed with %s", type(error).__name__)
            finally:
                if self._sending.get(conversation) is task:
                    del self._sending[conversation]

        task = self._sending[conversation] = asyncio.create_task(deliver())
