"""One turn, one transaction: message, state, transcript, case and replies are committed together."""

import asyncio
import logging
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cases import related, store
from bot.cases.asked import Answered, take_answer
from bot.cases.notices import notice_of
from bot.cases.tables import ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox, from_json
from bot.conversation.language import written_in
from bot.conversation.messages import Incoming, Reply
from bot.conversation.talk import Talk
from bot.conversation.understanding import Understanding, Understood
from bot.database import Database
from bot.texts import texts
from bot.walks.draft import Draft

logger = logging.getLogger(__name__)
_loops = threading.local()


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
    ) -> None:
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
        while True:
            try:
                after = self._think(before)
            except Exception as error:
                logger.error("a turn failed with %s", type(error).__name__)
                after = _apology(before)
            try:
                return self._write(inbox_id, before, after)
            except store.NumberTakenError:
                continue  # nothing was written; thinking again draws another number

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
                state=conversation.state or {},
                cases=cases,
            )

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
        _run(self._talker.talk(talk, understood.as_rasa(), metadata))
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
            draft = Draft.from_json((after.state.get("slots") or {}).get("report"))
            _mark_beginning(after.state, before.state, draft, first)
            conversation.state = after.state
            filed = _keep_case(session, conversation, after, draft, now)
            for effect in after.effects:
                _apply(session, conversation, effect, (inbox_id, draft.case_no), now)
            related.suggest_for(session, conversation.id, self._inbox.hashed, now)
            for reply in after.replies:
                session.add(
                    OutboxRow(conversation_id=conversation.id, reply=asdict(reply), created_at=now)
                )
        asking = draft.asking if draft.is_open and after.state.get("loop") else None
        return TurnResult(before.conversation_id, tuple(after.replies), asking, filed)

    def _revise(self, inbox_id: int, before: _Before) -> TurnResult | None:
        """An edited message: a new wording beside the old one in the transcript, and no answer."""
        now = self._clock.now()
        key = self._inbox.hashed(f"{before.incoming.channel}/{before.incoming.edits}")
        with self._database.writing() as session:
            row = session.get(InboxRow, inbox_id)
            if row.done_at is not None:
                return None
            row.done_at = now
            query = (
                select(TranscriptRow)
                .join(InboxRow, InboxRow.id == TranscriptRow.inbox_id)
                .where(InboxRow.message_key == key, TranscriptRow.revises_id.is_(None))
            )
            old = session.execute(query).scalars().first()
            session.add(
                TranscriptRow(
                    conversation_id=before.conversation_id,
                    case_id=old.case_id if old else None,
                    at=now,
                    sender="reporter",
                    text=before.incoming.text,
                    inbox_id=inbox_id,
                    revises_id=old.id if old else None,
                )
            )
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
    return _After(understood, dict(before.state), before.language, [Reply(text)], effects)


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


def _mark_beginning(
    state: dict[str, Any], before: dict[str, Any], draft: Draft, first: TranscriptRow
) -> None:
    """Remember with which line of the transcript a report began."""
    was = Draft.from_json((before.get("slots") or {}).get("report"))
    if draft.is_open and not (was.is_open or was.outcome == "cancelled"):
        state["began"] = first.id


def _keep_case(
    session: Session, conversation: ConversationRow, after: _After, draft: Draft, now: datetime
) -> str | None:
    """Write the open report down as a case; the case number if this turn filed it."""
    if not draft.case_no or after.state.get("settled") == draft.case_no:
        return None
    told = _told(draft, after.state.get("community"))
    case = store.save(session, conversation, told, now)
    store.take_transcript(session, case, conversation.id, after.state.get("began", 0))
    if not told.filed:
        return None
    conversation.state = {**after.state, "settled": draft.case_no}
    return draft.case_no


def _told(draft: Draft, poster: dict[str, Any] | None) -> store.Told:
    hidden = ("consent", "confirm", "role")
    return store.Told(
        case_no=draft.case_no or "",
        report_type=draft.walk,
        questionnaire=draft.script.version,
        facts={name: value for name, value in draft.facts.items() if name not in hidden},
        unanswered=draft.unanswered,
        sources=draft.sources,
        narrative=draft.narrative,
        filed=draft.outcome == "filed",
        cancelled=draft.outcome == "cancelled",
        poster=poster,
    )


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


def _run(coroutine: Any) -> Any:
    """Run a coroutine on this thread's own loop."""
    loop = getattr(_loops, "loop", None)
    if loop is None:
        loop = _loops.loop = asyncio.new_event_loop()
    return loop.run_until_complete(coroutine)
