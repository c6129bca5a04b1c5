"""Several people are answered with one commit, and each as if alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.tables import InboxRow, OutboxRow, TranscriptRow
from bot.conversation.answering import TurnFailedError, answer_all
from bot.conversation.talk import Talk
from bot.conversation.turn import Turns
from bot.prepared import Transaction
from tests.bot.conversation.conftest import Core, EchoTalker

BREAKS = "这句会坏"


class Fragile(EchoTalker):
    """Breaks over one text."""

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        if parsed["text"] == BREAKS:
            raise RuntimeError("the dialogue broke")
        return await super().talk(talk, parsed, metadata)


@pytest.fixture
def turns(core: Core) -> Turns:
    return Turns(core.database, core.inbox, core.turns._understanding, Fragile(), core.turns._clock)


def taken(core: Core, *texts: str) -> list[int]:
    """The conversations of as many people, who write one text each."""
    found = [core.takes(text, str(n), f"人{n}") for n, text in enumerate(texts)]
    return [number for number in found if number is not None]


def asked(conversations: list[int], found: bool = False) -> list[tuple[int, bool, bool]]:
    return [(number, found, False) for number in conversations]


def replies(core: Core, conversation: int) -> list[str]:
    query = select(OutboxRow).where(OutboxRow.conversation_id == conversation)
    with core.database.reading() as session:
        return [
            row.reply["text"] for row in session.execute(query.order_by(OutboxRow.id)).scalars()
        ]


@contextmanager
def commits_counted(core: Core, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """One entry for each transaction that was written."""
    counted: list[None] = []
    usual = core.database.writing

    @contextmanager
    def writing() -> Iterator[Transaction]:
        with usual() as session:
            yield session
        counted.append(None)

    with monkeypatch.context() as patched:
        patched.setattr(core.database, "writing", writing)
        yield counted


def test_they_are_answered_with_one_commit(
    core: Core, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = taken(core, "楼下有孩子", "我是护士", "你好")
    with commits_counted(core, monkeypatch) as commits:
        assert answer_all(core.inbox, turns, asked(people)) == [False] * 3
    assert len(commits) == 1
    assert [replies(core, each) for each in people] == [
        ["您说：楼下有孩子"],
        ["您说：我是护士"],
        ["您说：你好"],
    ]
    assert core.inbox.waiting() == []


def test_one_that_breaks_gets_its_apology_and_the_others_their_answers(
    core: Core, turns: Turns
) -> None:
    people = taken(core, "楼下有孩子", BREAKS, "你好")
    assert answer_all(core.inbox, turns, asked(people)) == [False] * 3
    said = [replies(core, each) for each in people]
    assert said[0] == ["您说：楼下有孩子"] and said[2] == ["您说：你好"]
    assert len(said[1]) == 1 and "12345" in said[1][0]
    with core.database.reading() as session:
        lines = session.execute(select(TranscriptRow.text)).scalars().all()
    assert sorted(lines).count(BREAKS) == 1
    assert len(lines) == 6


def test_one_whose_turn_cannot_be_written_fails_alone(
    core: Core, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = taken(core, "楼下有孩子", "你好")
    usual = turns._write_down

    def refused(session: Any, inbox_id: int, before: Any, *more: Any) -> Any:
        if before.conversation_id == people[0]:
            raise RuntimeError("it cannot be written")
        return usual(session, inbox_id, before, *more)

    monkeypatch.setattr(turns, "_write_down", refused)
    failed, more = answer_all(core.inbox, turns, asked(people))
    assert isinstance(failed, TurnFailedError) and not failed.away
    assert more is False
    assert replies(core, people[0]) == [] and replies(core, people[1]) == ["您说：你好"]
    assert core.inbox.waiting() == [people[0]]


def test_what_was_found_unanswered_is_counted_and_answered_by_itself(
    core: Core, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = taken(core, "楼下有孩子", "你好")
    with commits_counted(core, monkeypatch) as commits:
        answer_all(core.inbox, turns, [*asked(people[:1], found=True), *asked(people[1:])])
    assert len(commits) == 3  # one counts the try
    with core.database.reading() as session:
        assert session.execute(select(InboxRow.tries).order_by(InboxRow.id)).scalars().all() == [
            1,
            0,
        ]


def test_whether_more_waits_is_told_of_each(core: Core, turns: Turns) -> None:
    people = taken(core, "楼下有孩子", "你好")
    core.takes("三岁", "9", "人0")
    assert answer_all(core.inbox, turns, asked(people)) == [True, False]
    assert answer_all(core.inbox, turns, asked(people)) == [False, False]
    assert replies(core, people[0]) == ["您说：楼下有孩子", "您说：三岁"]


def test_an_edit_among_them_stands_beside_the_old_message(core: Core, turns: Turns) -> None:
    people = taken(core, "两个孩子", "你好")
    answer_all(core.inbox, turns, asked(people))
    core.takes("三个孩子", "0:edit", "人0", edits="0")
    core.takes("谢谢", "8", "人1")
    assert answer_all(core.inbox, turns, asked(people)) == [False, False]
    with core.database.reading() as session:
        query = select(TranscriptRow).where(TranscriptRow.revises_id.is_not(None))
        assert [line.text for line in session.execute(query).scalars()] == ["三个孩子"]
    assert replies(core, people[1]) == ["您说：你好", "您说：谢谢"]
