"""Reports of different people about one child: staff see it, the people do not."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from bot.bootstrap import House
from bot.cases import related, store
from bot.cases.tables import OutboxRow, RelatedRow
from bot.channels.terminal import CHANNEL, Terminal
from bot.conversation.messages import Reply

WALK = ["同意", "没有危险", *["不清楚"] * 5, "提交"]

CODE = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b")


@dataclass
class Person:
    """Somebody at the terminal, and everything that was said to them."""

    house: House
    name: str
    heard: list[str] = field(default_factory=list)
    case_no: str | None = None

    def says(self, *texts: str) -> None:
        """Say one thing after the other, until a report is filed."""
        terminal = Terminal(self.house, self.name)
        for text in texts:
            replies, result = terminal.say(text)
            self.heard += [_shape(reply) for reply in replies]
            self.case_no = result.case_no or self.case_no

    def reports(self, opening: str) -> None:
        """Report from the first message to the filed case."""
        self.says(opening)
        for text in WALK:
            if self.case_no is None:
                self.says(text)
        assert self.case_no is not None, self.heard


def _shape(reply: Reply) -> str:
    return reply.text + "".join(f"[{button.title}|{button.payload}]" for button in reply.buttons)


def suggestions(house: House, person: Person) -> list[dict[str, Any]]:
    with house.database.reading() as session:
        case = store.find(session, person.case_no or "")
        assert case is not None
        return related.listed(case)


def same_but_for_the_number(one: Person, other: Person) -> bool:
    mine, others = (
        [CODE.sub("?", text.replace(person.case_no or "", "?")) for text in person.heard]
        for person in (one, other)
    )
    return mine == others


@pytest.mark.parametrize(
    ("place", "again"),
    [
        ("郑州市中牟县九龙镇大庄村8号", "补充：孩子发烧了"),
        ("郑州市登封市大金店镇南寨村8号", "查进度"),
    ],
)
def test_the_second_reporter_reads_word_for_word_what_a_first_one_reads(
    house: House, place: str, again: str
) -> None:
    opening = f"{place}的邻居家有两个孩子，一个5岁一个6岁，自己在家没人管"
    first, second = Person(house, f"first-{again}"), Person(house, f"second-{again}")
    for person in (first, second):
        person.reports(opening)
        person.says(again)
    assert same_but_for_the_number(first, second)
    (seen,) = suggestions(house, second)
    assert (seen["case_no"], seen["strength"]) == (first.case_no, "strong")
    assert [each["case_no"] for each in suggestions(house, first)] == [second.case_no]


def test_neither_number_nor_words_of_the_other_are_ever_sent(house: House) -> None:
    first, second = Person(house, "early"), Person(house, "late")
    first.reports("郑州市惠济区桃花峪村9号楼有个7岁的孩子自己在家没人管，姓名小树")
    second.reports("郑州市惠济区桃花峪村9号楼有个7岁的孩子一个人在家")
    second.says("查进度", "还有谁报告过", "有没有别人说过这个孩子")
    assert suggestions(house, second)
    assert first.case_no not in "".join(second.heard)
    assert "小树" not in "".join(second.heard)
    with house.database.reading() as session:
        conversation = house.inbox.find(session, CHANNEL, "early")
        assert conversation is not None
        query = select(OutboxRow).where(OutboxRow.conversation_id == conversation.id)
        sent = [row.reply["text"] for row in session.execute(query).scalars()]
    assert len(sent) == len(first.heard)
    assert not any(second.case_no in text for text in sent)


def test_a_report_that_is_not_filed_is_related_to_nothing(house: House) -> None:
    first, second = Person(house, "done"), Person(house, "not done")
    opening = "郑州市上街区南峡窝村6号楼有两个孩子，一个3岁一个4岁，自己在家没人管"
    first.reports(opening)
    with house.database.reading() as session:
        before = session.query(RelatedRow).count()
    second.says(opening, "同意", "没有危险")
    with house.database.reading() as session:
        assert session.query(RelatedRow).count() == before
    assert suggestions(house, first) == []


def test_what_is_added_later_is_looked_at_again(house: House) -> None:
    first, second = Person(house, "with phone"), Person(house, "phone later")
    first.reports("郑州市新密市来集镇有个9岁的孩子自己在家没人管，我电话13800138044")
    second.reports("江门市开平市赤坎镇有个15岁的孩子自己在家没人管")
    assert suggestions(house, second) == []
    second.says("补充", "我的电话是13800138044")
    (seen,) = suggestions(house, second)
    assert (seen["case_no"], seen["why"]) == (first.case_no, ["联系电话相同"])
