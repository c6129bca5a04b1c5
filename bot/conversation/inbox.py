"""The inbox: a message is written down once, before anybody answers it."""

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.tables import ConversationRow, InboxRow, OutboxRow
from bot.clock import Clock
from bot.conversation.limits import DANGER, Allowance, Room
from bot.conversation.messages import Attachment, Incoming, TooManyError
from bot.database import Database
from bot.prepared import Prepared, Transaction

_SAME = Prepared(
    select(InboxRow.message_key).where(
        InboxRow.channel == bindparam("channel"), InboxRow.message_key == bindparam("key")
    )
)
_THERE = select(InboxRow.message_key).where(
    InboxRow.channel == bindparam("channel"),
    InboxRow.message_key.in_(bindparam("keys", expanding=True)),
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
    .limit(2)
)
_CAME = Prepared(
    select(InboxRow.received_at)
    .where(
        InboxRow.conversation_id == bindparam("conversation"),
        InboxRow.received_at > bindparam("after"),
    )
    .order_by(InboxRow.received_at.desc())
    .limit(DANGER.an_hour)
)
_MESSAGE = Prepared(
    insert(InboxRow.__table__),
    ("conversation_id", "channel", "message_key", "message", "received_at"),
)
_PERSON = Prepared(
    insert(ConversationRow.__table__),
    ("channel", "person", "address", "created_at", "updated_at"),
)
_LEFT = select(
    or_(
        exists().where(InboxRow.done_at.is_(None)),
        exists().where(OutboxRow.sent_at.is_(None), OutboxRow.failed.is_(False)),
    )
)
_WAITED, _KEPT = timedelta(minutes=1), timedelta(days=1)
"""A message as old as this has waited at its platform; Telegram keeps them for 24 hours."""


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
        """Write a message down and commit, however much its person has sent.

        Returns:
            the conversation's id, or ``None`` when this message was there already.
        """
        for _ in range(2):  # the second try is for two first messages of one person at once
            try:
                (found,) = self._take_in([[incoming]], None)[0].each
            except IntegrityError:
                continue
            return found if isinstance(found, int) else None
        return None

    def accept_all(
        self, runs: Sequence[Sequence[Incoming]], urgent: Callable[[str], bool]
    ) -> list[Accepted]:
        """Write several people's messages down, each one's in their order, and commit once.

        Args:
            runs: of one person each, none of them twice.
            urgent: whether a text tells of danger, and may come in beyond the usual.

        Raises:
            sqlalchemy.exc.IntegrityError: somebody else wrote one of them down meanwhile.
        """
        return self._take_in(runs, urgent)

    def _take_in(
        self, runs: Sequence[Sequence[Incoming]], urgent: Callable[[str], bool] | None
    ) -> list[Accepted]:
        """However many messages one person's are, they take as many statements as one.

        At each statement the processor goes to somebody's turn and comes back late, and nobody
        else can write meanwhile.
        """
        now = self._clock.now()
        with self._database.writing() as session:
            return [self._take_in_run(session, run, urgent, now) for run in runs]

    def _take_in_run(
        self,
        session: Transaction,
        run: Sequence[Incoming],
        urgent: Callable[[str], bool] | None,
        now: datetime,
    ) -> Accepted:
        channel = run[0].channel
        keys = [self.hashed(f"{channel}/{each.message_id}") for each in run]
        moments = [_sent(each, now) for each in run]
        known = _known(session, channel, keys)
        if known.issuperset(keys):
            return Accepted([None] * len(run), {})
        talk = self._number_of(session, run[0]) or self._begin(session, run[0], now)
        room = Room(())
        if urgent and not self._clock.fixed:  # a stopped clock limits nobody
            after = min(moments) - timedelta(hours=1)
            came = session.rows(_CAME, conversation=talk, after=after)
            room = Room([moment for (moment,) in came], urgent)
        each: list[int | TooManyError | None] = []
        rows = []
        for incoming, key, moment in zip(run, keys, moments, strict=True):
            if key in known:
                each.append(None)
            elif full := room.full_until(moment, incoming.text):
                each.append(TooManyError(max(0.0, (full - now).total_seconds())))
            else:
                known.add(key)
                rows.append(_row(talk, incoming, key, moment))
                each.append(talk)
        session.insert_all(_MESSAGE, rows)
        return Accepted(each, room.full(now))

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
        return next(iter(self.open_ones(conversation_id)), None)

    def open_ones(self, conversation_id: int) -> list[int]:
        """The oldest messages of a conversation that nobody answered yet, two at most."""
        return self.open_of([conversation_id])[conversation_id]

    def open_of(self, conversations: Sequence[int]) -> dict[int, list[int]]:
        """The same of several conversations."""
        with self._database.reading() as session:
            return {
                each: [number for (number,) in session.rows(_NEXT_OPEN, conversation=each)]
                for each in conversations
            }

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

    def is_anything_left(self) -> bool:
        """Whether any message is unanswered, or any reply has not left; asked every second."""
        with self._database.engine.connect() as connection:
            return bool(connection.execute(_LEFT).scalar())

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


def _known(session: Transaction, channel: str, keys: Sequence[str]) -> set[str]:
    """Those of the messages that were written down before."""
    if len(keys) == 1:  # as nearly always
        return {row[0] for row in session.rows(_SAME, channel=channel, key=keys[0])}
    return set(session.execute(_THERE, {"channel": channel, "keys": keys}).scalars())


def _sent(incoming: Incoming, now: datetime) -> datetime:
    """When a message came, as limits count it.

    What waited at the platform while we were away was no flood when it was sent.
    """
    return incoming.at if _WAITED < now - incoming.at < _KEPT else now


def _row(talk: int, incoming: Incoming, key: str, moment: datetime) -> dict[str, Any]:
    return {
        "conversation_id": talk,
        "channel": incoming.channel,
        "message_key": key,
        "message": to_json(incoming),
        "received_at": moment,
    }


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
