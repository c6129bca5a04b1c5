"""What is said in the invented cases of ``many_cases``: some thousand talks, which many cases share.

People, places and words are made up from short lists. Every text of these talks is sealed once for
its column; the database copies the sealed values into as many rows as there are to be.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
_CLOSING = ("同意", "没有危险", "都好好的", "提交")
_BOT = (
    "您好，我是护童。我会问几个问题，您说的只给负责的人看。可以吗？",
    "我先帮您登记，急事请直接打 110 或 120。",
    "现在有人有危险吗？",
    "孩子现在在哪里？请说到小区或者村，门牌号也可以说。",
    "有几个孩子，各几岁？",
    "现在谁跟孩子在一起？",
    "孩子身体怎么样？",
    "孩子现在最需要什么？",
    "请看看我记得对不对：两个孩子，七岁和四岁，没有大人在，最需要吃的。没错就请按提交。",
    "已经提交了。街道会在三十分钟内看到。您可以随时再来补充，也可以问进展。",
)
_BUTTONS = [{"title": title, "payload": f"choose:{title}"} for title in ("是", "不是", "不清楚")]
TALKS = 2999
"""A prime number, so that talks and places go together in ever other pairs."""
LINES = 20
"""Lines of a talk; the one at ``PLACE`` names the estate."""
PLACE = 5


@dataclass(frozen=True)
class Line:
    """A line of a talk, still open; the one that names the estate has no text of its own."""

    place: int
    sender: str
    text: str | None
    buttons: list[dict[str, str]] | None = None
    entities: list[dict[str, Any]] | None = None


class Talks:
    """The talks, the same for the same dice."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.said = [self._talk() for _ in range(TALKS)]

    def opener(self, talk: int) -> str:
        """The first thing that was said."""
        return self.said[talk][0]

    def lines(self, talk: int) -> Iterator[Line]:
        """The lines of a talk, in the order of its speakers."""
        said = iter(self.said[talk])
        spoken = [place for place in range(LINES) if place % 2 == 1 and place != PLACE]
        for place, bot in zip(range(0, LINES, 2), _BOT, strict=True):
            yield Line(place, "bot", bot, _BUTTONS if place % 4 else None)
        for place in spoken:
            text = next(said)
            told = [{"entity": "need", "value": "food", "start": 0, "end": len(text)}]
            yield Line(place, "reporter", text, None, told if place % 3 else None)
        yield Line(PLACE, "reporter", None)

    def name(self) -> str:
        """A person's name."""
        return self._dice.choice(_FAMILY) + "".join(self._dice.sample(_SIGNS, 2))

    def estate(self) -> str:
        """The name of an estate."""
        return "".join(self._dice.sample(_SIGNS, 3)) + "苑"

    def _talk(self) -> tuple[str, ...]:
        own = "".join(self._dice.sample(_SIGNS, 6))
        middles = self._dice.sample(_MIDDLES, 3)
        return (self._dice.choice(_OPENERS), *middles, f"那边叫{own}", *_CLOSING)


def of_estate(estate: str) -> str:
    """The line that names an estate."""
    return f"我住在{estate}"
