"""What a person asks for beside the dialogue: to have everything deleted, or how a report stands.

These moves are commands and buttons. They need the database and nothing of the dialogue, whose
state stays where it is; so they are answered here, each in one transaction like any turn.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from actions.states import STATUS
from bot.cases import erasing, receipt_codes
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.conversation.inbox import from_json
from bot.conversation.messages import PAGE, Button, Incoming, Reply
from bot.database import Database
from bot.prepared import LOCKED
from bot.texts import Texts, texts

Move = Literal["ask", "delete", "keep", "status"]
_LONGEST = 120
_STATUS = re.compile(
    r"\s*(?:/status|查一?下?进度|查询进度|查询|status)?[\s:]*(HT-?\d{6}-?[0-9A-Z]{5})[\s,、]+"
    r"(?:查询码|代码|code)?[\s:]*([0-9A-Z]{4}-?[0-9A-Z]{4})\s*[。.]?\s*",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"HT-?(\d{6})-?([0-9A-Z]{5})")
_PRESSES: dict[str, Move] = {"delete:yes": "delete", "delete:no": "keep"}


@dataclass(frozen=True)
class Wish:
    """What is asked for; ``shown`` is how the transcript tells of it, ``asked`` number and code."""

    move: Move
    shown: str
    asked: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Turn:
    """The turn that a wish came in: the message, the moment, the language, the keyed hash."""

    inbox_id: int
    now: datetime
    language: str
    hashed: Callable[[str], str]


@dataclass(frozen=True)
class _Here:
    """A turn with its rows, inside its transaction."""

    session: Session
    talk: ConversationRow
    inbox: InboxRow
    now: datetime
    t: Texts
    hashed: Callable[[str], str]


def wish_of(incoming: Incoming, offered: list[dict[str, str]]) -> Wish | None:
    """What a message asks for beside the dialogue; ``None`` for everything else.

    Args:
        offered: the buttons that were offered last, which may be pressed by typing their titles.
    """
    text = unicodedata.normalize("NFKC", incoming.text[: _LONGEST + 1])
    titles = {button["title"]: button["payload"] for button in offered}
    text = text if titles.get(text.strip()) not in _PRESSES else titles[text.strip()]
    if incoming.edits or len(text) > _LONGEST:
        return None
    if incoming.kind in ("command", "text") and (found := _STATUS.fullmatch(text)):
        number = "HT-{}-{}".format(*_NUMBER.fullmatch(found[1].upper()).groups())  # type: ignore[union-attr] # the same pattern
        return Wish("status", f"/status {number} ····-····", (number, found[2]))
    if incoming.kind in ("command", "text") and re.fullmatch(r"\s*/delete(@\w+)?\s*", text):
        return Wish("ask", "/delete")
    if incoming.kind in ("press", "text") and text in _PRESSES:
        return Wish(_PRESSES[text], "")
    return None


def carry_out(
    database: Database, turn: Turn, wish: Wish
) -> tuple[tuple[Reply, ...], dict[str, Any]] | None:
    """Carry a wish out and write the answer down, in one transaction.

    Returns:
        the replies and where the dialogue stands; ``None`` when it was answered before.
    """
    with database.writing() as session:
        row = session.get(InboxRow, turn.inbox_id)
        talk = session.get(ConversationRow, row.conversation_id, with_for_update=LOCKED)
        session.refresh(row)
        if row.done_at is not None:
            return None
        row.done_at = talk.updated_at = turn.now
        here = _Here(session, talk, row, turn.now, texts(turn.language), turn.hashed)
        return _answer(here, wish), talk.state or {}


def _answer(here: _Here, wish: Wish) -> tuple[Reply, ...]:
    if wish.move == "delete":
        return _delete(here)
    if wish.move == "status":
        reply = _status(here, wish.asked)
        # the code was in the message, too
        here.inbox.message = {**here.inbox.message, "text": wish.shown}
    elif wish.move == "keep":
        reply = Reply(here.t("好的，什么也没有删。"))
    else:
        reply = _ask(here.t)
    _write(here, wish.shown or here.t("不删除"), reply)
    if reply.buttons:
        state = here.talk.state or {}
        offered = [asdict(button) for button in reply.buttons] + (state.get("offered") or [])
        here.talk.state = {**state, "offered": offered}
    return (reply,)


def _ask(t: Texts) -> Reply:
    return Reply(
        t(
            "要删除您在这里说过的一切吗？您写的话、姓名、电话和联系方式都会删掉，找不回来。"
            "还没办完的报告和说到危险的报告，孩子的情况会留给工作人员，好让孩子有人管，"
            "但不再写着是谁说的。其余的报告整份删掉。"
        ),
        (Button(t("确定删除"), "delete:yes"), Button(t("不删除"), "delete:no")),
    )


def _delete(here: _Here) -> tuple[Reply, ...]:
    wish = erasing.look_at(here.session, here.talk, here.now)
    t = here.t
    if wish.waits:
        erasing.put_off(here.session, here.talk, here.now)
        reply = Reply(
            t(
                "您说过有危险，可是我们还不知道孩子在哪里，只有通过您才能找到孩子。"
                "所以您的信息最多再留三天，到时自动删除。您也可以现在把地方告诉我，再发一次 /delete。"
                "有危险马上打 110、120。"
            )
        )
        _write(here, t("确定删除"), reply)
        return (reply,)
    stays = t("为了保护孩子，有 {n} 份报告只留下孩子的情况，不再写着是谁说的。", n=len(wish.stay))
    parts = [
        t("已经删除：您写的话、姓名、电话都不在了，您的联系方式一天之内也会删掉。"),
        stays if wish.stay else "",
        t("您手机上的聊天记录，请您自己删。"),
        t("还需要帮助，随时再写。有危险马上打 110、120。"),
    ]
    reply = Reply("\n".join(part for part in parts if part))
    # written before the rest goes: the numbers of lines never go back, which the web page counts on
    lines = _write(here, t("确定删除"), reply, sends=False)
    erasing.erase(here.session, here.talk, here.now, here.hashed, spare=lines)
    _send(here, reply)
    return (reply,)


def _status(here: _Here, asked: tuple[str, str]) -> Reply:
    """The state alone: how it stands and until when somebody looks, nothing of what was told."""
    t = here.t
    try:
        case = receipt_codes.look_up(here.session, here.talk.id, asked, here.now, here.hashed)
    except receipt_codes.LockedError:
        return Reply(t("试的次数太多了，明天再来。在提交报告的那个聊天里，随时能查。"))
    if case is None:
        return Reply(t("没有查到。请核对编号和查询码；在提交报告的那个聊天里，不用查询码也能查。"))
    return Reply(_state(case, t))


def _state(case: CaseRow, t: Texts) -> str:
    line = t("报告 {case_no}：{status}。", case_no=case.case_no, status=t(STATUS[case.status]))
    if case.status == "new" and case.due_at:
        line += t("最迟 {due} 前会有人看。", due=t.moment(case.due_at))
    return line


def _write(here: _Here, shown: str, reply: Reply, sends: bool = True) -> list[int]:
    """Write both lines into the transcript, and the reply into the outbox; the lines' ids."""
    ids = []
    for sender, text, buttons in (("reporter", shown, ()), ("bot", reply.text, reply.buttons)):
        line = TranscriptRow(
            conversation_id=here.talk.id,
            at=from_json(here.inbox.message).at if sender == "reporter" else here.now,
            sender=sender,
            text=text,
            buttons=[asdict(button) for button in buttons] or None,
            inbox_id=here.inbox.id if sender == "reporter" else None,
        )
        here.session.add(line)
        here.session.flush()  # one by one: the order of ids is the order of the talk
        ids.append(int(line.id))
    if sends:
        _send(here, reply)
    return ids


def _send(here: _Here, reply: Reply) -> None:
    left = here.now if here.talk.channel == PAGE else None  # a page reads its replies itself
    row = OutboxRow(
        conversation_id=here.talk.id, reply=asdict(reply), created_at=here.now, sent_at=left
    )
    here.session.add(row)
