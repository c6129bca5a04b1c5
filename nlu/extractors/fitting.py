"""Facts that fit who is writing: the contract says what each opener's writer can mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.contract import CODED, NUMBERS, TEXTUAL
from nlu.extractors.found import Found
from nlu.normaliser import to_simplified

_OF_A_CHILD = CODED | NUMBERS | {"since"}
_NO_CHILD_WRITES = frozenset(
    {
        "report_own_difficulty",
        "report_unattended_child",
        "report_as_professional",
        "preregister_child",
    }
)
_NOTHING_TOLD = frozenset(
    {
        "affirm", "deny", "dont_know", "decline_to_answer", "go_back", "cancel", "restart", "resume",
        "ask_clarification", "request_human", "greet", "goodbye", "thank", "check_status", "change_language",
        "out_of_scope",
    }
)  # fmt: skip
_OF_A_CASE = frozenset({"location", "since", "relation", "need"})
_NOT_OF = {
    "faq": frozenset({"since", "person_name"}),
    "preregister_child": frozenset({"since"}),
    "report_own_difficulty": frozenset({"organisation"}),
    "report_emergency": frozenset({"since", "need"}),
    "withdraw_report": frozenset({"since", "absence_reason"}),
}
"""What is hardly ever told with an intent."""
_ONCE = TEXTUAL | {"child_count", "since", "phone"}
_I = re.compile(r"我|俺|涯|𠊎|窝|额|阮|\b[iI]\b|\b[mM]y\b")
_GROWN_UP_WRITES = re.compile(
    r"我(?:家|的|们家)*(?:这?个)?(?:孩子|小孩|娃|儿子|女儿|闺女|姑娘|宝|老[大二三]|崽|囡|老公|老婆|媳妇|[外大小]?孙|侄|外甥|室友|同事|邻居)|老伴"
)
_PLANNED = re.compile(
    r"过完[年节十元]|(?:打算|准备)(?:去|[明下过年放托给])|[年节]后(?!走|回)|下个?[月周礼](?!.{0,4}回)|明年|开春"
    r"|将(?:赴|于|去|外)|拟(?:托|于|赴|将)|届时|到时|[就都]?要去"
)
_ALREADY = re.compile(
    r"现在|眼下|目前|平时|平常|平日|一直|一向|已经?|打小|从小|自小|自幼|断奶|而家|这阵|这会儿|如今|现由|常年|长期|跟着|带着"
    r"|湊|凑|(?:了|住|睡)[一二两三四五六七八九十半几\d]+[个年天周]"
)
_MAY_BE_QUOTED = frozenset({"teacher", "neighbour", "doctor", "committee", "other"})
_SAID = re.compile(
    r"(?:就|都|还|跟我)?(?:[说讲](?!一?[句下声]|[个两几]|明(?![天早晚年日])|句?话)|话(?=[我你他她佢]))|的手机"
)
_IS = re.compile(r"(?:是|系|係|作为|身为)[^,，。 ]{0,4}$")
_OF_SOMEBODY = re.compile(r"孩|娃|弟|妹|儿子|女儿|闺女|宝|崽|囡|学生|一个人|自己在|没人")
_OF_AN_ANIMAL = re.compile(r"狗|猫|金毛|泰迪|宠物")
_CANNOT = re.compile(r"[^,，。 ]{0,4}(?:管|顾|照顾|照看|照料|带|忙|应付)不(?:过来|了|上|到)")


def fitting(facts: Sequence[Found], intent: str, text: str) -> list[Found]:
    """The facts of a message that its likeliest intent allows, and the one it implies.

    Of an old person alone no child's facts are told; in a child's own words "I" is the child; where
    an adult reports, nobody is the child. Of a registration for a time to come nobody is the carer yet; of several
    counts the largest is told; a bare move tells of no case, but may show that a child writes.

    Args:
        facts: spans in the text as written.
        intent: the likeliest, in full.
        text: as written.
    """
    unfit = _NOT_OF.get(intent.partition("/")[0], frozenset())
    if intent == "preregister_child" and _is_only_planned(text):
        unfit = unfit | {"carer"}
    facts = [
        f
        for f in facts
        if f.entity not in unfit and not _cannot_cope(f, text) and not _is_quoted(f, text)
    ]
    if intent == "out_of_scope" and not _tells_of_somebody(text):
        facts = [f for f in facts if f.entity not in _OF_A_CHILD or f.entity == "relation"]
    if intent in _NOTHING_TOLD:
        child = not _GROWN_UP_WRITES.search(text)
        return [f for f in facts if f.entity not in _OF_A_CASE or (child and _is_self(f))]
    if intent == "correct_information":
        return _put_right(facts)
    facts = _in_all(facts)
    if intent == "report_emergency" and _GROWN_UP_WRITES.search(text):
        return [fact for fact in facts if not _is_self(fact)]
    if intent in ("report_emergency", "withdraw_report"):
        return facts
    if intent == "report_elder_alone":
        return [fact for fact in facts if fact.entity not in _OF_A_CHILD]
    if intent in _NO_CHILD_WRITES:
        return [fact for fact in facts if not _is_self(fact)]
    told = any(fact.entity == "relation" for fact in facts)
    writer = _I.search(text) if intent == "child_seeking_help" and not told else None
    return [*facts, Found("relation", "self", *writer.span())] if writer else list(facts)


def _is_self(fact: Found) -> bool:
    return (fact.entity, fact.value) == ("relation", "self")


def _is_only_planned(text: str) -> bool:
    """Whether a registration tells of a time to come: who will have the child has it not yet."""
    plain = to_simplified(text)
    return bool(_PLANNED.search(plain)) and not _ALREADY.search(plain)


def _in_all(facts: Sequence[Found]) -> list[Found]:
    """Of several counts the largest, which is that of all children: "三个,两个男孩一个女孩"."""
    counts = [fact for fact in facts if fact.entity == "child_count"]
    most = max(counts, key=lambda fact: int(fact.value), default=None)
    return [fact for fact in facts if fact.entity != "child_count" or fact is most]


def _put_right(facts: Sequence[Found]) -> list[Found]:
    """Of a correction the new values: of what can only be one, the last that is said."""
    last = {fact.entity: fact for fact in facts if fact.entity in _ONCE}
    return [fact for fact in facts if last.get(fact.entity, fact) is fact]


def _is_quoted(fact: Found, text: str) -> bool:
    """Whether somebody is named only for what they said: who writes tells of them, "班主任说", and is another."""
    others = fact.entity == "relation" and fact.value in _MAY_BE_QUOTED
    if not others or _I.search(text, fact.start, fact.end) or _IS.search(text[: fact.start]):
        return False
    return bool(_SAID.match(to_simplified(text), fact.end))


def _tells_of_somebody(text: str) -> bool:
    """Whether everyday talk may be of a child; a report that is misread for such talk keeps its facts."""
    plain = to_simplified(text)
    return bool(_OF_SOMEBODY.search(plain)) and not _OF_AN_ANIMAL.search(plain)


def _cannot_cope(fact: Found, text: str) -> bool:
    """Whether a committee is named as carer only to say that it cannot care."""
    committee = (fact.entity, fact.value) == ("carer", "committee")
    return committee and bool(_CANNOT.match(text, fact.end))
