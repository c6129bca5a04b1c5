"""The terminal: the same dialogue on standard input and output, for people and for programs."""

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from uuid import uuid4

from rich.console import Console

from bot.bootstrap import House
from bot.conversation.messages import Button, ContentKind, Incoming, Reply
from bot.conversation.outbox import Outbox
from bot.conversation.turn import TurnResult

CHANNEL = "terminal"


class TerminalSender:
    """Gathers the replies that leave for the terminal."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    async def send(self, address: str, reply: Reply) -> None:
        """Take one reply."""
        self.replies.append(reply)


class Terminal:
    """One person's conversation at the terminal.

    Args:
        sender: whose conversation it is; the same name continues it.
    """

    def __init__(self, house: House, sender: str) -> None:
        self._house = house
        self.sender = sender
        self._outgoing = TerminalSender()
        self._outbox = Outbox(house.database, {CHANNEL: self._outgoing}, house.settings.clock)

    def say(self, text: str, kind: ContentKind = "text") -> tuple[list[Reply], TurnResult]:
        """Put one message through the inbox, a turn and the outbox."""
        clock = self._house.settings.clock
        message = Incoming(CHANNEL, self.sender, uuid4().hex, clock.now(), text, kind)
        conversation = self._house.inbox.accept(message)
        if conversation is None:
            raise RuntimeError("a fresh message was taken for an old one")
        result = TurnResult(conversation)
        while (inbox_id := self._house.inbox.next_open(conversation)) is not None:
            result = self._house.turns.handle(inbox_id) or result
        return self._delivered(conversation), result

    def receive(self) -> list[Reply]:
        """What was sent beside a turn, as a reminder is."""
        with self._house.database.reading() as session:
            conversation = self._house.inbox.find(session, CHANNEL, self.sender)
        return self._delivered(conversation.id) if conversation else []

    def _delivered(self, conversation: int) -> list[Reply]:
        self._outgoing.replies = []
        asyncio.run(self._outbox.deliver(conversation))
        return self._outgoing.replies


def talk_json(terminal: Terminal, lines: Iterable[str]) -> None:
    """A message a line in, a JSON object a line out, and nothing else on standard output."""
    for line in lines:
        replies, result = terminal.say(line.rstrip("\r\n"))
        answer = {
            "replies": [asdict(reply) for reply in replies],
            "asking": result.asking,
            "case_no": result.case_no,
        }
        text = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace").decode()
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def talk(terminal: Terminal, console: Console) -> None:
    """A conversation for people: numbers press buttons, an empty line or Ctrl-D ends it."""
    console.print("护童 · 直接写发生了什么。按钮可以打编号或原文。空行结束。", style="dim")
    offered: list[Button] = []
    while line := _ask(console):
        if line.isdecimal() and 1 <= int(line[:3]) <= len(offered) and line == str(int(line)):
            pressed = offered[int(line) - 1]
            line = pressed.payload
        replies, _ = terminal.say(line)
        offered = []
        for reply in replies:
            console.print(reply.text, style="bold", markup=False, highlight=False)
            for button in reply.buttons:
                offered.append(button)
                console.print(
                    f"  {len(offered)}. {button.title}", style="cyan", markup=False, highlight=False
                )


def _ask(console: Console) -> str:
    try:
        return console.input("> ", markup=False).strip()
    except (EOFError, KeyboardInterrupt):
        return ""
