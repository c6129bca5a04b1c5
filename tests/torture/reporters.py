"""People who report a child each, whatever happens to the program meanwhile."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from tests.support.botapi import BotApi, Person, Received
from tests.support.botapi.updates import Update

OPENING = "郑州市金水区文化路社区{house}号楼有个{age}岁的男孩一个人在家，他妈妈前天住院了"
_CHOICES = ("提交", "同意", "没有危险", "不清楚")
_FILED = "报告已提交"
_APOLOGY = "出了点问题"
_ASIDE = ("现在存不下", "太快")
_PATIENCE = 600.0
_QUIET = 0.4


@dataclass
class Reporter:
    """One person's report: what they said, how long they waited, how it ended.

    Attributes:
        said: what the transcript must show, in order.
        updates: the same as Telegram delivers it.
        asked: when that was, by the clock of ``time.monotonic``.
        waits: seconds from each thing said to the next reply.
        apologies: how often the bot said that something went wrong.
        filed: whether the bot confirmed the report.
    """

    api: BotApi
    number: int
    pause: float = 1.0
    person: Person = field(init=False)
    said: list[str] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    apologies: int = 0
    filed: bool = False

    def __post_init__(self) -> None:
        self.person = self.api.person()
        self.age = 4 + self.number % 9
        self.house = 1 + self.number

    @property
    def heard(self) -> list[str]:
        """Everything that the bot sent, save the sentences that stand in no transcript."""
        return [each.text for each in self.person.inbox if not _is_aside(each.text)]

    @property
    def notices(self) -> int:
        """How often the bot said that it can store nothing, and whom to call."""
        said = [each.text for each in self.person.inbox if _is_aside(each.text)]
        return sum("110" in text for text in said)

    async def report(self) -> None:
        """Write, answer by buttons, and stop when the report is filed.

        Raises:
            AssertionError: the bot fell silent.
        """
        read, acted = 0, ""
        self._say(OPENING.format(house=self.house, age=self.age))
        while not self.filed:
            read, news = await self._news(read)
            self.filed = any(_FILED in each.text for each in news)
            self.apologies += sum(_APOLOGY in each.text for each in news)
            asked = [each for each in self.person.inbox if each.buttons]
            again = any(_APOLOGY in each.text for each in news)
            if again and not asked:
                self._say(self.said[-1])
            if self.filed or not asked or (asked[-1].text == acted and not again):
                continue
            acted = asked[-1].text
            await asyncio.sleep(random.uniform(0, self.pause))
            self._press(asked[-1])

    def _say(self, text: str) -> None:
        self.said.append(text)
        self._asked_at = time.monotonic()
        self.updates.append(self.person.says(text))

    def _press(self, question: Received) -> None:
        for title in _CHOICES:
            if title in question.titles:
                self.said.append(title)
                self._asked_at = time.monotonic()
                self.updates.append(self.person.presses(question.button(title)))
                return

    async def _news(self, read: int) -> tuple[int, list[Received]]:
        """What has come since ``read``, once nothing more comes for a moment."""
        end = time.monotonic() + _PATIENCE
        while len(self.person.inbox) == read:
            if time.monotonic() > end:
                heard = self.person.inbox[-1].text if self.person.inbox else "nothing"
                raise AssertionError(f"after {self.said[-1]!r} and {heard!r} nothing came")
            await asyncio.sleep(0.02)
        self.asked.append(self._asked_at)
        self.waits.append(time.monotonic() - self._asked_at)
        known = read
        while known != len(self.person.inbox):
            known = len(self.person.inbox)
            await asyncio.sleep(_QUIET)
        return known, self.person.inbox[read:known]


def _is_aside(text: str) -> bool:
    return any(words in text for words in _ASIDE)
