"""Examples without the people in them: stand-ins for names, phones, places and numbers.

What is annotated is replaced by something invented of the same kind, so that the annotation stays
right. What is not annotated but looks like a name, a number or a place makes the example refused:
it is listed with the reason, and a person may leave it or mark what was missed.
"""

import hashlib
import logging
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.extractors.case_numbers import find_case_numbers
from nlu.extractors.phones import find_phones, read_phone
from nlu.extractors.places import find_divisions
from nlu.normaliser import normalise, written_form

PERSONAL = ("person_name", "phone", "location", "organisation", "case_no")
_FILE = Path(__file__).with_name("standins.yml")
_HAN = "\u4e00-\u9fff"
_DIGIT = "0-9０-９零〇一二三四五六七八九幺两"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SPOKEN = dict(zip("零一二三四五六七八九", "0123456789", strict=True)) | {
    "〇": "0", "幺": "1", "两": "2", "o": "0"
}  # fmt: skip
_DATE = re.compile(
    r"(?P<year>(?:19|20)\d{2}\s*[年./-]\s*)?(?P<month>\d{1,2})(?P<between>\s*[月./-]\s*)"
    r"(?P<day>\d{1,2})(?P<after>[日号]?)"
)
_LONG_DIGITS = re.compile(rf"[{_DIGIT}](?:[\s\-]?[{_DIGIT}]){{4,}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@:/-]+")
_LATIN_FINE = frozenset({"ok", "okay", "ct", "icu", "wifi", "app", "qq", "ip", "vx", "dna", "id"})
_HOUSE = re.compile(
    rf"(?<![月{_DIGIT}十百])[{_DIGIT}十百]+(?:号楼|号院|号|栋|幢|单元|室|门|弄)(?!线)|[A-Za-zＡ-Ｚ]座|[东南西北]门\d"
)
_PLACE = re.compile(
    rf"[{_HAN}]{{2}}(?:小区|社区|花园|新村|街道|大厦|公寓|广场|家园|苑|庄|屯|弄|巷|胡同|镇|乡|村|路|街)"
)
_INSTITUTION = re.compile(
    rf"([{_HAN}])(?:医院|卫生院|诊所|小学|中学|高中|初中|大学|一中|二中|三中|幼儿园|派出所|居委会|村委会|"
    rf"福利院|民政局|救助站|工厂|公司|有限)"
)
_EVERYDAY = frozenset(
    "在去到的了是个家送住进从被我们来把叫这那所间县市镇乡村区里外上下读念上向找和跟给，。、！？ 问报打让于往从离近"
)
_SAID_NAME = re.compile(rf"(?:叫做|名叫|小名|大名|名字[是叫]?|姓名[:：是]?|姓|叫)([{_HAN}]{{1,4}})")
_NO_NAME = re.compile(
    r"^(?:我|你|他|她|它|咱|谁|什么|啥|不|了|过|的|来|人|救|医|车|外卖|大人|家长|警|个|一|出|声|喊|做|天|"
    r"孩|娃|爸|妈|爷|奶|阿|老师|是|醒|得|着|起|上|到|几|没|名|字|和|都|也|氏|怎么)"
)
_TWICE = re.compile(rf"([{_HAN}])\1")
_EVERYDAY_WORDS = re.compile(
    "小时|老师|老公|老家|老人|老乡|小孩|小车|小路|阿姨|马路|半路|路上|走路|迷路|带路|公路|铁路|这条路|乡下|街上|逛街|"
    "弄丢|弄坏|弄伤|整条街|城乡|农村|县城"
)
_GONE = "▢"
_NAMES = frozenset({"nr", "nrfg", "nrt", "ns", "nt", "nz"})
"""Names of people, places, institutions and other things, as the tagger calls them."""


class NotSureError(Exception):
    """An example that cannot be scrubbed surely; the message says what may be left of a person."""


@dataclass(frozen=True)
class Marked:
    """A stretch of a text and what it says."""

    entity: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True)
class Example:
    """A message with its intent and its facts."""

    text: str
    intent: str
    facts: tuple[Marked, ...] = ()


def scrub(example: Example, known: Iterable[str] = ()) -> Example:
    """The example with stand-ins for everything personal.

    Args:
        known: names, phones, places and organisations that are known of the case; none of them
            may be left.

    Raises:
        NotSureError: something may be left; the message says what kind of thing.
    """
    text = example.text
    if set("[]") & set(text) or "\x00" in text:
        raise NotSureError("it has square brackets, which annotations are made of")
    text = re.sub(r"\s", " ", text)  # a line each; the length stays
    pieces = _Pieces(text, _flat(example.facts))
    scrubbed = pieces.with_stand_ins()
    _must_be_clean(scrubbed, [value for value in known if value])
    _must_not_hold(scrubbed, [text[f.start : f.end] for f in example.facts if f.entity in PERSONAL])
    return replace(scrubbed.example(example.intent), intent=example.intent)


@dataclass(frozen=True)
class _Piece:
    """A stretch of the scrubbed text: free, or said to be a fact."""

    text: str
    fact: Marked | None = None


@dataclass(frozen=True)
class _Scrubbed:
    pieces: tuple[_Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def free(self) -> str:
        """What is left of the person's own words; a mark stands where a stand-in does."""
        return "".join(
            _GONE if piece.fact and piece.fact.entity in (*PERSONAL, "since") else piece.text
            for piece in self.pieces
        )

    def example(self, intent: str) -> Example:
        facts, at = [], 0
        for piece in self.pieces:
            end = at + len(piece.text)
            if piece.fact:
                facts.append(replace(piece.fact, start=at, end=end))
            at = end
        return Example(self.text, intent, tuple(facts))


@dataclass(frozen=True)
class _Pieces:
    text: str
    facts: Sequence[Marked]

    def with_stand_ins(self) -> _Scrubbed:
        found, last = [], 0
        seed = self._seed()
        for at, fact in enumerate(self.facts):
            found.append(_Piece(_dates(self.text[last : fact.start], seed)))
            words = self.text[fact.start : fact.end]
            found.append(_stand_in(fact, words, f"{seed}/{at}"))
            last = fact.end
        found.append(_Piece(_dates(self.text[last:], seed)))
        return _Scrubbed(tuple(piece for piece in found if piece.text))

    def _seed(self) -> str:
        """What stand-ins are chosen by: never what they stand for, so that they tell nothing of it."""
        ends = [0, *(fact.end for fact in self.facts)]
        starts = [*(fact.start for fact in self.facts), len(self.text)]
        free = "".join(self.text[a:b] for a, b in zip(ends, starts, strict=True))
        return re.sub(r"\d", "", free)


def _flat(facts: Sequence[Marked]) -> list[Marked]:
    """Facts in order without any that overlap: the personal one stays, else the longer one."""
    rank = sorted(facts, key=lambda f: (f.entity not in PERSONAL, f.start - f.end, f.start))
    kept: list[Marked] = []
    for fact in rank:
        if all(fact.end <= other.start or fact.start >= other.end for other in kept):
            kept.append(fact)
        elif fact.entity in PERSONAL:
            raise NotSureError("its annotations overlap")
    return sorted(kept, key=lambda f: f.start)


def _stand_in(fact: Marked, words: str, seed: str) -> _Piece:
    makers: dict[str, Callable[[str, str], str]] = {
        "person_name": _name,
        "phone": _phone,
        "location": _place,
        "organisation": _organisation,
        "case_no": _case_no,
        "since": _dates,
    }
    if fact.entity not in makers:
        return _Piece(words, fact)
    said = makers[fact.entity](words, seed)
    value = read_phone(said) if fact.entity == "phone" else said
    return _Piece(said, replace(fact, value=value))


def _name(words: str, seed: str) -> str:
    table, plain = _table(), written_form(words)
    title = next((each for each in table["titles"] if plain.endswith(each)), "")
    bare = plain[: len(plain) - len(title)] if title else plain
    lead = bare[0] if len(bare) == 2 and bare[0] in "老小阿" else ""
    if title or lead:
        return lead + _pick(table["surnames"], words, seed) + title
    if not re.fullmatch(f"[{_HAN}]+", plain):
        raise NotSureError("a name is not in Chinese characters")
    if len(plain) == 1:
        return _pick(table["surnames"], words, seed)
    return _pick(table["names"][2 if len(plain) == 2 else 3], words, seed)


def _phone(words: str, seed: str) -> str:
    signs = [(at, _digit(sign)) for at, sign in enumerate(words) if _digit(sign) is not None]
    digits = "".join(digit for _, digit in signs if digit)
    begins = len(digits) - 11
    if begins not in (0, 2) or not _MOBILE.fullmatch(digits[begins:]):
        raise NotSureError("a phone number that is no mobile number has no stand-in")
    start = _table()["phone_begins"]
    fresh = digits[:begins] + start + f"{_number(seed) % 1000:03}"
    out = list(words)
    spelt = {digit: sign for sign, digit in list(_SPOKEN.items())[:10]}
    for (at, _), digit in zip(signs, fresh, strict=True):
        out[at] = spelt[digit] if words[at] in _SPOKEN else digit
    said = "".join(out)
    if read_phone(said) is None:
        raise NotSureError("a phone number written in a way that has no stand-in")
    return said


def _digit(sign: str) -> str | None:
    if sign in _SPOKEN:
        return _SPOKEN[sign]
    return str(int(sign)) if sign.isdecimal() else None


def _place(words: str, seed: str) -> str:
    table, plain = _table()["places"], written_form(words)
    if plain in _table()["anywhere"]:
        return words
    house = bool(_HOUSE.search(plain) or re.search(r"\d", plain))
    if house and not re.search(f"[{_HAN}]{{2}}", _HOUSE.sub("", plain)):
        return _pick(table["bare_house"], words, seed)
    kind = "division" if find_divisions(plain) or re.search("[县区市镇乡]", plain) else ""
    kind = "_".join(part for part in (kind, "house" if house else "") if part)
    return _pick(table[kind or "name"], words, seed)


def _organisation(words: str, seed: str) -> str:
    table, plain = _table()["organisations"], written_form(words)
    if plain in _table()["anywhere"]:
        return words
    endings = sorted(table["endings"], key=len, reverse=True)
    ending = next((each for each in endings if plain.endswith(each)), None)
    if ending is None:
        raise NotSureError("an organisation whose kind is not known")
    return words if plain == ending else _pick(table["begins"], words, seed) + ending


def _case_no(words: str, seed: str) -> str:
    return f"HT-2001{_number(seed) % 12 + 1:02}-{_letters(seed)}"  # before there was any case


def _letters(seed: str) -> str:
    signs, number = "ABCDEFGHJKMNPQRSTVWXYZ23456789", _number(seed)
    return "".join(signs[number // 31**place % len(signs)] for place in range(5))


def _dates(text: str, seed: str) -> str:
    """Days of the calendar moved to others; words as 昨天 stay."""

    def other(found: re.Match[str]) -> str:
        if not (1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31):
            return found[0]
        if not found["year"] and found["between"].strip() != "月":
            return found[0]
        number = _number(seed)
        month, day = number % 12 + 1, number // 12 % 28 + 1
        return f"{found['year'] or ''}{month}{found['between']}{day}{found['after']}"

    return _DATE.sub(other, text)


def _must_be_clean(scrubbed: _Scrubbed, known: Sequence[str]) -> None:
    """Nothing in the person's own words may be a name, a number or a place.

    Raises:
        NotSureError: something may be.
    """
    free = scrubbed.free
    plain = written_form(free)
    tagged = _tagger().cut(_EVERYDAY_WORDS.sub("，", plain.replace(_GONE, "，")))
    if any(_left(value, plain) for value in known):
        raise NotSureError("a name, phone, place or organisation of its case is not marked")
    if find_phones(normalise(free).text) or _LONG_DIGITS.search(free):
        raise NotSureError("a long number is not marked")
    if find_case_numbers(normalise(free).text):
        raise NotSureError("a case number is not marked")
    if any(word.lower() not in _LATIN_FINE for word in _LATIN.findall(plain)):
        raise NotSureError("foreign letters may be a name or an account")
    if find_divisions(plain) or _HOUSE.search(plain) or _names_a_place(plain):
        raise NotSureError("a place may not be marked")
    if any(found[1] not in _EVERYDAY for found in _INSTITUTION.finditer(plain)):
        raise NotSureError("an organisation may not be marked")
    everyday = _table()["anywhere"]
    if _names_somebody(plain) or any(k in _NAMES and w not in everyday for w, k in tagged):
        raise NotSureError("a name may not be marked")


def _letters_of(text: str) -> str:
    """Letters and figures alone: points may be written wide or not, or be left out."""
    return "".join(filter(str.isalnum, text))


def _left(value: str, plain: str) -> bool:
    said = written_form(value)
    words = _letters_of(said)
    if len(words) > 1 and said not in _table()["anywhere"] and words in _letters_of(plain):
        return True
    digits = re.sub(r"\D", "", said)
    return len(digits) >= 7 and digits[-7:] in re.sub(r"\D", "", plain)


def _must_not_hold(scrubbed: _Scrubbed, words: Sequence[str]) -> None:
    """No personal stretch of the text may stand in it once more.

    Raises:
        NotSureError: one does, or its stand-in happens to be the same.
    """
    for said in words:
        plain = written_form(said)
        if plain in _table()["anywhere"] or plain in _table()["organisations"]["endings"]:
            continue
        if len(plain) > 1 and plain in written_form(scrubbed.text):
            raise NotSureError("a marked name or place is said once more, unmarked")


def _names_a_place(plain: str) -> bool:
    for found in _PLACE.finditer(_EVERYDAY_WORDS.sub("，", plain)):
        if not any(
            sign in _EVERYDAY or sign in "同一几全每条老本某新大小隔" for sign in found[0][:2]
        ):
            return True
    return False


def _names_somebody(plain: str) -> bool:
    table = _table()
    plain = _EVERYDAY_WORDS.sub("，", plain)
    surnames = "".join(table["surnames_known"].split())
    titled = rf"[{surnames}][{_HAN}]?(?:{'|'.join(table['titles'])})|[老小阿][{surnames}]"
    if re.search(titled, plain):
        return True
    if any(not _NO_NAME.match(found[1]) for found in _SAID_NAME.finditer(plain)):
        return True
    return any(found[1] not in table["twice"] for found in _TWICE.finditer(plain))


def _pick(choices: Sequence[str], words: str, seed: str) -> str:
    """One of the choices, for the same seed always the same, and not the words themselves."""
    others = [choice for choice in choices if choice != words]
    return others[_number(seed) % len(others)]


def _number(seed: str) -> int:
    digest = hashlib.sha256(b"stand-in/" + seed.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:6], "big")


@lru_cache(maxsize=1)
def _tagger() -> Any:
    """Splits a text into words and says what kind each is."""
    import jieba
    from jieba.posseg import POSTokenizer

    jieba.setLogLevel(logging.ERROR)
    words = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        words.tmp_dir = folder  # its cache is never read from a folder that others write to
        words.initialize()
    return POSTokenizer(words)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return table
