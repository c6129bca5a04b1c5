"""One turn, one transaction: message, state, transcript, case and replies are committed together."""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cases import related, search, store
from bot.cases.asked import Answered, take_answer
from bot.cases.notices import notice_of
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation import private
from bot.conversation.alerts import Alerts
from bot.conversation.inbox import Inbox, from_json
from bot.conversation.language import written_in
from bot.conversation.listening import heard, look_over
from bot.conversation.loops import run_here
from bot.conversation.messages import Incoming, Reply
from bot.conversation.receipt_code import hand_out
from bot.conversation.talk import Talk
from bot.conversation.telling import told_by
from bot.conversation.understanding import Understanding, Understood
from bot.database import Database
from bot.meters import Meters
from bot.texts import texts
from bot.walks.draft import Draft

logger = logging.getLogger(__name__)


class Talker(Protocol):
    """Answers one understood message (``bot.conversation.brain.Brain``)."""

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        """Fill the talk with replies, effects and the state after the turn."""


@dataclass(frozen=True)
class TurnResult:
    """What came of a turn: replies, the open question, and the case filed in this turn."""

    conversation_id: int
    replies: tuple[Reply, ...] = ()
    asking: str | None = None
    case_no: str | None = None


@dataclass
class _Before:
    """What a turn starts from, read in one go."""

    incoming: Incoming
    message_key: str
    conversation_id: int
    version: int
    language: str
    held: bool
    state: dict[str, Any]
    cases: list[dict[str, Any]]


@dataclass
class _After:
    """What a turn wants written."""

    understood: Understood
    state: dict[str, Any]
    language: str
    replies: list[Reply] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)


class Turns:
    """Answers messages of the inbox; safe to call from several threads for different people."""

    def __init__(
        self,
        database: Database,
        inbox: Inbox,
        understanding: Understanding,
        talker: Talker,
        clock: Clock,
        alerts: Alerts | None = None,
        meters: Meters | None = None,
    ) -> None:
        self._alerts = alerts
        self._meters = meters or Meters()
        self._database = database
        self._inbox = inbox
        self._understanding = understanding
        self._talker = talker
        self._clock = clock

    def handle(self, inbox_id: int) -> TurnResult | None:
        """Answer one message of the inbox, all or nothing; ``None`` when that was done before.

        An error in understanding or in an action is told to the person, and the message is kept.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database failed; nothing was written.
        """
        before = self._read(inbox_id)
        if before is None:
            return None
        if before.incoming.edits:
            return self._revise(inbox_id, before)
        if wish := private.wish_of(before.incoming, before.state.get("offered") or []):
            return self._answer_privately(inbox_id, before, wish)
        with self._meters.seconds.time():
            return self._answer(inbox_id, before)

    def _answer(self, inbox_id: int, before: _Before) -> TurnResult | None:
        end = "answered"
        while True:
            try:
                after = self._listen(before) if before.held else self._think(before)
            except Exception as error:
                logger.error("a turn failed with %s", type(error).__name__)
                after, end = _apology(before), "failed"
            try:
                result = self._write(inbox_id, before, after)
                self._meters.turns.labels(end if result else "overtaken").inc()
                return result
            except store.NumberTakenError:
                continue  # nothing was written; thinking again draws another number

    def apologise(self, inbox_id: int) -> TurnResult | None:
        """Answer a message that cannot be dealt with: the hotlines, and staff see the talk.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database failed; nothing was written.
        """
        before = self._read(inbox_id)
        return self._write(inbox_id, before, _apology(before)) if before else None

    def _read(self, inbox_id: int) -> _Before | None:
        with self._database.reading() as session:
            row = session.get(InboxRow, inbox_id)
            if row is None or row.done_at is not None:
                return None
            conversation = session.get(ConversationRow, row.conversation_id)
            cases = [_summary(case) for case in store.of_person(session, conversation.id)]
            return _Before(
                incoming=from_json(row.message),
                message_key=row.message_key,
                conversation_id=conversation.id,
                version=conversation.version,
                language=conversation.language,
                held=conversation.held_by is not None,
                state=conversation.state or {},
                cases=cases,
            )

    def _listen(self, before: _Before) -> _After:
        """Understand a message in a chat that a person holds: noted, not answered."""
        understood = self._understanding.of(before.incoming, before.state)
        state, effects = heard(understood, before.state, before.cases, before.message_key)
        return _After(understood, state, before.language, [], effects)

    def _think(self, before: _Before) -> _After:
        incoming, state = before.incoming, before.state
        understood = self._understanding.of(incoming, state)
        words = incoming.text if incoming.kind == "text" and understood.read_as else ""
        hint = incoming.language_hint if not state else ""
        language = written_in(words, hint) or before.language
        if understood.community:
            state = {**state, "community": understood.community.to_json()}
        metadata = {
            **understood.metadata(),
            "now": self._clock.now().isoformat() if self._clock.fixed else incoming.at.isoformat(),
            "message_id": before.message_key,
            "language": language,
            "cases": before.cases,
            "in_form": bool(state.get("loop")),
            "community": state.get("community"),
            "arrived": understood.community is not None,
        }
        talk = Talk(slots=dict(state.get("slots") or {}), loop=state.get("loop"))
        run_here(self._talker.talk(talk, understood.as_rasa(), metadata))
        if understood.maybe_danger and not any("110" in reply.text for reply in talk.replies):
            t = texts(talk.slots.get("language") or language)
            talk.replies.insert(0, Reply(t("要是现在有人有危险，先打 110 或 120，再接着写。")))
        offered = [asdict(button) for reply in talk.replies for button in reply.buttons]
        unclear = understood.text if understood.intent == "nlu_fallback" else None
        after = {
            **state,
            "slots": talk.slots,
            "loop": talk.loop,
            "offered": offered,
            "unclear": unclear,
        }
        return _After(
            understood, after, talk.slots.get("language") or language, talk.replies, talk.effects
        )

    def _write(self, inbox_id: int, before: _Before, after: _After) -> TurnResult | None:
        now = self._clock.now()
        with self._database.writing() as session:
            conversation = session.get(
                ConversationRow, before.conversation_id, with_for_update=True
            )
            row = session.get(InboxRow, inbox_id, populate_existing=True)
            if row.done_at is not None or conversation.version != before.version:
                return None
            row.done_at = now
            conversation.language, conversation.updated_at = after.language, now
            first = _transcribe(session, inbox_id, before, after, now)
            draft, was = _report(after.state), _report(before.state)
            look_over(session, first, before.held, after.understood, (was, draft))
            _mark_beginning(after.state, was, draft, first)
            conversation.state = after.state
            # the case is held: a session lets go of what nobody holds, and would read it again
            _case, filed = _keep_case(session, conversation, after, draft, now)
            for effect in after.effects:
                _apply(session, conversation, effect, (inbox_id, draft.case_no), now)
            related.suggest_for(session, conversation.id, self._inbox.hashed, now)
            search.heard(session, first, self._inbox.hashed)
            if conversation.attention == "idle":
                conversation.attention = None  # the person writes again
            if self._alerts:
                self._alerts.after_turn(session, conversation, now)
            for reply in after.replies:
                session.add(
                    OutboxRow(conversation_id=conversation.id, reply=asdict(reply), created_at=now)
                )
            if filed:
                hand_out(session, conversation.id, filed, after.language, self._inbox.hashed)
        waits = draft.is_open and after.state.get("loop") and not before.held
        asking = draft.asking if waits else None
        return TurnResult(before.conversation_id, tuple(after.replies), asking, filed)

    def _answer_privately(
        self, inbox_id: int, before: _Before, wish: private.Wish
    ) -> TurnResult | None:
        """Answer what is no matter of the dialogue (``bot.conversation.private``)."""
        turn = private.Turn(inbox_id, self._clock.now(), before.language, self._inbox.hashed)
        try:
            done = private.carry_out(self._database, turn, wish)
        except SQLAlchemyError:
            raise
        except Exception as error:
            logger.error("a private wish failed with %s", type(error).__name__)
            return self._write(inbox_id, before, _apology(before))
        if done is None:
            return None
        replies, state = done
        draft = _report(state)
        asking = draft.asking if draft.is_open and state.get("loop") else None
        return TurnResult(before.conversation_id, replies, asking)

    def _revise(self, inbox_id: int, before: _Before) -> TurnResult | None:
        """An edited message: a new wording beside the old one in the transcript, and no answer."""
        now = self._clock.now()
        key = self._inbox.hashed(f"{before.incoming.channel}/{before.incoming.edits}")
        with self._database.writing() as session:
            session.get(ConversationRow, before.conversation_id, with_for_update=True)
            row = session.get(InboxRow, inbox_id, populate_existing=True)
            if row.done_at is not None:
                return None
            row.done_at = now
            query = (
                select(TranscriptRow)
                .join(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
                .where(InboxRow.message_key == key, TranscriptRow.revises_id.is_(None))
            )
            old = session.execute(query).scalars().first()
            line = TranscriptRow(
                conversation_id=before.conversation_id,
                case_id=old.case_id if old else None,
                at=now,
                sender="reporter",
                text=before.incoming.text,
                inbox_id=inbox_id,
                revises_id=old.id if old else None,
            )
            session.add(line)
            search.heard(session, line, self._inbox.hashed)
        return TurnResult(before.conversation_id)


def _summary(case: Any) -> dict[str, Any]:
    return {
        "case_no": case.case_no,
        "status": case.status,
        "unit": case.unit,
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "place": case.facts["facts"].get("location"),
        "notice": notice_of(case),
    }


def _apology(before: _Before) -> _After:
    t = texts(before.language)
    text = t(
        "对不起，我这边出了点问题，您写的已经留下了。急事请直接打 110、120 或 12345；也可以再发一次。"
    )
    understood = Understood(before.incoming.text, "", read_as=None)
    effects = [{"kind": "attention", "why": "human"}]
    replies = [] if before.held else [Reply(text)]
    return _After(understood, dict(before.state), before.language, replies, effects)


def _transcribe(
    session: Session, inbox_id: int, before: _Before, after: _After, now: datetime
) -> TranscriptRow:
    said = after.understood
    lines = [
        TranscriptRow(
            conversation_id=before.conversation_id,
            at=before.incoming.at,
            sender="reporter",
            text=said.text,
            intent=said.read_as or said.intent or None,
            confidence=said.confidence,
            entities=said.entities or None,
            inbox_id=inbox_id,
        )
    ]
    for reply in after.replies:
        buttons = [asdict(button) for button in reply.buttons] or None
        lines.append(
            TranscriptRow(
                conversation_id=before.conversation_id,
                at=now,
                sender="bot",
                text=reply.text,
                buttons=buttons,
            )
        )
    for line in lines:
        session.add(line)
        session.flush()  # one by one: the order of ids is the order of the talk
    return lines[0]


def _report(state: dict[str, Any]) -> Draft:
    return Draft.from_json((state.get("slots") or {}).get("report"))


def _mark_beginning(state: dict[str, Any], was: Draft, draft: Draft, first: TranscriptRow) -> None:
    """Remember with which line of the transcript a report began."""
    if draft.is_open and not (was.is_open or was.outcome == "cancelled"):
        state["began"] = first.id


def _keep_case(
    session: Session, conversation: ConversationRow, after: _After, draft: Draft, now: datetime
) -> tuple[CaseRow | None, str | None]:
    """Write the open report down as a case; the case, and its number if this turn filed it."""
    if not draft.case_no or after.state.get("settled") == draft.case_no:
        return None, None
    told = told_by(draft, after.state.get("community"))
    case = store.save(session, conversation, told, now)
    store.take_transcript(session, case, conversation.id, after.state.get("began", 0))
    if not told.filed:
        return case, None
    conversation.state = {**after.state, "settled": draft.case_no}
    return case, draft.case_no


def _apply(
    session: Session,
    conversation: ConversationRow,
    effect: dict[str, Any],
    here: tuple[int, str | None],
    now: datetime,
) -> None:
    """Carry out what an action asked for; ``here`` is the message and the report it came in."""
    inbox_id, open_report = here
    case = store.find(session, effect.get("case_no") or open_report or "")
    if effect["kind"] == "attention":
        if conversation.attention != "danger":
            conversation.attention = effect["why"]
        if case is not None:
            store.note(case, now, "reporter", "attention", effect["why"])
        return
    if case is None or case.conversation_id != conversation.id:
        return
    session.execute(
        update(TranscriptRow)
        .where(TranscriptRow.inbox_id == inbox_id, TranscriptRow.case_id.is_(None))
        .values(case_id=case.id)
        .execution_options(synchronize_session=False)
    )
    if effect["kind"] == "add":
        store.add_information(case, effect["text"], effect["facts"], now)
    elif effect["kind"] == "followup":
        take_answer(case, Answered.from_json(effect), now)
    elif effect["kind"] == "withdraw":
        store.withdraw(case, now)
