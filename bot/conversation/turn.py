"""One turn, one transaction: message, state, transcript, case and replies are committed together.

Turns of different people may share a transaction; when one of them breaks it, each has its own.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from bot.cases import related, search, store
from bot.cases.notices import notice_of
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, TranscriptRow
from bot.clock import Clock
from bot.conversation import plans, private
from bot.conversation.alerts import Alerts
from bot.conversation.edits import revise
from bot.conversation.effects import carry_out
from bot.conversation.inbox import Inbox, from_json
from bot.conversation.language import written_in
from bot.conversation.listening import heard
from bot.conversation.loops import run_here
from bot.conversation.messages import Incoming, Reply
from bot.conversation.receipt_code import HandedOut, hand_out
from bot.conversation.talk import Talk
from bot.conversation.telling import told_by
from bot.conversation.understanding import Understanding, Understood
from bot.conversation.writing import (
    Conversation,
    Kept,
    Line,
    keep_case,
    lock,
    mark_done,
    write_heard,
    write_replies,
    write_talk,
)
from bot.database import Database
from bot.meters import Counting, Meters
from bot.prepared import Prepared, Transaction
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


_OPEN_MESSAGE = Prepared(
    select(
        InboxRow.message,
        InboxRow.message_key,
        ConversationRow.id,
        ConversationRow.version,
        ConversationRow.language,
        ConversationRow.held_by,
        ConversationRow.state,
    )
    .join(ConversationRow)
    .where(InboxRow.id == bindparam("number"), InboxRow.done_at.is_(None))
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
        meters: Counting | None = None,
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
        with self._database.reading() as session:
            before = self._read(session, inbox_id)
        return self._handle(inbox_id, before) if before else None

    def handle_together(self, inbox_ids: Sequence[int]) -> dict[int, TurnResult | None]:
        """Answer messages of different people, each all or nothing, and commit once.

        Returns:
            what came of each; one that is missing is to be answered by itself, as all are when
            one of them breaks: nothing was written then.

        Raises:
            sqlalchemy.exc.OperationalError, InterfaceError: the database is away; nothing was written.
        """
        begun = time.perf_counter()
        try:
            with self._database.reading() as session:
                read = [(number, self._read(session, number)) for number in inbox_ids]
            befores = {number: before for number, before in read if before and _is_ordinary(before)}
            afters = {number: self._answered(before) for number, before in befores.items()}
            now = self._clock.now()
            with self._database.writing() as session:
                done = {
                    number: self._write_down(session, number, befores[number], after, now)
                    for number, after in afters.items()
                }
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.warning("people are answered one by one after %s", type(error).__name__)
            return {}
        for result in done.values():
            self._meters.turn_ended("answered" if result else "overtaken")
            self._meters.turn_took(time.perf_counter() - begun)
        return done

    def _handle(self, inbox_id: int, before: _Before) -> TurnResult | None:
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
        if wish := _wish_of(before):
            return self._answer_privately(inbox_id, before, wish)
        begun = time.perf_counter()
        try:
            return self._answer(inbox_id, before)
        finally:
            self._meters.turn_took(time.perf_counter() - begun)

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
                self._meters.turn_ended(end if result else "overtaken")
                return result

    def _answered(self, before: _Before) -> _After:
        return self._listen(before) if before.held else self._think(before)

    def apologise(self, inbox_id: int) -> TurnResult | None:
        """Answer a message that cannot be dealt with: the hotlines, and staff see the talk.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database failed; nothing was written.
        """
        with self._database.reading() as session:
            before = self._read(session, inbox_id)
        return self._write(inbox_id, before, _apology(before)) if before else None

    def _read(self, session: Transaction, inbox_id: int) -> _Before | None:
        found = session.row(_OPEN_MESSAGE, number=inbox_id)
        if found is None:
            return None
        message, key, number, version, language, held_by, state = found
        return _Before(
            incoming=from_json(message),
            message_key=key,
            conversation_id=number,
            version=version,
            language=language,
            held=held_by is not None,
            state=plans.worded(session, state or {}),
            cases=list(map(_summary, store.known_of(session, number))),
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
        offered = [button.to_json() for reply in talk.replies for button in reply.buttons]
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
            return self._write_down(session, inbox_id, before, after, now)

    def _write_down(
        self, session: Transaction, inbox_id: int, before: _Before, after: _After, now: datetime
    ) -> TurnResult | None:
        was, draft = Draft(), Draft()
        if not after.failed:  # what stood before still stands, and may be what broke the turn
            was, draft = _report(before.state), _report(after.state)
        found = lock(session, before.conversation_id, before.version)
        if found is None or not mark_done(session, inbox_id, now):
            return None
        talk = Conversation(
            before.conversation_id,
            before.incoming.channel,
            after.language,
            None if found[0] == "idle" else found[0],  # the person writes again
            after.state,
        )
        told = None if after.failed else _told(after.state, draft)
        kept = keep_case(session, talk, told, now) if told else None
        handed = self._hand_out(session, kept, after)
        message, held = (inbox_id, before.incoming.at), before.held and not after.failed
        line = write_heard(session, talk, message, after.understood, (was, draft), held)
        write_replies(session, talk, after.replies, handed, now)
        open_report = _take_lines(session, talk, (was, draft), kept, line)
        if after.failed:
            open_report = _begun(session, before, line)
        effects = [
            carry_out(session, talk, effect, (inbox_id, open_report), now)
            for effect in after.effects
        ]
        about = None if before.held else kept
        self._find_again(session, line, about, [case for case in effects if case], now)
        if self._alerts:
            self._alerts.after_turn(session, talk, now)
        write_talk(session, talk, now)
        waits = draft.is_open and after.state.get("loop") and not before.held
        asking = draft.asking if waits else None
        filed = draft.case_no if kept and kept.filed else None
        return TurnResult(before.conversation_id, tuple(after.replies), asking, filed)

    def _hand_out(self, session: Transaction, kept: Kept | None, after: _After) -> HandedOut | None:
        if kept is None or kept.filed is None:
            return None
        return hand_out(session, kept.filed, after.replies, after.language, self._inbox.hashed)

    def _find_again(
        self,
        session: Transaction,
        line: Line,
        kept: Kept | None,
        changed: list[CaseRow],
        now: datetime,
    ) -> None:
        """Let the cases that this turn told of be found by it, and by what else may be the same."""
        filed = [kept.filed] if kept and kept.filed else []
        for case in {case.id: case for case in [*filed, *changed]}.values():
            if case.status != "withdrawn":
                related.suggest(session, case, self._inbox.hashed, now)
        told = [text for case in changed for text in search.told_in(case)]
        told += kept.fresh() if kept else []
        search.heard(session, line, self._inbox.hashed, kept.case if kept else None, told)

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


def _wish_of(before: _Before) -> private.Wish | None:
    return private.wish_of(before.incoming, before.state.get("offered") or [])


def _is_ordinary(before: _Before) -> bool:
    """Whether a message is neither an edit of an earlier one nor a matter of its own."""
    return not before.incoming.edits and _wish_of(before) is None


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


def _report(state: dict[str, Any]) -> Draft:
    return Draft.from_json((state.get("slots") or {}).get("report"))


def _told(state: dict[str, Any], draft: Draft) -> store.Told | None:
    """What is to be written down of the report, where there is one that is not settled."""
    if not draft.case_no or state.get("settled") == draft.case_no:
        return None
    return told_by(draft, state.get("community"))


def _take_lines(
    session: Transaction,
    talk: Conversation,
    reports: tuple[Draft, Draft],
    kept: Kept | None,
    line: Line,
) -> str | None:
    """Give the report its lines, and remember with which of them it began; the report's number."""
    was, draft = reports
    if draft.is_open and not (was.is_open or was.outcome == "cancelled"):
        talk.state = {**talk.state, "began": line.id}
    if kept is not None:
        store.take_transcript(session, kept.case.id, talk.id, talk.state.get("began", 0))
        if kept.filed:
            talk.state = {**talk.state, "settled": draft.case_no}
    return draft.case_no


def _begun(session: Transaction, before: _Before, line: Line) -> str | None:
    """The number of the report that is being written, which gets the lines from ``line`` on."""
    query = (
        select(CaseRow)
        .join(TranscriptRow, TranscriptRow.case_id == CaseRow.id)
        .where(TranscriptRow.conversation_id == before.conversation_id, TranscriptRow.id < line.id)
        .order_by(TranscriptRow.id.desc())
        .limit(1)
    )
    case = session.execute(query).scalars().first()
    if case is None or case.status != "draft":
        return None
    store.take_transcript(session, case.id, before.conversation_id, line.id)
    return str(case.case_no)
