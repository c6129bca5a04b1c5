"""What words mean as an answer to "孩子现在有人照顾了吗"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.walks.answers import READERS
from nlu.normaliser import written_form

OPEN_FOR = timedelta(hours=48)
"""How long a question stays open."""

_NOT_YET = re.compile(
    "(还是|还|仍然|暂时|目前|现在)*(没有?|冇|无)(有)?(人|大人|谁|来|到|找到|呢|啊|呀|的|了|[，,。.!！ ]|$).*"
    "|(not yet|no|nobody|no one)\\b.*",
    re.IGNORECASE,
)
_NOT_BACK = re.compile(".{0,6}(没有?|未|冇|不)(来|回|在|到|出院).*")
_COMING = re.compile("在.{0,4}路上|快到了")
_FINE = re.compile("没(有)?(什么)?(问题|事|关系)了?.*")
_THERE = re.compile(
    "(现在|已经|今天|刚|刚刚|都|也|嗯|对|是的?|[，, ])*(有(大)?人|有了|有的|(已经)?安排好|接走|接回|回来了|到家了|在照顾|照顾着|看着呢).*"
    "|(yes|someone|somebody)\\b.*",
    re.IGNORECASE,
)
_PARENT = "(爸|妈|父亲|母亲|家长|监护人|家里人|家人|大人)"
_PARENT_BACK = re.compile(
    f".{{0,4}}{_PARENT}妈?爸?[^没不未冇]{{0,4}}(来了|回来|回家|到家|在家|在这).*"
)
_PARENT_THERE = re.compile(f"有[，, ]*(我|他|她|孩子)?{_PARENT}.{{0,3}}")
_VISITED = re.compile(".*(看过|来过|送(了|来)).*")
_CHANGED = re.compile("(现在)?情况(又|有)?(变|不一样|不同).*")
_NOD = re.compile(
    "(好|行|可以|收到|知道|没问题|没关系|ok|okay)[的了啊呀嘞吧,，。.!！ ]*", re.IGNORECASE
)
"""Says that the question was read, and nothing about the child."""
_TAKES_BACK = re.compile("撤回|撤销|取消|不用(管|来|查|麻烦)|不需要|别来")
_OTHERS = re.compile("还有.{0,6}(孩子|小孩|娃|人家)|另外|别的|别人家|另一")
"""Another child than the one who was asked about."""
_BARE = frozenset({"affirm", "deny"})
_TELLS = frozenset({"inform", "add_information", "correct_information", "withdraw_report"})
_SHORT = 12
"""Characters up to which words count as an answer even where the model reads something else."""


@dataclass(frozen=True)
class Reply:
    """What somebody wrote while a question was open.

    Args:
        text: the words.
        intent: what the model read, and ``sure`` whether it may be believed.
        facts: whether the words tell facts.
        child: whether a child was asked; a child who tells of itself answers.
    """

    text: str
    intent: str
    sure: bool = True
    facts: bool = False
    child: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether it surely is about something else, for all that the model read."""
        own = self.child and self.intent == "child_seeking_help"
        return self.sure and not own and self.intent not in _BARE | _TELLS


def open_question(slots: dict[str, Any] | None, at: datetime) -> dict[str, Any] | None:
    """The question of a reminder that still waits for an answer, or ``None``.

    Args:
        slots: the conversation's; ``followup_asked`` holds id, case_no, at and child.
        at: when the message came, aware.
    """
    asked: dict[str, Any] | None = (slots or {}).get("followup_asked")
    if asked is None or at - datetime.fromisoformat(asked["at"]) > OPEN_FOR:
        return None
    return asked


def carer_in(text: str, at: datetime) -> str | None:
    """Who is with the child now, as the words say it."""
    found: str | None = READERS["carer"](text, at)
    return found


def read_answer(reply: Reply, at: datetime) -> str | None:
    """Which answer the words are, or ``None`` when they are about something else.

    A brother or sister is no grown-up: the answer is that nobody is there yet.
    """
    plain = written_form(reply.text).strip()
    if _TAKES_BACK.search(plain) or _OTHERS.search(plain) or _NOD.fullmatch(plain):
        return None
    if _CHANGED.fullmatch(plain) or (_VISITED.fullmatch(plain) and not reply.elsewhere):
        return "changed"
    if (not reply.elsewhere or len(plain) <= _SHORT) and (said := _said(plain, at)):
        return said
    if reply.elsewhere:
        return None
    if reply.sure and reply.intent in _BARE:
        return "there" if reply.intent == "affirm" else "not_yet"
    if reply.sure and reply.intent == "withdraw_report":
        return "there"
    tells = reply.sure and reply.intent in ("add_information", "child_seeking_help")
    return "changed" if reply.facts or tells else None


def _said(plain: str, at: datetime) -> str | None:
    """The answer that the words themselves give."""
    carer = carer_in(plain, at)
    if carer in ("nobody", "sibling") or _COMING.search(plain):
        return "not_yet"
    if _NOT_YET.fullmatch(plain) and not _FINE.fullmatch(plain):
        return "not_yet"
    if carer or any(p.fullmatch(plain) for p in (_THERE, _PARENT_BACK, _PARENT_THERE)):
        return "there"
    return "not_yet" if _NOT_BACK.fullmatch(plain) else None
