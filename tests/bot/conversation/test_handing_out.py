"""Who waits is handed to clerks: in order, several together where that is right, and nobody waits for ever."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import clerks
from bot.conversation.answering import TurnFailedError
from bot.conversation.clerks import Clerks
from bot.settings import Settings


class Clerk:
    """Answers when it is let, or breaks as it is told."""

    made: list["Clerk"]

    def __init__(self, *_: Any) -> None:
        self.made.append(self)
        self.asked: list[list[int]] = []
        self.patience: list[float] = []
        self.breaks: deque[Exception] = deque()
        self.free = asyncio.Event()

    def begin(self) -> None:
        """It is ready at once."""

    leave = hang_up = end = begin

    async def ask(self, _number: int, question: bytes, patience: float) -> dict[str, Any]:
        _, asked = clerks.json.loads(question)
        self.asked.append([conversation for conversation, *_ in asked])
        self.patience.append(patience)
        await self.free.wait()
        if self.breaks:
            raise self.breaks.popleft()
        return {"ends": [{"more": False}] * len(asked), "counted": []}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Clerks]:
    """Clerks of this process's making, on a database of that kind."""
    Clerk.made = []
    monkeypatch.setattr(clerks, "_Clerk", Clerk)

    def make(database: str = "") -> Clerks:
        settings = Settings(data_dir=tmp_path, database_url=database)
        return Clerks(settings, tmp_path / "model", 1, patience=7)

    return make


def run(doing: Awaitable[Any]) -> Any:
    async def within() -> Any:
        return await asyncio.wait_for(doing, 5)

    return asyncio.run(within())


async def _five_who_wait(served: Clerks, found: tuple[int, ...] = ()) -> list[Any]:
    (clerk,) = Clerk.made
    turns = [asyncio.create_task(served.turn(who, who in found, False)) for who in range(1, 7)]
    await asyncio.sleep(0)
    clerk.free.set()
    return list(await asyncio.gather(*turns, return_exceptions=True))


def test_those_who_wait_are_asked_for_together_in_their_order(served: Any) -> None:
    assert run(_five_who_wait(served())) == [False] * 6
    assert Clerk.made[0].asked == [[1], [2, 3, 4, 5], [6]]
    assert Clerk.made[0].patience == [7, 28, 7]


def test_who_was_found_unanswered_is_asked_for_alone(served: Any) -> None:
    assert run(_five_who_wait(served(), found=(3, 4))) == [False] * 6
    assert Clerk.made[0].asked == [[1], [2], [3], [4], [5, 6]]


def test_where_a_database_has_many_writers_everybody_is_asked_for_alone(served: Any) -> None:
    assert run(_five_who_wait(served("postgresql://localhost/any"))) == [False] * 6
    assert Clerk.made[0].asked == [[1], [2], [3], [4], [5], [6]]


def test_whatever_breaks_a_question_those_of_it_are_told_and_the_others_answered(
    served: Any,
) -> None:
    made = served()
    Clerk.made[0].breaks.append(ValueError("half a line"))

    async def talk() -> list[Any]:
        first = asyncio.create_task(made.turn(1, False, False))
        await asyncio.sleep(0)
        second = asyncio.create_task(made.turn(2, False, False))
        Clerk.made[0].free.set()
        ended = await asyncio.gather(first, return_exceptions=True)
        Clerk.made[1].free.set()
        return [*ended, await second]

    failed, more = run(talk())
    assert isinstance(failed, TurnFailedError) and failed.died
    assert more is False
    assert [clerk.asked for clerk in Clerk.made] == [[[1]], [[2]]]


def test_where_no_other_can_be_started_nobody_waits_for_ever(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = served()
    Clerk.made[0].breaks.extend([OSError(), OSError()])
    Clerk.made[0].free.set()

    def refused(*_: Any) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(made, "_replaced", refused)

    async def talk() -> list[Any]:
        turns = [made.turn(who, False, False) for who in (1, 2)]
        ended = [*await asyncio.gather(*turns, return_exceptions=True)]
        return [*ended, await made.turn(3, False, False)]

    first, second, third = run(talk())
    assert isinstance(first, TurnFailedError) and isinstance(second, TurnFailedError)
    assert third is False


def test_closing_begins_nothing(served: Any) -> None:
    made = served()
    made._clerks[0].process = type("Ended", (), {"wait": lambda *_: 0})()

    async def talk() -> list[Any]:
        turns = [asyncio.create_task(made.turn(who, False, False)) for who in (1, 2)]
        await asyncio.sleep(0)
        Clerk.made[0].breaks.append(OSError())
        await made.close()
        Clerk.made[0].free.set()
        return list(await asyncio.gather(*turns, return_exceptions=True))

    first, second = run(talk())
    assert isinstance(first, TurnFailedError)
    assert isinstance(second, asyncio.CancelledError)
    assert len(Clerk.made) == 1 and Clerk.made[0].asked == [[1]]
