"""Finding cases by number, phone, name, place and the words of the transcript.

The text itself lies sealed. What a case is found by are keyed hashes: of its phone
(``TraceRow``), and of each pair of neighbouring characters of what was said and of names, places
and the number's last letters (``WordMarkRow``). A search looks the hashes of its own pairs up,
newest case first, and opens what it finds to see whether the words really stand there.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import opencc
import phonenumbers
from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import aliased

from bot.cases.staff_tables import WordMarkRow
from bot.cases.tables import CaseRow, TraceRow, TranscriptRow
from bot.prepared import Prepared, Transaction

Hashed = Callable[[str], str]

PAGE = 20
"""Cases on a page of results."""
_OPENED = 200
"""Cases that one search opens at most to see whether the words stand there."""
_MOST_PAIRS = 24
"""Pairs of a query that are looked up; the words are compared in full anyway."""
_COUNTED = 2000
_NUMBER = re.compile(r"HT-?(\d{6})-?([2-9A-HJKMNP-Z]{5})")
_PHONE = re.compile(r"[+\d][\d\s().-]{6,}")
_PHONE_ENDS = 4
_REGIONS = ("CN", "HK", "MO", "TW")
_PLACES = ("text", "province", "city", "county", "township", "detail")


@dataclass(frozen=True)
class Found:
    """A page of results, the newest case first.

    Args:
        ids: of the cases.
        after: the id behind which the next page begins, ``None`` when there is nothing more.
        by: what was found by: ``number``, ``phone`` or ``words``.
        short: whether a word was too short to be looked for (two characters are needed).
    """

    ids: tuple[int, ...] = ()
    after: int | None = None
    by: str = "words"
    short: bool = False


def find(
    session: Transaction, sight: Any, query: str, hashed: Hashed, after: int | None = None
) -> Found:
    """The cases in a person's sight that a query is about.

    Args:
        sight: the condition on ``CaseRow`` that holds for what the person may see.
        query: a number or its last letters, a phone or its last four digits, or words, all of
            which must stand in the case.
        after: where the page before ended.
    """
    conditions = [sight] if after is None else [sight, CaseRow.id < after]
    if number := _NUMBER.fullmatch(_plain(query).upper()):
        named = CaseRow.case_no == f"HT-{number[1]}-{number[2]}"
        return _listed(session, conditions, named, "number")
    if marks := _phones(query, hashed):
        with_phone = select(TraceRow.case_id).where(TraceRow.mark.in_(marks))
        found = _listed(session, conditions, CaseRow.id.in_(with_phone), "phone")
        if found.ids:
            return found
    words = [word for word in map(normal, query.split()) if word]
    if not words or any(len(word) < 2 for word in words):
        return Found(short=bool(words))
    return _with_words(session, conditions, words, hashed)


_CASE_OF_LINE = Prepared(select(TranscriptRow.case_id).where(TranscriptRow.id == bindparam("line")))
_NEWEST_CASE = Prepared(
    select(CaseRow.id)
    .where(CaseRow.conversation_id == bindparam("conversation"))
    .order_by(CaseRow.id.desc())
    .limit(1)
)
_MARKS_OF_CASE = Prepared(select(WordMarkRow.mark).where(WordMarkRow.case_id == bindparam("case")))
_MARK = Prepared(
    sql("INSERT INTO word_mark (mark, case_id) VALUES (:mark, :case) ON CONFLICT DO NOTHING")
)
_SAID = Prepared(
    select(TranscriptRow.text).where(
        or_(
            TranscriptRow.case_id == bindparam("case"),
            and_(
                TranscriptRow.conversation_id == bindparam("conversation"),
                TranscriptRow.case_id.is_(None),
                TranscriptRow.at >= bindparam("begun"),
            ),
        ),
        TranscriptRow.sender != "bot",
    )
)


def heard(
    session: Transaction,
    line: Any,
    hashed: Hashed,
    case: Any = None,
    told: Iterable[str] = (),
) -> None:
    """Let the case that a new line belongs to be found by it, in the transaction of the line.

    A line that no case has belongs to the newest case of its conversation, if there is one.

    Args:
        line: its ``id``, ``conversation_id`` and ``text`` are asked.
        case: the case that the line belongs to, where that is known.
        told: what the case holds since this line, besides the line itself.
    """
    if case is None:
        session.flush()
        number = session.value(_CASE_OF_LINE, line=line.id)
        number = number or session.value(_NEWEST_CASE, conversation=line.conversation_id)
    else:
        number = case.id
    if number is None:
        return
    known = _marks_of(session, number)
    if known:
        _add_marks(session, number, word_marks((line.text, *told), hashed) - known)
    else:
        take_in(session, case or session.get(CaseRow, number), hashed)


def take_in(session: Transaction, case: Any, hashed: Hashed) -> None:
    """Let a case be found by what it holds now, its whole transcript included."""
    session.flush()
    texts = (*told_in(case), *_said_in(session, case))
    _add_marks(session, case.id, word_marks(texts, hashed) - _marks_of(session, case.id))


def _marks_of(session: Transaction, number: int) -> set[int]:
    return {mark for (mark,) in session.rows(_MARKS_OF_CASE, case=number)}


def _add_marks(session: Transaction, number: int, fresh: set[int]) -> None:
    session.insert_all(_MARK, [{"mark": mark, "case": number} for mark in sorted(fresh)])


def word_marks(texts: Iterable[str], hashed: Hashed) -> set[int]:
    """The marks of all pairs of neighbouring characters of some texts."""
    pairs = {pair for text in texts for pair in _pairs(normal(text))}
    return {_mark(pair, hashed) for pair in pairs}


def phone_marks(phone: str | None, hashed: Hashed) -> Iterator[str]:
    """What a case is found by besides the phone itself: its last digits."""
    if phone:
        yield hashed(f"trace/phone-end/{phone[-_PHONE_ENDS:]}")


def normal(text: str) -> str:
    """The letters, characters and digits of a text, simplified and small, without anything else."""
    kept = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))
    return _simplified()(kept).casefold()


@cache
def _simplified() -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def _plain(query: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", query))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _mark(pair: str, hashed: Hashed) -> int:
    return zlib.crc32(hashed(f"word/{pair}").encode()) & 0x7FFF_FFFF


def _phones(query: str, hashed: Hashed) -> list[str]:
    """The marks of a phone that somebody typed, however they wrote it."""
    plain = _plain(query)
    if plain.isdigit() and len(plain) == _PHONE_ENDS:
        return [*phone_marks(plain, hashed)]
    if not _PHONE.fullmatch(plain):
        return []
    numbers = set()
    for region in _REGIONS:
        try:
            parsed = phonenumbers.parse(plain, region)
        except phonenumbers.NumberParseException:
            continue
        numbers.add(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return [hashed(f"trace/phone/{number}") for number in sorted(numbers)]


def _listed(session: Transaction, conditions: list[Any], which: Any, by: str) -> Found:
    query = select(CaseRow.id).where(which, *conditions).order_by(CaseRow.id.desc())
    ids = list(session.execute(query.limit(PAGE + 1)).scalars())
    return Found(tuple(ids[:PAGE]), ids[PAGE - 1] if len(ids) > PAGE else None, by)


def _with_words(
    session: Transaction, conditions: list[Any], words: list[str], hashed: Hashed
) -> Found:
    pairs = sorted({pair for word in words for pair in _pairs(word)})
    marks = _rarest_first(session, [_mark(pair, hashed) for pair in pairs])
    ids: list[int] = []
    opened, behind = 0, None
    while opened < _OPENED:
        more: list[Any] = [] if behind is None else [CaseRow.id < behind]
        some = list(session.execute(_marked(marks, [*conditions, *more])).scalars())
        for case in _opened(session, some):
            opened, behind = opened + 1, case.id
            if _stands_in(session, case, words):
                ids.append(case.id)
                if len(ids) == PAGE:
                    return Found(tuple(ids), case.id)
        if len(some) < PAGE:
            return Found(tuple(ids))
    return Found(tuple(ids), behind)


def _rarest_first(session: Transaction, marks: list[int]) -> list[int]:
    """The marks of a query, the rarest first: that one is followed, the others are only asked."""

    def frequency(mark: int) -> int:
        some = select(WordMarkRow.case_id).where(WordMarkRow.mark == mark).limit(_COUNTED)
        query = select(func.count()).select_from(some.subquery())
        return int(session.execute(query).scalar() or 0)

    return sorted(dict.fromkeys(marks[:_MOST_PAIRS]), key=frequency)


def _marked(marks: list[int], conditions: list[Any]) -> Any:
    first, *others = marks
    leads = aliased(WordMarkRow)
    asked = []
    for mark in others:
        other = aliased(WordMarkRow)
        asked.append(
            exists(
                select(other.mark)
                .where(other.mark == mark, other.case_id == leads.case_id)
                .correlate(leads)
            )
        )
    return (
        select(CaseRow.id)
        .join(leads, and_(leads.case_id == CaseRow.id, leads.mark == first))
        .where(*asked, *conditions)
        .order_by(leads.case_id.desc())
        .limit(PAGE)
    )


def _opened(session: Transaction, ids: list[int]) -> list[CaseRow]:
    query = select(CaseRow).where(CaseRow.id.in_(ids)).order_by(CaseRow.id.desc())
    return list(session.execute(query).scalars())


def _stands_in(session: Transaction, case: CaseRow, words: list[str]) -> bool:
    """Whether every word stands in one of the case's texts."""
    texts = [normal(text) for text in told_in(case)]
    missing = [word for word in words if not any(word in text for text in texts)]
    if not missing:
        return True
    texts = [normal(text) for text in _said_in(session, case)]
    return all(any(word in text for text in texts) for word in missing)


def _said_in(session: Transaction, case: Any) -> list[str]:
    """What the reporter and staff wrote, also what came later and belongs to no case."""
    lines = session.rows(
        _SAID, case=case.id, conversation=case.conversation_id, begun=case.created_at
    )
    return [said for (said,) in lines]


def told_in(case: Any) -> Iterator[str]:
    """The texts of a case besides its transcript: last letters of the number, name, place, words."""
    yield case.case_no.rpartition("-")[2]
    facts = case.facts["facts"]
    place = facts.get("location") or {}
    told = [facts.get("name"), facts.get("organisation"), *(place.get(part) for part in _PLACES)]
    yield from (text for text in told if isinstance(text, str))
    yield from (case.facts.get("narrative") or "").split("\n")
