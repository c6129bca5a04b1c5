"""A word to the staff chat as soon as a child is in danger, whether the report is finished or not.

It is put into the outbox by the turn itself, so it is neither lost nor sent for a turn that did
not happen. It holds no content: the level, the county, the number and a link.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.tables import CaseRow, ConversationRow, OutboxRow
from bot.cases.vocabulary import ENDED
from bot.conversation.inbox import Inbox
from bot.conversation.messages import Reply
from bot.prepared import Prepared, Transaction
from bot.texts import texts

CHANNEL = "alert"
_WITHOUT_A_CASE = "-"
_CRITICAL = Prepared(
    select(CaseRow.case_no)
    .where(
        CaseRow.conversation_id == bindparam("conversation"),
        CaseRow.level == "critical",
        *(CaseRow.status != ended for ended in ENDED),
    )
    .order_by(CaseRow.id)
)


class Alerts:
    """Tells the staff chat of critical turns.

    Args:
        chat: the chat's address on Telegram.
        console: the public address of the staff console.
        inbox: knows how addresses are looked up.
    """

    def __init__(self, chat: str, console: str, inbox: Inbox) -> None:
        self._chat = chat
        self._console = console.rstrip("/")
        self._inbox = inbox

    def after_turn(self, session: Transaction, talk: Any, now: datetime) -> None:
        """Queue a word for what has become critical, once for each case.

        Args:
            talk: its ``id`` and ``attention`` are asked, its ``state`` asked and set.
        """
        known = (talk.state or {}).get("alerted", [])
        session.flush()
        cases = [number for (number,) in session.rows(_CRITICAL, conversation=talk.id)]
        new = [number for number in cases if number not in known]
        if not cases and talk.attention == "danger" and _WITHOUT_A_CASE not in known:
            new = [_WITHOUT_A_CASE]
        if not new:
            return
        talk.state = {**(talk.state or {}), "alerted": [*known, *new]}
        chat = self._staff_chat(session, now)
        for number in new:
            reply = Reply(self._worded(store.find(session, number), talk.id))
            row = OutboxRow(conversation_id=chat.id, reply=reply.to_json(), created_at=now)
            session.add(row)

    def _worded(self, case: CaseRow | None, talk_id: int) -> str:
        t = texts("zh_Hans")
        if case is None:
            link = f"{self._console}/talks/{talk_id}"
            return t("【极急】有人说到危险，还没有报告。\n{link}", link=link)
        place = case.facts["facts"].get("location") or {}
        county = "".join(place.get(name) or "" for name in ("province", "city", "county"))
        return t(
            "【极急】{case_no}，{place}，{state}。\n{link}",
            case_no=case.case_no,
            place=county or t("地方还不清楚"),
            state=t("还没写完") if case.status == "draft" else t("已提交"),
            link=f"{self._console}/cases/{case.case_no}",
        )

    def _staff_chat(self, session: Session, now: datetime) -> ConversationRow:
        row = self._inbox.find(session, CHANNEL, self._chat)
        if row is None:
            row = ConversationRow(
                channel=CHANNEL,
                person=self._inbox.hashed(self._chat),
                address=self._chat,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
        return row
