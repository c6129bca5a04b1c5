"""A person's strange messages through the whole turn: from the update to what platforms show."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.bootstrap import House
from bot.cases.tables import CaseRow, TranscriptRow
from bot.channels.telegram.reading import read_update
from bot.channels.telegram.sender import keyboard, split
from bot.conversation.messages import ContentKind, Incoming, Reply
from tests.fuzz.strange import messages, updates
from tests.support.botapi.content import content
from tests.support.botapi.sent import checked_rows, checked_text
from tests.support.console import Desk

_MOVES = 6
A_TALK = _MOVES + 1
"""Messages and updates of a talk: what the person does, and somebody else's secret before."""
SECRETS = ("紫藤巷九十九号", "欧阳不存在")
_SHOWN_EVERY = 20  # talks; the console then shows the report that came of one
_FIRST = 2**52 + 1  # beyond every id that a forged update names
_CONTENTS = ("sticker", "photo", "voice")

moves = st.one_of(
    messages.map(lambda said: ("says", said)),
    messages.map(lambda said: ("writes", said)),
    updates.map(lambda update: ("forges", update)),
    st.integers(0, 20).map(lambda number: ("presses", number)),
    st.integers(0, 20).map(lambda number: ("presses theirs", number)),
)
"""What somebody does: says something past the platform, writes it there, sends an update of their
own making, presses a button that they were offered, or one that somebody else was."""
talks = st.lists(moves, min_size=_MOVES, max_size=_MOVES)


@dataclass
class Fuzz:
    """People who talk with a house, one after another.

    Attributes:
        sent: how many messages and updates there were so far.
        talks: in how many talks.
    """

    house: House
    sent: int = 0
    talks: int = 0
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self._staff = Desk(self.house.database, self.house.settings.clock).signed_in(
            "administrator", f"fuzz-{id(self)}"
        )

    def talk(self, talk: Sequence[tuple[str, Any]]) -> None:
        """One person's talk, after somebody else has told a secret.

        Raises:
            AssertionError: something was not answered, or broke, or shows what it must not.
        """
        self.talks += 1
        own, other = _FIRST + next(self._numbers), _FIRST + next(self._numbers)
        secret = ("text", f"{SECRETS[0]}有个孩子没人管，找{SECRETS[1]}")
        theirs = _payloads(self._writes(other, secret))
        mine: list[str] = []
        said = 0
        for kind, what in talk:
            if kind.startswith("presses"):
                known = mine if kind == "presses" else theirs
                what = ("press", known[what % len(known)] if known else "")
            if kind == "forges":
                replies = self._comes(what)
            else:
                replies = self._says(own, what) if kind == "says" else self._writes(own, what)
                said += 1
                assert replies, f"{kind} {what!r} got no answer"
                mine = _payloads(replies) or mine
            for reply in replies:
                _look_at(reply, f"{kind} {what!r}")
        self._look_at_what_is_kept(own, said)

    def _says(self, person: int, said: tuple[str, str]) -> list[Reply]:
        self.sent += 1
        kind, text = cast("ContentKind", said[0]), said[1]
        now, number = self.house.settings.clock.now(), next(self._numbers)
        return self._goes_in(Incoming("telegram", str(person), f"{number}", now, text, kind))

    def _writes(self, person: int, said: tuple[str, str]) -> list[Reply]:
        return self._comes(_update(person, next(self._numbers), *said))

    def _comes(self, raw: object) -> list[Reply]:
        """An update as it comes over the line."""
        self.sent += 1
        heard = read_update(json.loads(json.dumps(raw)), self.house.settings.clock)
        if heard.incoming is None:
            return []
        assert "\x00" not in heard.incoming.text
        heard.incoming.text.encode()
        return self._goes_in(heard.incoming)

    def _goes_in(self, incoming: Incoming) -> list[Reply]:
        inbox, turns = self.house.inbox, self.house.turns
        conversation = inbox.accept(incoming)
        replies: list[Reply] = []
        while conversation and (number := inbox.next_open(conversation)) is not None:
            result = turns.handle(number)
            replies += result.replies if result else ()
        return replies

    def _look_at_what_is_kept(self, person: int, said: int) -> None:
        """Each message stands in the transcript once; now and then, staff open the report."""
        with self.house.database.reading() as session:
            found = self.house.inbox.find(session, "telegram", str(person))
            talk = found.id if found else None
            lines = select(func.count()).where(
                TranscriptRow.conversation_id == talk, TranscriptRow.sender == "reporter"
            )
            assert session.execute(lines).scalar() == said
            case = select(CaseRow.case_no).where(CaseRow.conversation_id == talk)
            numbers = session.execute(case).scalars().all()
        if numbers and self.talks % _SHOWN_EVERY == 0:
            page = self._staff.get(f"/staff/cases/{numbers[-1]}")
            assert page.status_code == 200, f"the console shows {page.status_code}"
            for markup in ("<script>alert", "<img src=x", "<b>孩子"):
                assert markup not in page.text


def _look_at(reply: Reply, after: str) -> None:
    """A reply is words that Telegram takes, and nobody else's."""
    assert "出了点问题" not in reply.text, f"{after} broke the turn"
    assert not any(secret in reply.text for secret in SECRETS), f"{after} shows a secret"
    pieces = split(reply.text)
    assert pieces, f"{after} was answered without words"
    for piece in pieces:
        checked_text({"text": piece})
    checked_rows({"reply_markup": keyboard(reply.buttons).to_dict()}, 1, 1)
    assert all(button.payload for button in reply.buttons)


def _payloads(replies: list[Reply]) -> list[str]:
    return [button.payload for reply in replies for button in reply.buttons]


def _update(person: int, number: int, kind: str, text: str) -> dict[str, Any]:
    """What Telegram delivers when somebody does that."""
    who = {"id": person, "is_bot": False, "first_name": "某"}
    if kind == "press":
        query = {"id": str(number), "from": who, "chat_instance": "1", "data": text}
        return {"update_id": number, "callback_query": query}
    said = {"text": text}
    if kind == "other":
        said = content(text) if text in _CONTENTS else {"of_tomorrow": text}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "from": who, "chat": chat, "date": 1_790_000_000, **said}
    return {"update_id": number, "message": message}
