"""A conversation core with the real database and a dialogue that says what the test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Incoming, Reply
from bot.conversation.talk import Talk
from bot.conversation.turn import Turns
from bot.conversation.understanding import Understanding
from bot.database import Database
from nlu.interpreter import Parse
from tests.bot.cases.conftest import database, database_of_kind  # noqa: F401 - the fixtures
from tests.conftest import NOW

MOMENT = datetime.fromisoformat(NOW)
KEY = b"a key of the tests, long enough."


class PlainInterpreter:
    """Takes every message for an ``inform``, or for what a test says it is."""

    def __init__(self) -> None:
        self.reads: dict[str, Parse] = {}

    def parse(self, text: str, now: datetime | None = None) -> Parse:
        """The reading that the test gave for this text."""
        return self.reads.get(text) or reading(text, "inform")


def reading(
    text: str, intent: str, confidence: float = 0.9, dangers: tuple[str, ...] = ()
) -> Parse:
    """A reading of a text."""
    return Parse(text, intent, confidence, ((intent, confidence),), (), dangers)


@dataclass
class EchoTalker:
    """Says the message back, counts its turns in the state, and breaks when it is told to."""

    effects: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False
    seen: list[str] = field(default_factory=list)
    before: Callable[[], None] | None = None

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        """Answer by echo."""
        if self.before:
            self.before()
        if self.broken:
            raise RuntimeError("the dialogue broke over " + parsed["text"])
        self.seen.append(parsed["text"])
        talk.slots = {**talk.slots, "requested_slot": len(self.seen)}
        talk.replies.append(Reply("您说：" + parsed["text"]))
        talk.effects = list(self.effects)
        return talk


@dataclass
class Core:
    """The parts of a conversation core."""

    database: Database
    inbox: Inbox
    interpreter: PlainInterpreter
    talker: EchoTalker
    turns: Turns

    def takes(
        self,
        text: str,
        message_id: str = "1",
        sender: str = "甲",
        channel: str = "web",
        **more: Any,
    ) -> int | None:
        """Put a message into the inbox; the conversation's id if it was new."""
        return self.inbox.accept(Incoming(channel, sender, message_id, MOMENT, text, **more))


@pytest.fixture
def core(database: Database) -> Core:  # noqa: F811 - a fixture by its name
    clock = Clock(MOMENT)
    inbox = Inbox(database, KEY, clock)
    interpreter, talker = PlainInterpreter(), EchoTalker()
    turns = Turns(database, inbox, Understanding(interpreter, 0.5), talker, clock)
    return Core(database, inbox, interpreter, talker, turns)
