"""What a message says beside its entities: what is still to come, who cannot cope, who is frail.

Each reading errs to the side on which nobody is overlooked.
"""

import re
from typing import Any

from bot.walks.heard import OPENERS, Heard
from nlu.normaliser import to_simplified, written_form

_TO_COME = re.compile(r"明天|明早|后天|过几天|下周|下星期|下礼拜|下个月|快要|即将")
_IMMINENT = re.compile(r"(要|快|即将|准备|打算)[^，。；！？,;!?]{0,10}了")
_HAS_BEGUN = re.compile(
    r"(住院|住进|隔离|确诊|感染|拘留|抓|出差|走|去世|失踪|离开|进去|带走|拉走|集中)了"
    r"|(被|已|已经|正|正在|还在|刚)(隔离|住院|拘留|抓|集中|收治|关)"
    r"|在(医院|隔离|方舱|外地|外面|病房|看守所)|回不(来|去|了)|现在|已经|昨天|昨晚|今早"
    r"|(一个人|自己|独自)在家|(好几|[一二两三四五六七八九十\d])天了"
)


def is_planned(text: str) -> bool:
    """Whether a guardian tells of a gap that is still to come, and of nothing that has begun."""
    plain = written_form(text)
    return bool(_TO_COME.search(plain)) and not _HAS_BEGUN.search(_IMMINENT.sub("", plain))


_COMMITTEE = r"(村委|居委|村里|村上|社区|村民委员会|居民委员会)"
_CANNOT = re.compile(
    rf"({_COMMITTEE}|我们|我哋|咱们|咱)[^，。；！？,;!?]{{0,12}}"
    r"((管|照顾|照看|照料|照护|顾|安置|安排|处理|应付|承担|看护|忙)(不了|不过来|唔到|唔嚟|不来)"
    r"|没(有)?(能力|条件|人手|地方|力量)|无力|冇人手|人手(不够|不足|唔够))"
)
_IS_COMMITTEE = re.compile(_COMMITTEE)


def told_beside(texts: list[str], facts: dict[str, Any]) -> dict[str, Any]:
    """Facts that no question asks for: a frail carer, a committee that cannot cope.

    Args:
        texts: what the reporter wrote so far, the newest last.
        facts: the report's facts, for who writes and from where.
    """
    found = {}
    if carer_is_frail(texts[-1]):
        found["weak_carer"] = True
    if committee_cannot_cope(texts, facts):
        found["cannot_cope"] = True
    return found


def committee_cannot_cope(texts: list[str], facts: dict[str, Any]) -> bool:
    """Whether a committee's own reporter says that the committee cannot look after the child.

    Args:
        texts: what the reporter wrote so far, and now.
        facts: the report's facts, for who writes and from where.
    """
    organisation = written_form(facts.get("organisation") or "")
    of_it = _IS_COMMITTEE.search(organisation) if organisation else None
    if not of_it and (organisation or facts.get("relation") != "committee"):
        return False
    return any(_CANNOT.search(written_form(text)) for text in texts)


_ELDERS = r"(爷爷|奶奶|外公|外婆|姥姥|姥爷|老人|阿公|阿婆|公公|婆婆|嫲嫲|太婆|老太太|老爷子|老两口)"
_FRAIL = re.compile(
    rf"{_ELDERS}[^，。；！？,;!?]{{0,4}}[，,]?[^，。；！？,;!?]{{0,8}}"
    r"(瘫|卧床|痴呆|糊涂|行动不便|腿脚不(好|便|利)|走不动|身体(不好|很差|差|弱)|体弱|有病|生病|病了|病倒"
    r"|病着|看不见|失明|耳聋|残疾|中风|发烧|年纪大|年迈|[七八九]十[多几来一二三四五六七八九]*岁"
    r"|[7-9]\d岁|[7-9]\d多)"
)


def carer_is_frail(text: str) -> bool:
    """Whether the old people who look after a child are told to be ill, disabled or very old."""
    return bool(_FRAIL.search(written_form(text)))


_CLAUSE = re.compile(r"[，。；！？,;!?\n]")
_GROWN_UP = (
    r"(爸|妈|父|母|爹|娘|丈夫|老公|妻子|老婆|爱人|家长|监护人|爷爷|奶奶|外公|外婆|姥|大人|老人)"
)
_CHILD = r"(儿子|女儿|孩子|娃|小孩|细路|囡|妮|弟弟|妹妹|哥哥|姐姐|宝宝|孙|侄|学生|小朋友|老大|老二)"
_PERSON = re.compile(
    rf"(?P<grown>{_GROWN_UP})|(?P<me>我(?![儿女娃孙侄家的们弟妹囡仔外]))|{_CHILD}|[他她佢]"
)
_ABOUT_ANOTHER = re.compile(r"[说讲话带抱看觉发告]")
_THEN = r"[^，。；！？,;!?]{0,6}的"
_OF_GROWN_UP = re.compile(rf"{_THEN}{_GROWN_UP}")
_OF_CHILD = re.compile(rf"{_THEN}[^，。；！？,;!?]{{0,3}}{_CHILD}")


def health_of_children(heard: Heard, walk: str | None) -> list[str]:
    """What a message says of children's health: a father's fever is not his child's.

    Args:
        walk: the kind of report, if it is known: in one's own difficulty "I" is a guardian.
    """
    own = "guardian_difficulty" in (walk, OPENERS.get(heard.intent))
    text = to_simplified(heard.text)
    said = zip(heard.entities, heard.spans, strict=False)
    if len(heard.spans) != len(heard.entities):
        return heard.values("health")
    found = [
        value
        for (name, value), (_, start, end) in said
        if name == "health" and not _of_a_grown_up(text, start, end, own)
    ]
    return list(dict.fromkeys(found))


def _of_a_grown_up(text: str, start: int, end: int, own: bool) -> bool:
    """Whether the words from ``start`` to ``end`` are said of a grown-up; in doubt they are not."""
    if _OF_CHILD.match(text[end:]):
        return False
    if _OF_GROWN_UP.match(text[end:]):
        return True
    clause = _CLAUSE.split(text[:start])[-1]
    people = list(_PERSON.finditer(clause))
    if not people or _ABOUT_ANOTHER.search(clause[people[-1].end() :]):
        return False
    return bool(people[-1]["grown"] or (own and people[-1]["me"]))
