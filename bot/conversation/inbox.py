"""The inbox: a message is written down once, before anybody answers it."""

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.tables import ConversationRow, InboxRow
from bot.clock import Clock
from bot.conversation.limits import DANGER, PERSON, Allowance, seconds_until_room
from bot.conversation.messages import Attachment, Incoming, TooManyError
from bot.database import Database
from bot.prepared import Prepared, Transaction

_SAME = Prepared(
    select(InboxRow.id).where(
        InboxRow.channel == bindparam("channel"), InboxRow.message_key == bindparam("key")
    )
)
_OF_PERSON = (
    ConversationRow.channel == bindparam("channel"),
    ConversationRow.person == bindparam("person"),
)
_FOUND = select(ConversationRow).where(*_OF_PERSON)
_NUMBER = Prepared(select(ConversationRow.id).where(*_OF_PERSON))
_NEXT_OPEN = Prepared(
    select(InboxRow.id)
    .where(InboxRow.conversation_id == bindparam("conversation"), InboxRow.done_at.is_(None))
    .order_by(InboxRow.id)
    .limit(1)
)
_CAME = Prepared(
    select(InboxRow.received_at)
    .where(
        InboxRow.conversation_id == bindparam("conversation"),
        InboxRow.received_at > bindparam("after"),
    )
    .order_by(InboxRow.received_at.desc())
    .limit(bindparam("at_most", type_=Integer))
    .offset(bindparam("begin", type_=Integer))
)
_MESSAGE = Prepared(
    insert(InboxRow.__table__),
    ("conversation_id", "channel", "message_key", "message", "received_at"),
)
_PERSON = Prepared(
    insert(ConversationRow.__table__),
    ("channel", "person", "address", "created_at", "updated_at"),
)


@dataclass(frozen=True)
class Accepted:
    """What became of several messages.

    Attributes:
        each: of every message the conversation's id, ``None`` when it was there already, or why it
            was not written down.
        full: the allowances that are used up, and for how many seconds.
    """

    each: list[int | TooManyError | None]
    full: dict[Allowance, float]


class Inbox:
    """Takes messages in; the same message delivered again is refused.

    Args:
        key: key material for the hashes that addresses and message ids are looked up by.
    """

    def __init__(self, database: Database, key: bytes, clock: Clock) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    def accept(self, incoming: Incoming) -> int | None:
        """Write a message down and commit.

        Returns:
            the conversation's id, or ``None`` when this message was there already.
        """
        for _ in range(2):  # the second try is for two first messages of one person at once
            try:
                with self._database.writing() as session:
                    return self._insert(session, incoming)
            except IntegrityError:
                continue
        return None

    def accept_all(self, run: Sequence[Incoming], urgent: Callable[[str], bool]) -> Accepted:
        """Write one person's messages down in their order, as far as they may, and commit.

        Args:
            urgent: whether a text tells of danger, and may come in beyond the usual.

        Raises:
            sqlalchemy.exc.IntegrityError: somebody else wrote one of them down meanwhile.
        """
        full: dict[Allowance, float] = {}
        with self._database.writing() as session:
            return Accepted([self._admit(session, each, urgent, full) for each in run], full)

    def _admit(
        self,
        session: Transaction,
        incoming: Incoming,
        urgent: Callable[[str], bool],
        full: dict[Allowance, float],
    ) -> int | TooManyError | None:
        for allowance in (PERSON, DANGER):
            if allowance == DANGER and not urgent(incoming.text):
                return TooManyError(full[PERSON])
            if allowance not in full:
                try:
                    return self._insert(session, incoming, allowance)
                except TooManyError as error:
                    full[allowance] = error.after
        return TooManyError(full[DANGER])

    def _insert(
        self, session: Transaction, incoming: Incoming, allowance: Allowance | None = None
    ) -> int | None:
        message_key = self.hashed(f"{incoming.channel}/{incoming.message_id}")
        if session.row(_SAME, channel=incoming.channel, key=message_key):
            return None
        now = self._clock.now()
        number = self._number_of(session, incoming) or self._begin(session, incoming, now)
        if allowance and not self._clock.fixed:  # a stopped clock limits nobody
            _refuse_a_flood(session, number, allowance, now)
        session.insert(
            _MESSAGE,
            conversation_id=number,
            channel=incoming.channel,
            message_key=message_key,
            message=to_json(incoming),
            received_at=now,
        )
        return number

    def _begin(self, session: Transaction, incoming: Incoming, now: datetime) -> int:
        return session.insert(
            _PERSON,
            channel=incoming.channel,
            person=self.hashed(incoming.sender),
            address=incoming.sender,
            created_at=now,
            updated_at=now,
        )

    def _number_of(self, session: Transaction, incoming: Incoming) -> int | None:
        """The conversation's id, without opening anything that is sealed."""
        person = self.hashed(incoming.sender)
        found: int | None = session.value(_NUMBER, channel=incoming.channel, person=person)
        return found

    def find(self, session: Session, channel: str, sender: str) -> ConversationRow | None:
        """The conversation with a person on a channel, if there is one."""
        person = {"channel": channel, "person": self.hashed(sender)}
        return session.execute(_FOUND, person).scalar_one_or_none()

    def hashed(self, value: str) -> str:
        """The keyed hash under which an address or a message id is looked up (64 hex digits)."""
        return hmac.digest(self._key, value.encode("utf-8", "replace"), "sha256").hex()

    def next_open(self, conversation_id: int) -> int | None:
        """The oldest message of a conversation that nobody answered yet."""
        with self._database.reading() as session:
            found: int | None = session.value(_NEXT_OPEN, conversation=conversation_id)
            return found

    def waiting(self, channels: Collection[str] | None = None) -> list[int]:
        """Conversations with unanswered messages, the oldest first; those tried before come last.

        Args:
            channels: only those on these channels; all without it.
        """
        query = select(InboxRow.conversation_id).where(InboxRow.done_at.is_(None))
        if channels is not None:
            query = query.where(InboxRow.channel.in_(channels))
        query = query.group_by(InboxRow.conversation_id).order_by(
            func.max(InboxRow.tries), func.min(InboxRow.id)
        )
        with self._database.reading() as session:
            return list(session.execute(query).scalars())

    def try_again(self, inbox_id: int) -> int:
        """Count that a message was found unanswered by a process that did not take it in.

        Returns:
            how often that was so: each time, a process may have died of it.
        """
        with self._database.writing() as session:
            row = session.get(InboxRow, inbox_id)
            row.tries += 1
            return int(row.tries)

    def show_to_staff(self, incoming: Incoming) -> None:
        """Mark a conversation for staff although its message cannot be kept."""
        now = self._clock.now()
        with self._database.writing() as session:
            number = self._number_of(session, incoming) or self._begin(session, incoming, now)
            row = session.get(ConversationRow, number)
            if row.attention != "danger":
                row.attention = "human"


def _refuse_a_flood(session: Transaction, number: int, allowance: Allowance, now: datetime) -> None:
    lately = {"conversation": number, "after": now - timedelta(hours=1)}
    fewest = min(allowance.a_minute, allowance.an_hour)
    if not session.row(_CAME, **lately, **{"begin": fewest - 1}, at_most=1):
        return  # not even so many in the last hour
    came = session.rows(_CAME, **lately, **{"begin": 0}, at_most=allowance.an_hour)
    after = seconds_until_room([row[0] for row in came], allowance, now)
    if after > 0:
        raise TooManyError(after)


def to_json(incoming: Incoming) -> dict[str, Any]:
    """A message as JSON."""
    attachment = incoming.attachment
    return {
        **vars(incoming),
        "at": incoming.at.isoformat(),
        "attachment": {**vars(attachment)} if attachment else None,
    }


def from_json(value: dict[str, Any]) -> Incoming:
    """The message that ``to_json`` wrote."""
    attachment = value.get("attachment")
    return Incoming(
        **{
            **value,
            "at": datetime.fromisoformat(value["at"]),
            "attachment": Attachment(**attachment) if attachment else None,
        }
    )
