"""The rows that the database makes itself of a few thousand sealed values (see ``many_cases``)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cases import search
from bot.cases.sealed import Sealed
from bot.cases.tables import (
    ConversationRow,
    FollowupRow,
    HistoryRow,
    InboxRow,
    OutboxRow,
    TranscriptRow,
)
from tests.support.bulk import Bulk
from tests.support.many_talks import LINES, PLACE, TALKS, Talks

_KEPT = timedelta(days=30)
"""How long messages and replies are kept beside the transcript, and where a talk stands."""
_TALK_SECONDS = 20 * LINES
_IDLE_TALKS = 20
"""For one conversation without a case there are so many with one."""
_STATE = {
    "slots": {"report": {"facts": {}, "sources": {}, "outcome": "filed"}, "filler": "。" * 4000},
    "loop": None,
    "offered": [],
    "unclear": None,
}  # as large as a real one after a filed report: 18 KB sealed
_SCRATCH = {
    "fill_line": "talk int, place int, sender text, text text, buttons text, intent text,"
    " confidence float, entities text",
    "fill_place": "estate int, text text, mark text",
    "fill_end": "number int, mark text",
    "fill_one": "name text, value text",
}
_EVENTS = ("begun", "submitted", "assessed", "followups_planned")
_FOLLOWUPS = (("home_visit", 0), ("reminder", 2), ("phone_visit", 10))

Hashed = Callable[[str], str]


class Copies:
    """Makes all rows beside the cases themselves, within a ``Bulk``."""

    def __init__(
        self, bulk: Bulk, talks: Talks, now: datetime, told: Callable[[str], None]
    ) -> None:
        self._bulk = bulk
        self._talks = talks
        self._told = told
        self._now, self._recent = (bulk.moment(at) for at in (now, now - _KEPT))

    def make(self, places: Sequence[tuple[str, str]], hashed: Hashed) -> None:
        """Make them.

        Args:
            places: of each estate the line that names it, and the mark of the place.
        """
        self._told("what is copied")
        for name, columns in _SCRATCH.items():
            self._bulk.run(f"CREATE TABLE {name} ({columns})")
        self._put_lines()
        seal = self._bulk.sealed(TranscriptRow.__table__.c.text)
        rows = ((number, seal(text), mark) for number, (text, mark) in enumerate(places))
        self._bulk.put("fill_place", rows)
        ends = ((n, next(search.phone_marks(f"{n:04}", hashed))) for n in range(10000))
        self._bulk.put("fill_end", ends)
        self._put_ones()
        for statement in self._statements(len(places)):
            self._told(statement.split()[2])
            self._bulk.run(statement)
        for name in _SCRATCH:
            self._bulk.run(f"DROP TABLE {name}")

    def _put_lines(self) -> None:
        columns = TranscriptRow.__table__.c
        seals = [self._bulk.sealed(columns[name]) for name in ("text", "buttons", "entities")]
        known: dict[str, Any] = {}

        def sealed(which: int, value: Any) -> Any:
            key = f"{which}{value}"
            if key not in known:
                known[key] = None if value is None else seals[which](value)
            return known[key]

        rows = (
            (
                talk,
                line.place,
                line.sender,
                sealed(0, line.text),
                sealed(1, line.buttons),
                "inform" if line.sender == "reporter" else None,
                0.9 if line.sender == "reporter" else None,
                sealed(2, line.entities),
            )
            for talk in range(TALKS)
            for line in self._talks.lines(talk)
        )
        self._bulk.put("fill_line", rows)

    def _put_ones(self) -> None:
        told = {"level": "medium", "unit": "committee"}
        item = {
            "kind": "home_visit",
            "rule": "medium.looked",
            "due_at": "2026-11-29T08:00:00+08:00",
        }
        message = {"channel": "web", "sender": "0" * 64, "text": "家里没有吃的了", "kind": "text"}
        ones: tuple[tuple[str, Any, Any], ...] = (
            ("address", ConversationRow.address, "0" * 64),
            ("state", ConversationRow.state, _STATE),
            ("message", InboxRow.message, message | {"at": "2026-11-28T08:00:00+08:00"}),
            ("reply", OutboxRow.reply, {"text": "我记下了。" * 20, "buttons": []}),
            ("assessed", HistoryRow.detail, told),
            ("followups_planned", HistoryRow.detail, {"planned": [item] * 5, "cancelled": []}),
            ("reminder", FollowupRow.content, {"says": "carer_now"}),
        )
        rows = []
        for name, attribute, value in ones:
            (column,) = attribute.property.columns
            assert isinstance(column.type, Sealed)
            rows.append((name, self._bulk.sealed(column)(value)))
        self._bulk.put("fill_one", rows)

    def _statements(self, estates: int) -> list[str]:
        later, unique = self._bulk.later, self._bulk.unique
        one = "(SELECT value FROM fill_one WHERE name = '{}')".format
        kind = " ".join(f"WHEN {n} THEN '{name}'" for n, (name, _) in enumerate(_FOLLOWUPS))
        days = " ".join(f"WHEN {n} THEN {day * 86400}" for n, (_, day) in enumerate(_FOLLOWUPS))
        event = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(_EVENTS))
        due = later("coalesce(c.waits_until, c.created_at)", f"CASE n.n {days} END")
        of_line = f"INSERT INTO transcript ({_LINE_COLUMNS}) SELECT (c.id - 1) * {LINES} + "
        talked = later("c.created_at", str(_TALK_SECONDS))
        return [
            "INSERT INTO conversation (id, channel, person, address, state, language, version,"
            f" created_at, updated_at) SELECT c.id, 'web', {unique('c.id')}, {one('address')},"
            f" CASE WHEN c.created_at > {self._recent} THEN {one('state')} END, 'zh_Hans', 20,"
            f" c.created_at, {talked} FROM report_case c",
            "INSERT INTO conversation (id, channel, person, address, language, version,"
            " created_at, updated_at) SELECT m.most + c.id, 'web', "
            f"{unique('m.most + c.id')}, {one('address')}, 'zh_Hans', 3, c.created_at, {talked}"
            " FROM report_case c, (SELECT max(id) AS most FROM report_case) m"
            f" WHERE c.id % {_IDLE_TALKS} = 0 AND c.created_at > {self._recent}",
            f"{of_line} l.place + 1, c.id, c.id, {later('c.created_at', 'l.place * 20')}, l.sender,"
            " coalesce(l.text, p.text), l.buttons, l.intent, l.confidence, l.entities"
            f" FROM report_case c JOIN fill_line l ON l.talk = c.id % {TALKS}"
            f" LEFT JOIN fill_place p ON l.place = {PLACE} AND p.estate = c.id % {estates}",
            "INSERT INTO inbox (conversation_id, channel, message_key, message, received_at, tries,"
            f" done_at, id) SELECT conversation_id, 'web', {unique('id')}, {one('message')}, at, 0,"
            f" at, id FROM transcript WHERE sender = 'reporter' AND at > {self._recent}",
            "INSERT INTO outbox (conversation_id, reply, created_at, sent_at, failed, id)"
            f" SELECT conversation_id, {one('reply')}, at, at, false, id FROM transcript"
            f" WHERE sender = 'bot' AND at > {self._recent}",
            "INSERT INTO history (id, case_id, at, actor, event, detail)"
            f" SELECT c.id * {len(_EVENTS)} + n.n, c.id, c.created_at, 'reporter',"
            f" CASE n.n {event} END, o.value FROM report_case c CROSS JOIN {_upto(len(_EVENTS))}"
            f" LEFT JOIN fill_one o ON o.name = CASE n.n {event} END",
            "INSERT INTO followup (id, case_id, kind, due_at, state, unit, content, created_at, rule)"
            f" SELECT c.id * {len(_FOLLOWUPS)} + n.n, c.id, CASE n.n {kind} END, {due},"
            " CASE WHEN c.waits_until IS NULL OR c.status = 'new'"
            f" OR n.n = 1 AND {due} <= {self._now} THEN 'done' ELSE 'planned' END, 'committee',"
            f" CASE WHEN n.n = 1 THEN {one('reminder')} END, c.created_at, 'medium.looked'"
            f" FROM report_case c CROSS JOIN {_upto(len(_FOLLOWUPS))} WHERE c.status <> 'draft'",
            "INSERT INTO trace (case_id, mark) SELECT c.id, e.mark FROM report_case c"
            " JOIN fill_end e ON e.number = c.id % 10000",
            "INSERT INTO trace (case_id, mark) SELECT c.id, p.mark FROM report_case c"
            f" JOIN fill_place p ON p.estate = c.id % {estates}",
        ]


_LINE_COLUMNS = (
    "id, conversation_id, case_id, at, sender, text, buttons, intent, confidence, entities"
)


def _upto(count: int) -> str:
    return "(" + " UNION ALL ".join(f"SELECT {n} AS n" for n in range(count)) + ") n"
