"""A morning at a county's desk, made up: cases in every state, and a month of earlier ones.

For the console's pictures and for looking over every page. Nobody here is real: the names are
invented, the places are real only down to the town, and the phones begin with 123, a range that no
operator has.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import followups, handling, related, store, transfers
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.conversation import holding
from bot.database import Database
from tests.support.cases import NOW

WORKER, SUPERVISOR, COUNTY = "陈禾", "林溪", "周岚"
REGION = "440705"
_TOWNS = ("会城街道", "大泽镇", "司前镇", "罗坑镇", "双水镇", "崖门镇")
_ROADS = ("青藤里", "望舒苑", "桐花巷", "云水路", "半夏坊", "听松街")
_UNITS = {"carer": "nobody", "danger": [], "relation": "neighbour", "reason": ["isolated"]}


@dataclass(frozen=True)
class Story:
    """One case: what was told, how long ago, and the talk that told it."""

    number: str
    kind: str
    ago: timedelta
    facts: dict[str, Any]
    talk: tuple[tuple[str, str], ...] = ()
    place: tuple[str, str] = ("会城街道", "青藤里 3 栋")
    channel: str = "web"
    filed: bool = True
    sources: dict[str, int] = field(default_factory=dict)


def _ago(**span: float) -> timedelta:
    return timedelta(**span)


_HELLO = ("bot", "谢谢您留心这个孩子。我问几个简单的问题，好尽快让人去看。")
STORIES = (
    Story(
        "HT-261121-QH7TA",
        "unattended_child",
        _ago(minutes=22),
        {
            "child_count": 2,
            "ages": [2, 6],
            "carer": "nobody",
            "since": "2026-11-20T20:00:00+08:00",
            "reason": ["isolated"],
            "health": ["fever"],
            "needs": ["food"],
            "phone": "+8612300000017",
        },
        (
            ("reporter", "楼上青藤里3栋两个小孩自己在家，爸妈昨晚被拉去隔离了，小的才两岁在哭"),
            _HELLO,
            (
                "bot",
                "（1/4）孩子现在有没有危险？比如受伤、昏倒、有人打、着火漏气，或者一天没吃东西。",
            ),
            ("reporter", "没有危险，就是小的有点发烧，没吃的了"),
            ("bot", "（2/4）您说的“青藤里3栋”，在哪个省市县、哪个街道或村？"),
            ("reporter", "江门新会会城街道"),
            ("reporter", "可以打我电话 12300000017"),
            ("bot", "报告已提交。最迟 10:08 前会有人看。"),
        ),
        channel="telegram",
        sources={"child_count": 0, "ages": 0, "health": 1, "needs": 1, "location": 2, "phone": 3},
    ),
    Story(
        "HT-261121-M4WRC",
        "child_self",
        _ago(hours=3),
        {
            "relation": "self",
            "child_count": 1,
            "ages": [9],
            "carer": "nobody",
            "since": "2026-11-20T18:00:00+08:00",
            "reason": ["hospitalised"],
            "health": ["healthy"],
            "needs": ["care"],
        },
        (
            ("reporter", "我爸爸住院了妈妈去陪他 我一个人在家有点怕"),
            ("bot", "你说出来做得很对。我问你几个简单的问题。"),
            ("reporter", "我九岁 家里还有面包"),
        ),
        ("司前镇", "听松街 12 号"),
    ),
    Story(
        "HT-261121-8KXPD",
        "professional_notice",
        _ago(hours=2, minutes=40),
        {
            "relation": "doctor",
            "organisation": "望舒医院",
            "child_count": 1,
            "ages": [5],
            "carer": "neighbour",
            "since": "2026-11-21",
            "reason": ["hospitalised"],
        },
        (("reporter", "我院收治一名患者，家中五岁女儿暂由邻居看着，请社区跟进"),),
        ("大泽镇", "云水路 8 号"),
    ),
    Story(
        "HT-261120-3TNFE",
        "guardian_difficulty",
        _ago(hours=20),
        {
            "relation": "mother",
            "child_count": 1,
            "ages": [4],
            "carer": "grandparent",
            "weak_carer": True,
            "reason": ["working_away"],
            "needs": ["money", "supplies"],
            "phone": "+8612300000042",
        },
        (("reporter", "我在外地打工，孩子跟着外婆，外婆最近腿脚不好，家里也紧"),),
        ("双水镇", "桐花巷 5 号"),
    ),
    Story(
        "HT-261119-Z6GLK",
        "unattended_child",
        _ago(days=2),
        {"child_count": 3, "ages": [6, 8, 11], "carer": "sibling", "since": "2026-11-18"},
        (("reporter", "三个孩子在家，大的带小的，大人好几天没看见"),),
        ("崖门镇", "半夏坊 1 号"),
    ),
    Story(
        "HT-261118-VB2SN",
        "preregistration",
        _ago(days=3),
        {"child_count": 1, "ages": [7], "carer": "grandparent", "needs": ["schooling"]},
        (("reporter", "想给孩子先登记一下，我们年后出去打工"),),
        ("罗坑镇", "桐花巷 21 号"),
    ),
    Story(
        "HT-261121-EE5UH",
        "unattended_child",
        _ago(minutes=9),
        {"child_count": 1, "carer": "nobody"},
        (("reporter", "对面楼有个孩子一直在窗边哭"), _HELLO),
        filed=False,
    ),
)


def fill(database: Database, now: datetime = NOW) -> None:
    """Write everything into a database that is empty but for accounts."""
    with database.writing() as session:
        for story in STORIES:
            _write(session, story, now)
        _without_a_case(session, now)
    with database.writing() as session:
        _work(session, now)
    with database.writing() as session:
        _months_before(session, now)


def _write(session: Session, story: Story, now: datetime) -> CaseRow:
    at = now - story.ago
    talk = ConversationRow(
        channel=story.channel,
        person=story.number,
        address=story.number,
        created_at=at - timedelta(minutes=4),
        updated_at=at,
        state={},
    )
    session.add(talk)
    session.flush()
    keys = _talk(session, talk, story, at)
    town, road = story.place
    place = {
        "text": f"江门市新会区{town}{road}",
        "province": "广东省",
        "city": "江门市",
        "county": "新会区",
        "township": town,
        "detail": road,
        "adcode": REGION,
    }
    facts = {**_UNITS, **story.facts, **({"location": place} if story.filed else {})}
    told = store.Told(
        case_no=story.number,
        report_type=story.kind,
        questionnaire="1",
        facts=facts,
        unanswered={},
        sources={name: keys[index] for name, index in story.sources.items()},
        narrative=[text for sender, text in story.talk if sender == "reporter"],
        filed=story.filed,
    )
    case = store.save(session, talk, told, at)
    session.flush()
    store.take_transcript(session, case.id, talk.id, 0)
    return case


def _talk(session: Session, talk: ConversationRow, story: Story, at: datetime) -> list[str]:
    """The lines of a story; the keys of the reporter's messages."""
    keys = []
    for index, (sender, text) in enumerate(story.talk):
        moment = at - timedelta(seconds=25 * (len(story.talk) - index))
        message = None
        if sender == "reporter":
            keys.append(f"{story.number}/{len(keys)}")
            message = InboxRow(
                conversation_id=talk.id,
                channel=talk.channel,
                message_key=keys[-1],
                message={"text": text, "attachment": None},
                received_at=moment,
                done_at=moment,
            )
            session.add(message)
            session.flush()
        read = {"intent": story_intent(story), "confidence": 0.93} if message else {}
        session.add(
            TranscriptRow(
                conversation_id=talk.id,
                at=moment,
                sender=sender,
                text=text,
                inbox_id=message.id if message else None,
                **read,
            )
        )
        session.flush()
    return keys


def story_intent(story: Story) -> str:
    """What the opening of such a report is understood as."""
    return {
        "unattended_child": "report_unattended_child",
        "child_self": "child_seeking_help",
        "guardian_difficulty": "report_own_difficulty",
        "professional_notice": "report_as_professional",
        "preregistration": "preregister_child",
    }[story.kind]


def _without_a_case(session: Session, now: datetime) -> None:
    """Somebody who asked for a person before any report."""
    at = now - timedelta(minutes=6)
    talk = ConversationRow(
        channel="web",
        person="nobody yet",
        address="nobody yet",
        attention="human",
        created_at=at,
        updated_at=at,
    )
    session.add(talk)
    session.flush()
    for sender, text, doubt in (
        ("reporter", "有冇真人可以倾下", "low"),
        ("bot", "已经标记，工作人员会看到写在这里的话。", None),
        ("reporter", "嗯嗯那个那个", "fallback"),
    ):
        line = TranscriptRow(conversation_id=talk.id, at=at, sender=sender, text=text, doubt=doubt)
        line.intent, line.confidence = ("request_human", 0.41) if doubt else (None, None)
        session.add(line)
        session.flush()


def _work(session: Session, now: datetime) -> None:
    """What staff have done so far this morning."""
    child = _case(session, "HT-261121-M4WRC")
    begun = now - timedelta(hours=2)
    child.first_look_at = begun
    handling.accept(child, WORKER, begun)
    talk = holding.held(session, child.conversation_id)
    holding.take(session, talk, child, WORKER, now - timedelta(minutes=12))
    said = holding.say(
        session, talk, child, "你好，我是专门帮助小朋友的工作人员。现在有大人陪着你吗？",
        now - timedelta(minutes=11),
    )  # fmt: skip
    for row in session.query(OutboxRow).all():
        row.sent_at = said.at
    session.add(
        TranscriptRow(
            conversation_id=talk.id,
            case_id=child.id,
            at=now - timedelta(minutes=9),
            sender="reporter",
            text="没有 不过隔壁奶奶刚才来敲门了",
            intent="inform",
            confidence=0.88,
        )
    )
    mother = _case(session, "HT-261120-3TNFE")
    handling.accept(mother, SUPERVISOR, now - timedelta(hours=18))
    handling.record(
        mother, "phone_visit", "和外婆通了电话，孩子吃了饭，在画画。", SUPERVISOR,
        now - timedelta(hours=17),
    )  # fmt: skip
    _all_done(mother, now - timedelta(hours=4))
    handling.write_note(mother, "外婆耳朵不好，打电话要大声。", WORKER, now - timedelta(hours=3))
    three = _case(session, "HT-261119-Z6GLK")
    handling.accept(three, WORKER, now - timedelta(days=1, hours=20))
    _all_done(three, now - timedelta(hours=4))
    transfers.ask(
        session, three, ("county_civil_affairs", None), "村委会照顾不过来三个孩子。", WORKER,
        now - timedelta(minutes=50),
    )  # fmt: skip
    ahead = _case(session, "HT-261118-VB2SN")
    handling.accept(ahead, SUPERVISOR, now - timedelta(days=2))
    handling.close(
        session, ahead, "enrolled", "已登记，年后再联系。", SUPERVISOR, now - timedelta(days=1)
    )
    related.suggest(session, three, str, now)


def _months_before(session: Session, now: datetime) -> None:
    """Cases of the month before, looked at and closed, so that there is something to count."""
    made = Random(20261121)
    outcomes = ("guardian_back", "entrusted", "supported", "no_need")
    for _ in range(70):
        at = now - timedelta(days=1 + made.random() * 27, hours=made.random() * 8)
        age = made.choice((3, 5, 7, 9, 12))
        story = Story(
            f"HT-{at:%y%m%d}-{''.join(made.sample('23456789ABCDEFGHJKMNPQRSTUVWXYZ', 5))}",
            made.choice(("unattended_child", "guardian_difficulty", "professional_notice")),
            now - at,
            {
                "child_count": 1,
                "ages": [age],
                "carer": made.choice(("nobody", "grandparent", "neighbour")),
                "since": (at - timedelta(hours=made.choice((2, 9, 26)))).isoformat(),
                "health": [made.choice(("healthy", "healthy", "ill"))],
            },
            (("reporter", "孩子没人照看"),),
            (made.choice(_TOWNS), f"{made.choice(_ROADS)} {made.randint(1, 40)} 号"),
            made.choice(("web", "web", "telegram")),
        )
        case = _write(session, story, now)
        look = at + timedelta(minutes=made.choice((4, 12, 25, 70, 190)))
        case.first_look_at = look
        handling.accept(case, WORKER, look)
        over = look + timedelta(hours=made.choice((3, 8, 20)))
        _all_done(case, over)
        handling.close(session, case, made.choice(outcomes), "已处理。", WORKER, over)


def _all_done(case: CaseRow, at: datetime) -> None:
    """What was due by now has been done."""
    for each in followups.open_of(case):
        if each.due_at <= at + timedelta(hours=4):
            followups.done(each, WORKER, at, "看过了，孩子都好。")


def _case(session: Session, number: str) -> CaseRow:
    case = store.find(session, number)
    assert case is not None
    return case
