"""Conversations as data: a file of cases, played against the real model and a real database.

A case is a list of turns and what must hold after them::

    - name: a correction counts
      turns:
        - say: 楼下有两个孩子没人管      # typed; or press: 同意 (a title offered last)
          remind: carer_now             # instead: the bot sends this reminder of the newest case
          kind: press                   # what was sent, if no text: press, command, other
          until: confirm                # said again until this question is open
          asking: consent               # the open question afterwards (null: none)
          shows: [同意吗]               # each must stand in the replies of this turn
          hides: [编号]                 # none may
          buttons: [同意, 不同意]        # each must be offered in this turn
          replies: 1                    # how many messages
      case: {status: new, children.count: 3, danger: []}   # of the newest case; null: no case
      attention: human                  # why staff should look at the talk
      language: zh_Hant
      questions: 5                      # how many were asked beyond role, consent, confirmation

Of every conversation holds, unsaid: each turn has a reply, says nothing twice, and no report asks
more than eight questions.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from bot.bootstrap import House
from bot.cases import store
from bot.cases.export import as_contract
from bot.cases.followups import schedule
from bot.channels.terminal import CHANNEL, Terminal
from bot.conversation.messages import Reply
from bot.conversation.turn import TurnResult

FOLDER = Path(__file__).resolve().parent.parent / "conversations"
_TURN_KEYS = {
    "say",
    "press",
    "remind",
    "kind",
    "until",
    "asking",
    "shows",
    "hides",
    "buttons",
    "replies",
    "filed",
}
_CASE_KEYS = {"name", "turns", "case", "attention", "language", "questions"}
_UNCOUNTED = {None, "role", "consent", "confirm"}
_LIMIT = 8


@dataclass(frozen=True)
class Conversation:
    """One case of one file."""

    file: str
    name: str
    content: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def conversations() -> list[Conversation]:
    """All cases of all files.

    Raises:
        ValueError: a case has a key that nothing checks.
    """
    found = []
    for path in sorted(FOLDER.rglob("*.yml")):
        for content in yaml.safe_load(path.read_text(encoding="utf-8")):
            unknown = set(content) - _CASE_KEYS
            for turn in content["turns"]:
                unknown |= set(turn) - _TURN_KEYS
            if unknown:
                raise ValueError(f"{path.name}: {content['name']}: nothing checks {unknown}")
            found.append(Conversation(path.stem, content["name"], content))
    return found


def play(house: House, conversation: Conversation) -> None:
    """Hold a conversation and check what it says of itself."""
    terminal = Terminal(house, f"test-{uuid4().hex}")
    replies: list[Reply] = []
    heard: list[str] = []
    asked: set[str | None] = set()
    most = 0
    asking: str | None = None
    for turn in conversation.content["turns"]:
        if "until" in turn and turn["until"] == asking:
            continue  # what the model read in earlier words left nothing to ask before it
        for _ in range(_LIMIT + 1):
            if "remind" in turn:
                replies, result = _reminded(house, terminal, turn["remind"])
                _check(turn, replies, result, " / ".join(heard))
                break
            text = turn["say"] if "say" in turn else _pressed(replies, turn["press"])
            heard.append(text)
            replies, result = terminal.say(text, turn.get("kind", "text"))
            asking = result.asking
            asked = asked | {asking} if asking else set()
            most = max(most, len(asked - _UNCOUNTED))
            _check(turn, replies, result, " / ".join(heard))
            if result.asking == turn.get("until", result.asking):
                break
        else:
            raise AssertionError(f"{turn['until']} is never asked after {' / '.join(heard)}")
    assert most <= _LIMIT, f"{most} questions were asked"
    assert most == conversation.content.get("questions", most), f"{most} questions were asked"
    _check_afterwards(house, terminal.sender, conversation.content)


def _reminded(house: House, terminal: Terminal, says: str) -> tuple[list[Reply], TurnResult]:
    """The reminder that staff schedules for now, sent."""
    now = house.settings.clock.now()
    with house.database.writing() as session:
        conversation = house.inbox.find(session, CHANNEL, terminal.sender)
        assert conversation is not None
        case = store.of_person(session, conversation.id)[0]
        schedule(case, "reminder", now, "staff", now, says=says, anyway=True)
        number = conversation.id
    assert number in house.reminders.queue_due(), "the reminder was not sent"
    return terminal.receive(), TurnResult(number)


def _check(turn: dict[str, Any], replies: list[Reply], result: TurnResult, heard: str) -> None:
    said = "\n".join(reply.text for reply in replies)
    context = f"after {heard}: {said}"
    assert replies, f"no reply {context}"
    lines = said.splitlines()
    assert len(lines) == len(set(lines)), f"a line stands there twice {context}"
    if "asking" in turn:
        assert result.asking == turn["asking"], f"asks {result.asking} {context}"
    if "replies" in turn:
        assert len(replies) == turn["replies"], context
    if turn.get("filed"):
        assert result.case_no and result.case_no in said, context
    for words in turn.get("shows", ()):
        assert words in said, f"{words!r} is missing {context}"
    for words in turn.get("hides", ()):
        assert words not in said, f"{words!r} stands there {context}"
    titles = [button.title for reply in replies for button in reply.buttons]
    for title in turn.get("buttons", ()):
        assert title in titles, f"{title!r} is not offered: {titles} {context}"


def _pressed(replies: list[Reply], title: str) -> str:
    offered = {b.title: b.payload for reply in replies for b in reply.buttons}
    assert title in offered, f"{title!r} was not offered: {list(offered)}"
    return offered[title]


def _check_afterwards(house: House, sender: str, content: dict[str, Any]) -> None:
    with house.database.reading() as session:
        conversation = house.inbox.find(session, CHANNEL, sender)
        assert conversation is not None
        if "language" in content:
            assert conversation.language == content["language"]
        if "attention" in content:
            assert conversation.attention == content["attention"]
        if "case" not in content:
            return
        filed = store.of_person(session, conversation.id)
        if content["case"] is None:
            assert filed == []
            return
        assert filed, "no case was filed"
        case = as_contract(filed[0])
    for path, expected in content["case"].items():
        value: Any = case
        for part in path.split("."):
            value = value[part]
        assert value == expected, f"{path} is {value!r}"
