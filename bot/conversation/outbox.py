"""The outbox: replies leave after their turn is committed, in order for each person."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, exists, select, update
from sqlalchemy.exc import SQLAlchemyError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from bot.cases.tables import CaseRow, ConversationRow, OutboxRow
from bot.cases.vocabulary import ENDED
from bot.clock import Clock
from bot.conversation.claims import Claims, OwnClaims, Work
from bot.conversation.lanes import Lane
from bot.conversation.messages import PAGE, Button, Reply, Sender, TryLaterError, UndeliverableError
from bot.conversation.receipt_code import without_code
from bot.database import Database
from bot.prepared import LOCKED, Prepared, Transaction

logger = logging.getLogger(__name__)
_FAILURES = 5
"""How often a reply may fail in a way that nobody foresaw before it is given up."""
_AT_ONCE = 20
"""How many replies a page is told of before they are noted as sent."""
_URGENT, _ORDINARY = 0, 1
_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")

_is_critical = exists().where(
    CaseRow.conversation_id == ConversationRow.id,
    CaseRow.level == "critical",
    *(CaseRow.status != ended for ended in ENDED),
)


@dataclass(frozen=True)
class _Letter:
    """A reply that is to leave, where it goes, and what is kept of it then if not all of it."""

    outbox_id: int
    conversation_id: int
    channel: str
    address: str
    urgency: int
    reply: Reply
    kept: dict[str, Any] | None


_NEXT = Prepared(
    select(
        OutboxRow.id,
        OutboxRow.reply,
        ConversationRow.channel,
        ConversationRow.address,
        ConversationRow.attention,
        _is_critical,
    )
    .join(ConversationRow)
    .where(
        OutboxRow.conversation_id == bindparam("conversation"),
        OutboxRow.sent_at.is_(None),
        OutboxRow.failed.is_(False),
    )
    .order_by(OutboxRow.id)
    .limit(_AT_ONCE)
)
_OF_NUMBER = OutboxRow.id == bindparam("number")
_NOTE_SENT, _NOTE_SENT_KEEPING = (
    Prepared(update(OutboxRow.__table__).where(_OF_NUMBER).values(sent_at=bindparam("now"))),
    Prepared(
        update(OutboxRow.__table__)
        .where(_OF_NUMBER)
        .values(sent_at=bindparam("now"), reply=bindparam("kept"))
    ),
)


class Outbox:
    """Sends what turns have written, each reply at least once, and once unless a worker dies.

    Args:
        senders: by channel; replies to a channel that is not there wait.
        claims: who sends to whom when several workers share the database.
    """

    def __init__(
        self,
        database: Database,
        senders: dict[str, Sender],
        clock: Clock,
        claims: Claims | None = None,
    ) -> None:
        self._database = database
        self._senders = senders
        self._clock = clock
        self._claims = claims or OwnClaims()
        self._lanes: dict[str, Lane] = {}
        self._stopping = False

    @property
    def channels(self) -> Collection[str]:
        """The channels that are there."""
        return self._senders.keys()

    def waiting(self) -> list[int]:
        """Conversations with replies that have not left, on channels that are there.

        Those with danger come first, then those that have waited longest.
        """
        query = (
            select(OutboxRow.conversation_id, ConversationRow.attention, _is_critical)
            .join(ConversationRow)
            .where(
                OutboxRow.sent_at.is_(None),
                OutboxRow.failed.is_(False),
                ConversationRow.channel.in_(self._senders),
            )
            .order_by(OutboxRow.id)
        )
        with self._database.reading() as session:
            found = session.execute(query).all()
        urgent = [number for number, why, critical in found if critical or why == "danger"]
        return list(dict.fromkeys([*urgent, *(number for number, *_ in found)]))

    async def deliver(self, conversation_id: int) -> None:
        """Send all of a conversation's replies in order; waits as long as the platform asks.

        Returns at once when another worker is sending to this person: it looks again when it
        has sent everything.
        """
        if not self._claims.shared:
            await self._send_all(conversation_id)
            return
        while not self._stopping and await self._patiently(self._take, conversation_id):
            try:
                done = await self._send_all(conversation_id)
            finally:
                await asyncio.to_thread(self._claims.give_back, Work.SENDING, conversation_id)
            if not done or not await self._patiently(self._next, conversation_id):
                return

    async def show(self, address: str) -> None:
        """Let a page read what a turn has written; it reads again whenever it connects."""
        sender = self._senders.get(PAGE)
        if sender is not None:
            await sender.send(address, Reply(""))

    def stop(self) -> None:
        """Begin nothing new; a reply that is on its way is still noted as sent."""
        self._stopping = True

    def address_of(self, conversation_id: int) -> tuple[str, str, str]:
        """Channel, address and language of a conversation."""
        with self._database.reading() as session:
            row = session.get(ConversationRow, conversation_id)
            return row.channel, row.address, row.language

    async def send_beside(self, channel: str, address: str, reply: Reply) -> None:
        """Try once to say something that cannot be written down, as when the disk is full."""
        sender = self._senders.get(channel)
        if sender is not None:
            try:
                await sender.send(address, reply)
            except Exception as error:  # nothing depends on it
                logger.warning("a notice on %s failed with %s", channel, type(error).__name__)

    def _take(self, conversation_id: int) -> bool:
        return self._claims.take(Work.SENDING, conversation_id)

    async def _send_all(self, conversation_id: int) -> bool:
        """Send what is there; false when nothing more is to be tried now."""
        letters = await self._patiently(self._next, conversation_id)
        while not self._stopping and self._claims.holds(Work.SENDING, conversation_id):
            if not letters:
                return True
            if letters[0].channel not in self._senders:
                return False
            left: list[_Letter] = []
            try:
                for letter in letters:
                    await self._send(letter)
                    left.append(letter)
            except UndeliverableError:
                logger.warning("a reply on %s cannot be delivered", letter.channel)
                await self._patiently(self._sent, left)
                await self._patiently(self._give_up, conversation_id)
                return False
            letters = await self._patiently(self._sent, left)
        return not self._stopping

    async def _send(self, letter: _Letter) -> None:
        lane = self._lanes.setdefault(letter.channel, Lane())
        sender = self._senders[letter.channel]
        failures = 0
        while True:
            try:
                async with lane.place(letter.urgency):
                    await sender.send(letter.address, letter.reply)
                return
            except TryLaterError as error:
                # where the platform asks it of everybody, the lane does the waiting
                await asyncio.sleep(0.0 if error.everybody else error.after)
            except UndeliverableError:
                raise
            except Exception as error:  # of the sender's own making
                failures += 1
                logger.error("sending failed with %s", type(error).__name__)
                if failures == _FAILURES:
                    raise UndeliverableError(type(error).__name__) from None
                await asyncio.sleep(float(failures))

    async def _patiently(self, step: Callable[[_Asked], _Answer], asked: _Asked) -> _Answer:
        """A step on the database, tried until the database is back.

        What was sent must not be sent again only because it cannot be noted right now.
        """
        try:
            return await asyncio.to_thread(step, asked)
        except SQLAlchemyError:
            patient = AsyncRetrying(
                retry=retry_if_exception_type(SQLAlchemyError),
                wait=wait_exponential(multiplier=0.2, max=5),
                reraise=True,
            )
            return await patient(asyncio.to_thread, step, asked)

    def _next(self, conversation_id: int) -> list[_Letter]:
        """What is to leave next: one reply, or for a page, which reads them itself, several."""
        with self._database.reading() as session:
            return _next_of(session, conversation_id)

    def _sent(self, letters: list[_Letter]) -> list[_Letter]:
        """Note that replies to one person have left; what is next to leave to the same person."""
        if not letters:
            return []
        now = self._clock.now()
        with self._database.writing() as session:
            for letter in letters:
                # it may be deleted by now, at the person's own wish
                number, kept = letter.outbox_id, letter.kept
                if kept is None:
                    session.change(_NOTE_SENT, number=number, now=now)
                else:
                    session.change(_NOTE_SENT_KEEPING, number=number, now=now, kept=kept)
            return _next_of(session, letters[0].conversation_id)

    def _give_up(self, conversation_id: int) -> None:
        with self._database.writing() as session:
            talk = session.get(ConversationRow, conversation_id, with_for_update=LOCKED)
            session.query(OutboxRow).filter(
                and_(OutboxRow.conversation_id == conversation_id, OutboxRow.sent_at.is_(None))
            ).update({"failed": True})
            talk.attention = "unreachable"


def _next_of(session: Transaction, conversation_id: int) -> list[_Letter]:
    letters = [
        _Letter(
            outbox_id=number,
            conversation_id=conversation_id,
            channel=channel,
            address=address,
            urgency=_URGENT if critical or attention == "danger" else _ORDINARY,
            reply=reply_from_json(reply),
            kept=None if channel == PAGE else without_code(reply),
        )
        for number, reply, channel, address, attention, critical in session.rows(
            _NEXT, conversation=conversation_id
        )
    ]
    return letters if letters and letters[0].channel == PAGE else letters[:1]


def reply_from_json(value: dict[str, Any]) -> Reply:
    """The reply that a turn wrote."""
    return Reply(value["text"], tuple(Button(**button) for button in value["buttons"]))
