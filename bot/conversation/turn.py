"""One turn, one transaction: message, state, transcript, case and replies are committed together."""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cases import related, search, store
from bot.cases.notices import notice_of
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation import private
from bot.conversation.alerts import Alerts
from bot.conversation.edits import revise
from bot.conversation.effects import carry_out
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
from nlu.extractors.danger import find_dangers

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


_OPEN_MESSAGE = (
    select(InboxRow, ConversationRow)
    .join(ConversationRow)
    .where(InboxRow.id == bindparam("inbox_id"), InboxRow.done_at.is_(None))
)
_LOCKED_TALK = (
    select(ConversationRow).where(ConversationRow.id == bindparam("conversation")).with_for_update()
)
_DONE = (
    update(InboxRow)
    .where(InboxRow.id == bindparam("inbox_id"), InboxRow.done_at.is_(None))
    .values(done_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)


@dataclass
class _After:
    """What a turn wants written."""

    understood: Understood
    state: dict[str, Any]
    language: str
    replies: list[Reply] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    failed: bool = False


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
            key = self._inbox.hashed(f"{before.incoming.channel}/{before.incoming.edits}")
            noted = revise(
                self._database,
                inbox_id,
                before.incoming,
                key,
                self._inbox.hashed,
                self._clock.now(),
            )
            return TurnResult(before.conversation_id) if noted else None
        if wish := private.wish_of(before.incoming, before.state.get("offered") or []):
            return self._answer_privately(inbox_id, before, wish)
        with self._meters.seconds.time():
            return self._answer(inbox_id, before)

    def _answer(self, inbox_id: int, before: _Before) -> TurnResult | None:
        failed = False
        while True:
            try:
                after = _apology(before) if failed else self._answered(before)
                result = self._write(inbox_id, before, after)
            except store.NumberTakenError:
                continue  # nothing was written; thinking again draws another number
            except SQLAlchemyError:
                raise
            except Exception as error:
                logger.error("a turn failed with %s", type(error).__name__)
                if failed:
                    raise  # not even the apology can be written
                failed = True
            else:
                end = "failed" if failed else "answered"
                self._meters.turns.labels(end if result else "overtaken").inc()
                return result

    def _answered(self, before: _Before) -> _After:
        return self._listen(before) if before.held else self._think(before)

    def apologise(self, inbox_id: int) -> TurnResult | None:
        """Answer a message that cannot be dealt with: the hotlines, and staff see the talk.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database failed; nothing was written.
        """
        before = self._read(inbox_id)
        return self._write(inbox_id, before, _apology(before)) if before else None

    def _read(self, inbox_id: int) -> _Before | None:
        with self._database.reading() as session:
            found = session.execute(_OPEN_MESSAGE, {"inbox_id": inbox_id}).first()
            if found is None:
                return None
            row, conversation = found
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
            number = {"conversation": before.conversation_id}
            conversation = session.execute(_LOCKED_TALK, number).scalar_one()
            if conversation.version != before.version:
                return None
            if not session.execute(_DONE, {"inbox_id": inbox_id, "now": now}).rowcount:
                return None
            conversation.language, conversation.updated_at = after.language, now
            first = _transcribe(session, inbox_id, before, after, now)
            draft = Draft()
            # the case is held: a session lets go of what nobody holds, and would read it again
            _case, filed = None, None
            if after.failed:  # what stood before still stands, and may be what broke the turn
                open_report = _begun(session, before, first)
            else:
                draft = _report(after.state)
                _case, filed = _take_over(session, conversation, (before, after), first, now)
                open_report = draft.case_no
            for effect in after.effects:
                carry_out(session, conversation, effect, (inbox_id, open_report), now)
            if not after.failed:
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
    why = "danger" if _sounds_dangerous(before.incoming.text) else "human"
    effects = [{"kind": "attention", "why": why}]
    replies = [] if before.held else [Reply(text)]
    return _After(understood, dict(before.state), before.language, replies, effects, failed=True)


def _sounds_dangerous(text: str) -> bool:
    """Whether the word list hears danger, for a message that nothing else could deal with."""
    try:
        return bool(find_dangers(text))
    except Exception:  # it may be what broke the turn
        return False


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


def _take_over(
    session: Session,
    conversation: ConversationRow,
    turn: tuple[_Before, _After],
    first: TranscriptRow,
    now: datetime,
) -> tuple[CaseRow | None, str | None]:
    """Keep the state after a turn and its report; the case, and its number if this turn filed it."""
    before, after = turn
    draft, was = _report(after.state), _report(before.state)
    look_over(session, first, before.held, after.understood, (was, draft))
    _mark_beginning(after.state, was, draft, first)
    conversation.state = after.state
    return _keep_case(session, conversation, after, draft, now)


def _begun(session: Session, before: _Before, first: TranscriptRow) -> str | None:
    """The number of the report that is being written, which gets the lines from ``first`` on."""
    query = (
        select(CaseRow)
        .join(TranscriptRow, TranscriptRow.case_id == CaseRow.id)
        .where(TranscriptRow.conversation_id == before.conversation_id, TranscriptRow.id < first.id)
        .order_by(TranscriptRow.id.desc())
        .limit(1)
    )
    case = session.execute(query).scalars().first()
    if case is None or case.status != "draft":
        return None
    store.take_transcript(session, case, before.conversation_id, first.id)
    return str(case.case_no)


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
