"""The front desk: takes messages from all channels, keeps each person's order, lets turns run.

Different people do not wait for each other: each conversation with something to answer has one
task, turns run elsewhere, and the event loop stays free for the channels. Several desks
on one database share the work by claims; what a dead one left behind is taken up by the others.
"""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from bot.conversation.answering import Answering, TurnFailedError
from bot.conversation.claims import Claims, OwnClaims, Work
from bot.conversation.inbox import Inbox
from bot.conversation.messages import PAGE, Incoming, NotNowError, TooManyError
from bot.conversation.notices import Notices
from bot.conversation.outbox import Outbox
from bot.conversation.turnstile import Turnstile

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for what others have left behind."""
_GRACE = 5.0
"""Seconds that replies on their way have to arrive when the program stops."""
_AGAIN_AFTER = 0.5
"""Seconds until a turn that failed is tried again; after that twice as many each time, up to ten."""
_TELL_AFTER = 3
_HOPELESS_AFTER = 5
_IN_A_ROW = 5
"""How many messages of one person are answered before others come first."""
_STEP_BACK = 0.1
"""Seconds for which they do, before each further one."""


class Desk:
    """The ``Door`` of the program.

    Args:
        answering: who answers what has come in.
        claims: who answers whom when several workers share the database.
    """

    def __init__(
        self,
        inbox: Inbox,
        answering: Answering,
        outbox: Outbox,
        claims: Claims | None = None,
    ) -> None:
        self._inbox = inbox
        self._answering_by = answering
        self._outbox = outbox
        self._claims = claims or OwnClaims()
        self._notices = Notices(outbox)
        self._turnstile = Turnstile(inbox)
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._addresses: dict[int, tuple[str, str, str]] = {}
        self._again: set[int] = set()
        self._left_behind: set[int] = set()
        self._hopeless: set[int] = set()
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Take up what was left unanswered or unsent, now and again and again."""
        self._loop = asyncio.get_running_loop()
        await self._look()
        self._looking = asyncio.create_task(self._keep_looking())

    async def receive(self, incoming: Incoming) -> bool:
        """Write a message down, commit, and have it answered; false when it was there already.

        Raises:
            NotNowError: the database takes nothing at present; the person was told whom to call.
            TooManyError: the person sends too much, and was told so.
            Exception: this message cannot be written down.
        """
        (found,) = await self._let_in([incoming])
        if isinstance(found, TooManyError):
            raise found
        return found is not None

    async def receive_all(self, run: Sequence[Incoming]) -> None:
        """Write one person's messages down together; what is too much is told and left out.

        Raises:
            NotNowError: the database takes nothing at present; the person was told whom to call.
            Exception: one of them cannot be written down; none was.
        """
        await self._let_in(run)

    async def _let_in(self, run: Sequence[Incoming]) -> list[int | TooManyError | None]:
        where = run[0].channel, run[0].sender, run[0].language_hint
        try:
            found = await self._turnstile.let_in(run)
        except (OperationalError, InterfaceError) as error:
            self._notices.say_closed(*where)
            raise NotNowError(type(error).__name__) from None
        for each in found:
            if isinstance(each, TooManyError):
                self._notices.say_too_many(*where)
            elif each is not None:
                self._addresses[each] = where
                self._answer(each)
        return found

    async def set_aside(self, incoming: Incoming) -> None:
        """Give up a message that can never be written down: staff see it, the person is told."""
        logger.error("a message on %s was set aside", incoming.channel)
        self._notices.say_set_aside(incoming.channel, incoming.sender, incoming.language_hint)
        await asyncio.to_thread(self._inbox.show_to_staff, incoming)

    def deliver(self, conversation: int) -> None:
        """Send what was put into the outbox beside a turn."""
        self._send(conversation)

    def deliver_soon(self, conversation: int) -> None:
        """The same from another thread; before the start nothing need be done."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._send, conversation)

    async def idle(self) -> None:
        """Wait until everything taken in so far is answered and sent."""
        while tasks := [*self._answering.values(), *self._sending.values()]:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Finish the turns that are running; whatever waits is taken up at the next start."""
        self._outbox.stop()
        tasks = [*self._answering.values(), *([self._looking] if self._looking else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if sending := list(self._sending.values()):
            await asyncio.wait(sending, timeout=_GRACE)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await self._notices.close()
        await self._answering_by.close()
        await asyncio.to_thread(self._claims.close)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if await asyncio.to_thread(self._is_anything_left):
                    await self._look()
            except SQLAlchemyError as error:
                logger.error("looking for what was left failed with %s", type(error).__name__)

    def _is_anything_left(self) -> bool:
        if self._claims.shared:
            self._claims.check()
        return self._inbox.is_anything_left()

    async def _look(self) -> None:
        for conversation in await asyncio.to_thread(self._outbox.waiting):
            if conversation not in self._sending:
                self._send(conversation)
        channels = self._outbox.channels
        for conversation in await asyncio.to_thread(self._inbox.waiting, channels):
            if conversation not in self._answering:
                self._left_behind.add(conversation)
                self._answer(conversation)

    def _answer(self, conversation: int) -> None:
        if conversation in self._answering:
            self._again.add(conversation)
            return
        task = asyncio.create_task(self._work(conversation))
        self._answering[conversation] = task

    async def _work(self, conversation: int) -> None:
        try:
            try:
                await self._answer_all(conversation)
            except Exception as error:
                self._note_trouble(conversation, error, 1)
                await self._work_again(conversation)
        finally:
            self._addresses.pop(conversation, None)
            self._left_behind.discard(conversation)
            self._answering.pop(conversation, None)

    async def _work_again(self, conversation: int) -> None:
        """Try until it is answered, after longer and longer."""
        patient = AsyncRetrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_exponential(multiplier=2 * _AGAIN_AFTER, max=10),
            reraise=True,
        )
        told = False
        await asyncio.sleep(_AGAIN_AFTER)
        async for attempt in patient:
            with attempt:
                try:
                    await self._answer_all(conversation)
                except Exception as error:
                    number = attempt.retry_state.attempt_number + 1
                    self._note_trouble(conversation, error, number)
                    if number >= _TELL_AFTER and not told:
                        told = await self._tell(conversation)
                    raise

    async def _answer_all(self, conversation: int) -> None:
        """Answer a person's messages, unless another worker does: it looks again at its end."""
        more = True
        while more:
            if not await self._claimed(conversation):
                return
            try:
                self._again.discard(conversation)
                in_a_row = 0
                while self._claims.holds(Work.ANSWERING, conversation):
                    if in_a_row >= _IN_A_ROW:
                        await asyncio.sleep(_STEP_BACK)
                    if not await self._one_turn(conversation):
                        break
                    in_a_row += 1
            finally:
                more = await self._given_back(conversation)
            more = more or conversation in self._again

    async def _claimed(self, conversation: int) -> bool:
        if not self._claims.shared:
            return True
        return await asyncio.to_thread(self._claims.take, Work.ANSWERING, conversation)

    async def _given_back(self, conversation: int) -> bool:
        """Let others have a conversation; whether one of them left something for us meanwhile."""
        if not self._claims.shared:
            return False
        await asyncio.to_thread(self._claims.give_back, Work.ANSWERING, conversation)
        return await asyncio.to_thread(self._inbox.next_open, conversation) is not None

    async def _one_turn(self, conversation: int) -> bool:
        """Answer the next message, if there is one; whether there are more."""
        found, fails = conversation in self._left_behind, conversation in self._hopeless
        more = await self._answering_by.turn(conversation, found, fails)
        self._left_behind.discard(conversation)
        self._hopeless.discard(conversation)
        await self._let_out(conversation)
        return more

    async def _let_out(self, conversation: int) -> None:
        """Let what a turn has written leave; a page only has to be told of it."""
        where = self._addresses.get(conversation)
        if where is None:  # taken in by a process that is gone
            where = await asyncio.to_thread(self._outbox.address_of, conversation)
        if where[0] == PAGE:
            await self._outbox.show(where[1])
        else:
            self._send(conversation)

    def _note_trouble(self, conversation: int, error: Exception, attempts: int) -> None:
        failed = error if isinstance(error, TurnFailedError) else None
        kind = str(failed) if failed else type(error).__name__
        logger.error("answering failed with %s, attempt %d", kind, attempts)
        if failed and failed.died:
            self._left_behind.add(conversation)
        elif failed and not failed.away and attempts >= _HOPELESS_AFTER:
            self._hopeless.add(conversation)  # the database is there, it is this message

    async def _tell(self, conversation: int) -> bool:
        """Tell somebody who waits for an answer whom to call; false when nobody knows where."""
        found = self._addresses.get(conversation)
        if found is None:
            try:
                found = await asyncio.to_thread(self._outbox.address_of, conversation)
            except SQLAlchemyError:
                return False  # not even the address can be read
        self._notices.say_closed(*found)
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
