"""The page of a case: what was said beside what is known, what happened, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import related, transfers
from bot.cases.followups import is_missed
from bot.cases.ledger import ledger_table
from bot.cases.outcomes import outcome_table
from bot.cases.staff_tables import SeenRow
from bot.cases.tables import CaseRow, ConversationRow
from bot.console.case_facts import facts_of
from bot.console.forms import ActForm
from bot.console.history_words import Told, kind_in_words, outcome_in_words, told
from bot.console.offers import Offers, available, colleagues
from bot.console.pages import Page, Visit, to
from bot.console.reasons import reasons_of, settings_of
from bot.console.transcript import SHOWN, help_sent, lines_of, sources_of
from bot.texts import N_

PRINTED = 5000
"""Lines of a transcript that are printed at most."""
DONE: Mapping[str, str] = MappingProxyType(
    {
        "accept": N_("已接手，现在由您负责。"),
        "give-back": N_("已交回待办。"),
        "assign": N_("已交给同事。"),
        "transfer": N_("已提出转办，等对方答复。"),
        "transfer-accept": N_("已接受转办，现在由您负责。"),
        "transfer-decline": N_("已谢绝转办。"),
        "transfer-revoke": N_("已撤回转办。"),
        "refer": N_("已告知。"),
        "level": N_("级别已改。"),
        "unit": N_("责任单位已改。"),
        "fact": N_("已更正。"),
        "lift": N_("已取消改定。"),
        "note": N_("已写给同事。"),
        "record": N_("已记录。"),
        "schedule": N_("已安排。"),
        "call-off": N_("已取消。"),
        "ledger": N_("台账已更新。"),
        "close": N_("已办结。"),
        "duplicate": N_("已标为重复。"),
        "reopen": N_("已重新打开。"),
        "relate": N_("已记下。"),
    }
)
"""What the page says after an act."""


@dataclass(frozen=True)
class Attempt:
    """An act that was not carried out, to be shown with all that was typed.

    Args:
        key: of the form, as ``close`` or ``fact:carer``.
        problem: why not, in words; empty when the fields themselves say it.
        since: the last line of the history that the person had seen, when others changed the
            case meanwhile.
    """

    key: str
    form: ActForm
    problem: str = ""
    since: int | None = None


@dataclass(frozen=True)
class Held:
    """All that the page shows, read in one transaction."""

    row: CaseRow
    conversation: ConversationRow
    values: Mapping[str, Any] = field(default_factory=dict)


def find(visit: Visit, session: Session, lock: bool = False) -> CaseRow:
    """The case of the address, if it is in the person's sight.

    Args:
        lock: for a change: first the conversation, as a turn does, so that neither waits for the
            other.

    Raises:
        RefusedError: there is none; whether there is one out of sight is not told.
    """
    number = visit.part("case_no").upper()
    query = select(CaseRow).where(CaseRow.case_no == number, visit.staff.sight())
    row: CaseRow | None = session.execute(query).scalar_one_or_none()
    if row is None:
        raise visit.refuse(visit.t("没有这个案件，或不在您的范围内。"), 404)
    if lock:
        session.get(ConversationRow, row.conversation_id, with_for_update=True)
        session.refresh(row, with_for_update=True)
    return row


def show(visit: Visit) -> Response:
    """The page of a case; that it was read is written into the audit."""
    return render(visit)


def render(visit: Visit, attempt: Attempt | None = None, status: int = 200) -> Response:
    """The page of a case, with an act that was not carried out if there was one."""
    with visit.database.writing() as session:
        row = find(visit, session)
        _note_first_look(visit, session, row)
        held = _read(visit, session, row)
        mark_read(visit, session, row)
    t = visit.t
    offers = Offers(row, held.values["workers"], t, {attempt.key: attempt.form} if attempt else {})
    done = visit.query("done")
    return visit.page(
        "case.html",
        status,
        case=row,
        conversation=held.conversation,
        offers=offers,
        attempt=attempt,
        changed=_changed(held.values["history"], attempt),
        done=t(DONE[done]) if done in DONE and not attempt else "",
        done_act=done,
        outcomes=outcome_table(),
        **held.values,
    )


def _read(visit: Visit, session: Session, row: CaseRow) -> Held:
    staff, t = visit.staff, visit.t
    transfer = transfers.open_of(session, row) if row.status == "transferred" else None
    sources = sources_of(session, row)
    before = visit.query("before")
    conversation = session.get(ConversationRow, row.conversation_id)
    lines = lines_of(
        session, conversation.id, row, t, int(before) if before.isdecimal() else None, SHOWN
    )
    values = {
        "transfer": transfer,
        "acts": available(staff, row, transfer),
        "lines": lines,
        "facts": facts_of(row, sources, visit.now, t),
        "reasons": reasons_of(row, t),
        "settings": settings_of(row, t),
        "history": told(row.history, t),
        "followups": _followups(row, visit),
        "ledger": _ledger(row, visit),
        "related": _related(visit, session, row),
        "helped": help_sent(session, row, t),
        "workers": tuple(colleagues(session, row)),
        "outcome": outcome_in_words(row.outcome, t) if row.outcome else "",
        "duplicate_of": _duplicate_of(visit, session, row),
    }
    return Held(row, conversation, values)


def _note_first_look(visit: Visit, session: Session, row: CaseRow) -> None:
    """Write down when somebody who could act on the case first looked at it."""
    if row.first_look_at is None and visit.staff.may("accept"):
        session.refresh(row, with_for_update=True)
        row.first_look_at = row.first_look_at or visit.now
        session.flush()


def mark_read(visit: Visit, session: Session, row: CaseRow) -> None:
    """Write down who read the case and when; last, since the audit lets one in at a time."""
    staff = visit.staff
    visit.audit(session, "case_read", row.case_no)
    seen = session.get(SeenRow, (staff.id, row.id), populate_existing=True)
    if seen is None:
        session.add(SeenRow(staff_id=staff.id, case_id=row.id, at=visit.now))
    else:
        seen.at = visit.now


def _changed(history: list[Told], attempt: Attempt | None) -> list[Told]:
    """What happened since the person had the page, where that is why an act was not done."""
    if attempt is None or attempt.since is None:
        return []
    return [line for line in history if line.id > attempt.since]


def _followups(row: CaseRow, visit: Visit) -> dict[str, list[dict[str, Any]]]:
    """The follow-ups that are open, the earliest due first, and those that are over."""
    t, now = visit.t, visit.now
    rows = [
        {
            "row": each,
            "kind": kind_in_words(each.kind, t),
            "missed": is_missed(each, now),
            "words": _words_of(each.record),
        }
        for each in row.followups
    ]
    planned = [each for each in rows if each["row"].state == "planned"]
    over = [each for each in rows if each["row"].state != "planned"]
    return {
        "planned": sorted(planned, key=lambda each: each["row"].due_at),
        "over": sorted(over, key=lambda each: each["row"].done_at or visit.now, reverse=True),
    }


def _words_of(record: Mapping[str, Any] | None) -> str:
    answer = (record or {}).get("answer") or {}
    return str((record or {}).get("words") or answer.get("text") or "")


def _ledger(row: CaseRow, visit: Visit) -> list[dict[str, Any]]:
    kinds = ledger_table().kinds
    return [
        {"row": each, "kind": visit.t(kinds.get(each.kind, each.kind))}
        for each in row.ledger
        if each.state != "removed"
    ]


def _related(visit: Visit, session: Session, row: CaseRow) -> list[dict[str, Any]]:
    """The related reports that are in the person's sight, those to be decided first."""
    listed = related.listed(row)
    query = select(CaseRow).where(
        CaseRow.case_no.in_([each["case_no"] for each in listed]), visit.staff.sight()
    )
    cases = {case.case_no: case for case in session.execute(query).scalars()}
    found = [
        {
            **each,
            "case": cases[each["case_no"]],
            "why": [visit.t(words) for words in each["why"]],
        }
        for each in listed
        if each["case_no"] in cases
    ]
    return sorted(found, key=lambda each: each["state"] != "suggested")


def _duplicate_of(visit: Visit, session: Session, row: CaseRow) -> str | None:
    if row.duplicate_of is None:
        return None
    query = select(CaseRow.case_no).where(CaseRow.id == row.duplicate_of, visit.staff.sight())
    number: str | None = session.execute(query).scalar_one_or_none()
    return number


def show_printed(visit: Visit) -> Response:
    """The case on paper: everything that is known, said and done; the audit says who printed it."""
    t = visit.t
    with visit.database.writing() as session:
        row = find(visit, session)
        sources = sources_of(session, row)
        values = {
            "facts": facts_of(row, sources, visit.now, t),
            "reasons": reasons_of(row, t),
            "settings": settings_of(row, t),
            "history": told(row.history, t),
            "followups": _followups(row, visit),
            "lines": lines_of(session, row.conversation_id, row, t, None, PRINTED),
            "outcome": outcome_in_words(row.outcome, t) if row.outcome else "",
        }
        visit.audit(session, "case_printed", row.case_no)
    return visit.page("case_print.html", 200, case=row, **values)


def show_talk(visit: Visit) -> Response:
    """A conversation without a report; one with a report is read on the page of its case."""
    number = visit.part("number")
    with visit.database.writing() as session:
        talk = session.get(ConversationRow, int(number)) if number.isdecimal() else None
        if talk is None:
            raise visit.refuse(visit.t("没有这个对话，或不在您的范围内。"), 404)
        whose = select(CaseRow).where(CaseRow.conversation_id == talk.id)
        newest = whose.where(visit.staff.sight()).order_by(CaseRow.id.desc()).limit(1)
        case = session.execute(newest).scalars().first()
        if case is not None:
            return to(f"/cases/{case.case_no}")
        has_case = session.execute(whose.limit(1)).first() is not None
        if has_case or not visit.staff.sees_placeless:
            raise visit.refuse(visit.t("没有这个对话，或不在您的范围内。"), 404)
        before = visit.query("before")
        lines = lines_of(
            session, talk.id, None, visit.t, int(before) if before.isdecimal() else None
        )
        visit.audit(session, "talk_read", None, {"conversation": talk.id})
    return visit.page("talk.html", case=None, conversation=talk, lines=lines)


def settle_talk(visit: Visit) -> Response:
    """Say that a conversation needs nobody any more."""
    number = visit.part("number")
    with visit.database.writing() as session:
        talk = (
            session.get(ConversationRow, int(number), with_for_update=True)
            if number.isdecimal()
            else None
        )
        whose = select(CaseRow.id).where(CaseRow.conversation_id == (talk.id if talk else None))
        if (
            talk is None
            or not visit.staff.sees_placeless
            or session.execute(whose.limit(1)).first() is not None
        ):
            raise visit.refuse(visit.t("没有这个对话，或不在您的范围内。"), 404)
        before, talk.attention = talk.attention, None
        visit.audit(session, "talk_settled", None, {"conversation": talk.id, "was": before})
    return to("/")


PAGES = (
    Page("/cases/{case_no}", "read", show),
    Page("/cases/{case_no}/print", "read", show_printed),
    Page("/talks/{number}", "read", show_talk),
    Page("/talks/{number}/settle", "note", settle_talk, "POST"),
)
