"""The queue: what is to be done, the most urgent first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import worklist
from bot.cases.tables import CaseRow, ConversationRow
from bot.cases.vocabulary import LEVELS, REPORT_TYPES, STATUSES, UNITS
from bot.cases.worklist import Cursor, Wish
from bot.clock import SHANGHAI
from bot.console.entries import ATTENTION, entries
from bot.console.filters import FILTERS, spell
from bot.console.pages import Page, Visit
from bot.console.rights import stem_of, within
from bot.texts import N_
from bot.walks.divisions import below, name_of

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": LEVELS,
    "status": STATUSES,
    "unit": UNITS,
    "type": REPORT_TYPES,
}
_SWITCHES = ("mine", "unread")
_HELD = N_("还在对话")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Talk:
    """A conversation that needs a person and has no case."""

    number: int
    why: str
    words: str
    channel: str
    waiting: str
    held_by: str | None


def asked(visit: Visit) -> dict[str, str]:
    """What the address asks for: the fields of the filter that have a value which exists."""
    found = {
        name: visit.query(name) for name, all_ in _CHOICES.items() if visit.query(name) in all_
    }
    found |= {name: "1" for name in _SWITCHES if visit.query(name) == "1"}
    region = visit.query("region")
    if region in _known_regions(visit, region):
        found["region"] = region
    return found


def wish_of(visit: Visit) -> Wish:
    """What the address asks for, as conditions."""
    fields = asked(visit)
    return Wish(
        level=fields.get("level", ""),
        status=fields.get("status", ""),
        unit=fields.get("unit", ""),
        report_type=fields.get("type", ""),
        where=within(fields["region"]) if "region" in fields else None,
        mine=visit.staff.name if "mine" in fields else "",
        unread_by=visit.staff.id if "unread" in fields else None,
    )


def filtered(visit: Visit) -> Any:
    """A query for all cases that the queue's address asks for and the person may see."""
    wish = wish_of(visit)
    query = select(CaseRow).where(visit.staff.sight(), *wish.conditions())
    return query if wish.ended else query.where(CaseRow.urgency.is_not(None))


def show(visit: Visit) -> Response:
    """The queue."""
    fields = asked(visit)
    return visit.page(
        "queue.html",
        choices=_CHOICES,
        words=FILTERS,
        regions=_regions(visit, fields.get("region", "")),
        **_state(visit, fields),
    )


def show_list(visit: Visit) -> Response:
    """What of the queue changes by itself; the page asks for it again and again."""
    return visit.page("queue_list.html", **_state(visit, asked(visit)))


def _state(visit: Visit, fields: Mapping[str, str]) -> dict[str, Any]:
    staff, now, sight = visit.staff, visit.now, visit.staff.sight()
    after = _read_cursor(visit.query("after"))
    with visit.database.reading() as session:
        shown = worklist.page(session, sight, wish_of(visit), now, after)
        talks = _talks(session, visit)
        alarms = worklist.alarming(session, sight)
        return {
            "entries": entries(session, visit, shown.ids),
            "counts": worklist.count(session, sight, staff.name, staff.id, now),
            "alarms": [*alarms, *(f"talk-{each.number}" for each in talks if each.why == "danger")],
            "talks": talks if not fields and not after else [],
            "chip": _address(fields),
            "more": _address({**fields, "after": _write_cursor(shown.after)})
            if shown.after
            else "",
            "front": _address(fields) if after else "",
            "asked": fields,
            "most": worklist.MOST,
        }


def _talks(session: Session, visit: Visit) -> list[Talk]:
    if not visit.staff.sees_placeless:
        return []
    return [_talk(row, visit) for row in worklist.talks(session)]


def _talk(row: ConversationRow, visit: Visit) -> Talk:
    return Talk(
        number=row.id,
        why=row.attention or "held",
        words=visit.t(ATTENTION.get(row.attention, _HELD)),
        channel=row.channel,
        waiting=visit.t("等了 {span}", span=spell(visit.now - row.updated_at, visit.t)),
        held_by=row.held_by,
    )


def _regions(visit: Visit, chosen: str) -> list[tuple[str, str]]:
    """The regions to choose from: those around the chosen one and those directly in it."""
    codes = _known_regions(visit, chosen)
    return [(code, name_of(code) or code) for code in codes]


def _known_regions(visit: Visit, chosen: str) -> list[str]:
    home = visit.staff.region
    around = [chosen[:2] + "0000", chosen[:4] + "00", chosen] if chosen else []
    inner = len(stem_of(home))
    path = [
        code
        for code in dict.fromkeys(around)
        if name_of(code) and code.startswith(stem_of(home)) and len(stem_of(code)) > inner
    ]
    here = path[-1] if path else home
    return [*path, *below(here)]


def _address(fields: Mapping[str, str]) -> str:
    return f"/?{urlencode(fields)}" if fields else "/"


def _write_cursor(cursor: Cursor) -> str:
    times = [(at - _EPOCH) // _TICK if at else "" for at in (cursor.now, cursor.at)]
    return f"{times[0]}-{cursor.piece}-{times[1]}-{cursor.id}"


def _read_cursor(text: str) -> Cursor | None:
    """The cursor of an address; ``None`` when it is none of ours: then it is the first page."""
    try:
        now, piece, at, number = (int(part) if part else None for part in text.split("-"))
        if now is None or piece is None or number is None or abs(number) >= 2**31:
            return None
        return Cursor(_moment(now), piece, _moment(at) if at is not None else None, number)
    except (ValueError, OverflowError):
        return None


def _moment(ticks: int) -> datetime:
    return (_EPOCH + ticks * _TICK).astimezone(SHANGHAI)


PAGES = (
    Page("/", "read", show),
    Page("/queue-list", "read", show_list, quiet=True),
)
