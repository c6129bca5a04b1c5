"""A database full of invented cases, written in bulk: for measuring, not for testing what is right.

People, places and words are made up from short lists; phones are of a range that nobody has. The
share of open cases, the levels and the lengths of the talks stand in ``Shares``.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bot.cases import search
from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import (
    CaseRow,
    ConversationRow,
    FollowupRow,
    HistoryRow,
    TraceRow,
    TranscriptRow,
)
from bot.cases.vocabulary import LEVELS, REPORT_TYPES, UNITS
from bot.database import Database
from bot.walks.divisions import below, name_of
from tests.support.bulk import Bulk

_OPENERS = (
    "楼上两个孩子没人照看", "我被隔离了孩子一个人在家", "隔壁家的小孩天天自己在家", "爸妈都不在家我害怕",
    "孩子奶奶住院了没人做饭", "我们社区有个孩子没人管", "我在外地打工孩子跟着爷爷", "老师发现学生家里没有大人",
)  # fmt: skip
_MIDDLES = (
    "大的七岁小的四岁", "从前天晚上开始的", "他爸爸发烧被送去医院了", "家里没有吃的了", "门一直锁着敲不开",
    "有邻居送过一次饭", "孩子有点咳嗽", "妈妈电话打不通", "就在三楼左手边那家", "两个都是女孩",
)  # fmt: skip
_SIGNS = (
    "山水田园林竹梅兰松柏桃李杏梨柳荷莲菊桂枫云霞虹雪雨露霜风月星辰江河湖海溪泉潭池港湾桥路街巷村庄"
    "寨坪坡岭峰岩石沙洲岛屿东西南北中上下前后左右内外新旧大小长短高低远近金银铜铁玉珠宝光明亮清静和平安"
    "康宁福寿喜乐欢庆丰盛隆兴旺昌荣华富贵祥瑞吉利顺达通泰文武忠孝仁义礼智信勇毅勤俭"
)
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_NUMBERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_BOT = ("您好，我是护童。现在有人有危险吗？", "有几个孩子？", "孩子在哪里？", "我记下了，谢谢您。")
_TALKS = 3000
_ESTATES = 20000
_BATCH = 20000

Hashed = Callable[[str], str]


@dataclass(frozen=True)
class Shares:
    """How the cases are made up.

    Args:
        open: of all; the others have ended.
        overdue: of the open ones.
    """

    open: float = 0.05
    overdue: float = 0.3
    statuses: tuple[str, ...] = ("draft", "new", "new", "new", "accepted", "in_progress")
    ended: tuple[str, ...] = ("closed",) * 18 + ("withdrawn", "duplicate")
    levels: tuple[float, ...] = (0.03, 0.17, 0.3, 0.5)
    counties: int = 300


@dataclass(frozen=True)
class Filled:
    """What there is to look for."""

    numbers: tuple[str, ...]
    phones: tuple[str, ...]
    estates: tuple[str, ...]
    common: tuple[str, ...] = ("没人照看", "孩子一个人", "妈妈电话打不通", "照看 发烧")


def look_around(database: Database) -> Filled:
    """What there is to look for in a database that ``ManyCases`` filled."""
    with database.reading() as session:
        count = session.execute(select(func.max(CaseRow.id))).scalar()
        some = random.Random(7).sample(range(1, count + 1), 60)
        rows = list(session.execute(select(CaseRow).where(CaseRow.id.in_(some))).scalars())
    facts = [row.facts["facts"] for row in rows]
    return Filled(
        numbers=tuple(row.case_no for row in rows),
        phones=tuple(each["phone"] for each in facts),
        estates=tuple(each["location"]["text"][-7:-3] for each in facts),
    )


class ManyCases:
    """Fills an empty, migrated database.

    Args:
        hashed: the keyed hash of the program that will look at it.
        now: the moment at which the cases are what they are.
    """

    def __init__(self, database: Database, hashed: Hashed, now: datetime) -> None:
        self._database = database
        self._hashed = hashed
        self._now = now
        self._dice = random.Random(5)
        self._shares = Shares()
        cities = [city for province in below("") for city in below(province)]
        counties = [*below("440700"), *(c for city in cities for c in below(city) or [city])]
        self._regions = [*dict.fromkeys(counties)][: self._shares.counties]
        self._names = {code: name_of(code) for code in self._regions}
        self._talks = [self._talk() for _ in range(_TALKS)]
        self._estates = ["".join(self._dice.sample(_SIGNS, 3)) + "苑" for _ in range(_ESTATES)]

    def fill(self, count: int) -> None:
        """Write so many cases, with their conversations, transcripts and marks."""
        plan = [self._plan(number) for number in range(1, count + 1)]
        with Bulk(self._database) as bulk:
            bulk.write(ConversationRow.__table__, map(self._conversation, plan))
            bulk.write(CaseRow.__table__, map(self._case, plan))
            bulk.write(TranscriptRow.__table__, self._lines(bulk, plan))
            bulk.write(HistoryRow.__table__, (r for each in plan for r in self._history(each)))
            bulk.write(FollowupRow.__table__, map(self._followup, plan))
            bulk.write(TraceRow.__table__, (r for each in plan for r in self._traces(each)))
            bulk.write_pairs(WordMarkRow.__table__, self._marks(plan))

    def _talk(self) -> tuple[str, ...]:
        own = "".join(self._dice.sample(_SIGNS, 6))
        return (self._dice.choice(_OPENERS), *self._dice.sample(_MIDDLES, 3), f"那边叫{own}")

    def _plan(self, number: int) -> "_Plan":
        dice, shares = self._dice, self._shares
        is_open = dice.random() < shares.open
        level = dice.choices(LEVELS, shares.levels)[0]
        late = dice.random() < shares.overdue
        arrived = self._now - timedelta(minutes=dice.randrange(1, 60 * 24 * 700))
        waits = self._now + timedelta(minutes=dice.randrange(1, 4000)) * (-1 if late else 1)
        tail = _tail(number)
        return _Plan(
            id=number,
            case_no=f"HT-{arrived:%y%m%d}-{tail}",
            status=dice.choice(shares.statuses if is_open else shares.ended),
            level=level,
            arrived=arrived,
            waits=waits if is_open else None,
            region=dice.choice(self._regions),
            talk=dice.randrange(_TALKS),
            estate=dice.randrange(_ESTATES),
            name=dice.choice(_FAMILY) + "".join(dice.sample(_SIGNS, 2)),
            phone=f"+86100{number:08}",
        )

    def _conversation(self, each: "_Plan") -> dict[str, Any]:
        return {
            "id": each.id,
            "channel": "web",
            "person": f"{each.id:064x}",
            "address": f"person-{each.id}",
            "state": None,
            "language": "zh_Hans",
            "version": 1,
            "created_at": each.arrived,
            "updated_at": each.arrived,
        }

    def _case(self, each: "_Plan") -> dict[str, Any]:
        facts = {
            "facts": {
                "relation": "neighbour",
                "child_count": 2,
                "ages": [4, 7],
                "carer": "nobody",
                "location": {
                    "text": f"{self._names[each.region]}{self._estates[each.estate]}3号楼",
                    "county": self._names[each.region],
                    "adcode": each.region,
                },
                "name": each.name,
                "phone": each.phone,
            },
            "unanswered": {},
            "sources": {},
            "narrative": self._talks[each.talk][0],
            "cancelled": False,
            "poster": None,
        }
        ended = each.waits is None
        return {
            "id": each.id,
            "case_no": each.case_no,
            "conversation_id": each.id,
            "status": each.status,
            "report_type": REPORT_TYPES[each.id % len(REPORT_TYPES)],
            "channel": "web",
            "language": "zh_Hans",
            "questionnaire": "1",
            "created_at": each.arrived,
            "submitted_at": None if each.status == "draft" else each.arrived,
            "updated_at": each.arrived,
            "level": each.level,
            "due_at": each.waits or each.arrived,
            "unit": UNITS[each.id % len(UNITS)],
            "region": each.region,
            "urgency": None if ended else LEVELS.index(each.level),
            "waits_until": each.waits,
            "assigned": f"worker-{each.id % 500}" if each.status not in ("draft", "new") else None,
            "ended_at": each.arrived + timedelta(days=3) if ended else None,
            "version": 1,
            "facts": facts,
            "assessment": {
                "reasons": ["孩子还小"],
                "referrals": [],
                "why": "没有更具体的情况",
                "by_rules": each.level,
            },
        }

    def _lines(self, bulk: Bulk, plan: Sequence["_Plan"]) -> Iterator[dict[str, Any]]:
        seal = bulk.sealed(TranscriptRow.__table__.c.text)
        talks = [[seal(text) for text in talk] for talk in self._talks]
        estates = [seal(f"我住在{estate}") for estate in self._estates]
        bot = [seal(text) for text in _BOT]
        number = 0
        for each in plan:
            said = [*talks[each.talk], estates[each.estate]]
            texts = [(text, "reporter") for text in said] + [(text, "bot") for text in bot]
            for at, (text, sender) in enumerate(texts):
                number += 1
                yield {
                    "id": number,
                    "conversation_id": each.id,
                    "case_id": each.id,
                    "at": each.arrived + timedelta(seconds=20 * at),
                    "sender": sender,
                    "text": text,
                    "intent": "inform" if sender == "reporter" else None,
                    "confidence": 0.9 if sender == "reporter" else None,
                }

    def _history(self, each: "_Plan") -> Iterator[dict[str, Any]]:
        for at, event in enumerate(("begun", "submitted")):
            yield {
                "id": each.id * 2 + at,
                "case_id": each.id,
                "at": each.arrived,
                "actor": "reporter",
                "event": event,
                "detail": None,
            }

    def _followup(self, each: "_Plan") -> dict[str, Any]:
        planned = each.waits is not None and each.status not in ("draft", "new")
        return {
            "id": each.id,
            "case_id": each.id,
            "kind": "visit",
            "due_at": each.waits or each.arrived,
            "state": "planned" if planned else "done",
            "unit": "committee",
            "created_at": each.arrived,
        }

    def _traces(self, each: "_Plan") -> Iterator[dict[str, Any]]:
        marks = {
            self._hashed(f"trace/phone/{each.phone}"),
            self._hashed(f"trace/place/{self._estates[each.estate]}"),
            *search.phone_marks(each.phone, self._hashed),
        }
        for mark in marks:
            yield {"case_id": each.id, "mark": mark}

    def _marks(self, plan: Sequence["_Plan"]) -> Iterator[np.ndarray]:
        """Pairs of mark and case, a batch at a time."""
        talks = [self._array(talk) for talk in self._talks]
        estates = [self._array([f"我住在{estate}"]) for estate in self._estates]
        counties = {code: self._array([name or ""]) for code, name in self._names.items()}
        known: dict[str, np.ndarray] = {}

        def of(text: str) -> np.ndarray:
            if text not in known:
                known[text] = self._array([text])
            return known[text]

        for begin in range(0, len(plan), _BATCH):
            keys = []
            for each in plan[begin : begin + _BATCH]:
                tail = each.case_no[-5:]
                marks = [talks[each.talk], estates[each.estate], counties[each.region]]
                marks += [of(tail[at : at + 2]) for at in range(4)]
                marks += [of(each.name[at : at + 2]) for at in range(2)]
                keys.append(np.unique(np.concatenate(marks)) << 32 | each.id)
            yield np.concatenate(keys)

    def _array(self, texts: Iterable[str]) -> np.ndarray:
        return np.array(sorted(search.word_marks(texts, self._hashed)), dtype=np.int64)


def _tail(number: int) -> str:
    """Five letters that no other case has, in no order that one sees."""
    left, tail = number * 7_368_787 % len(_NUMBERS) ** 5, ""
    for _ in range(5):
        left, at = divmod(left, len(_NUMBERS))
        tail += _NUMBERS[at]
    return tail


@dataclass(frozen=True)
class _Plan:
    """One case before it is written."""

    id: int
    case_no: str
    status: str
    level: str
    arrived: datetime
    waits: datetime | None
    region: str
    talk: int
    estate: int
    name: str
    phone: str
