"""All extractors together.

Coded facts are weighed as wholes (:mod:`nlu.extractors.coded`). Where another fact stands is decided by the
character tagger and the network, whose probabilities are mixed; of those that a message tells once the best is told
(:mod:`nlu.extractors.lone`). Which value it has, the readers say (numbers, times, names). Telephone and case numbers
are read by rule alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from nlu.contract import CODED, NUMBERS, TEXTUAL
from nlu.extractors import coded, learnt, lone
from nlu.extractors.ages import OLDEST_CHILD, find_ages, is_no_age, read_ages
from nlu.extractors.borders import (
    as_unit,
    bordered,
    counted,
    introduced,
    is_away,
    latin_places,
    named_units,
    stated_places,
)
from nlu.extractors.case_numbers import find_case_numbers
from nlu.extractors.found import Found, Value
from nlu.extractors.gaps import find_gaps
from nlu.extractors.kin import is_parent_of_child, parents, sexes_of_kin
from nlu.extractors.learnt import TokenOdds
from nlu.extractors.lone import LEAST, LONE, Stretch
from nlu.extractors.negation import is_denied, is_set_right
from nlu.extractors.numerals import read_count
from nlu.extractors.phones import find_phones
from nlu.extractors.times import iso, read_since
from nlu.network import Network, Reading
from nlu.normaliser import Normalised, written_form
from nlu.thresholds import NUMBERS_FROM, TAGGER_SHARE

_PLACED = TEXTUAL | NUMBERS | {"since"}
"""Entities whose place is found here."""
_UNBROKEN = frozenset({"location"})
"""Two facts of these never touch: what touches is one."""
_AGAINST_ITS_BEST = 0.4
"""How likely every token of a place, a name or an organisation is, against its likeliest one."""
_LATIN_COMMA = re.compile(r"(?<=[A-Za-z0-9]),(?= ?[A-Za-z0-9])")
"""Parts no address: "Flat 5, Block 4"."""
_OF_CHILDREN = frozenset(
    {
        "report_own_difficulty", "report_unattended_child", "child_seeking_help", "report_as_professional",
        "preregister_child", "report_emergency", "inform", "correct_information", "add_information",
    }
)  # fmt: skip
_SURE_SEX = {
    "male": re.compile(
        r"(?<![院去要又快想]生)(?<![院去要又快想]生小)弟弟"
        r"|男[孩娃童婴生宝]|[一两二个]男(?![人子方的朋])|[一两二三]个?男的(?=小?[孩娃]|[一两二三四\d]|都)|个男的(?=小?[孩娃])"
        r"|(?:[孩娃]子?|[一两]个)男的(?=[,.;! ]|$)|^男的?(?=[,.;! ]|$)|一[儿子]一女|一双儿女"
        r"|小子|小男|小儿子|幼子|独子|外?孙子|侄子|[细小男]伢子|[一个细阿]仔(?=[\d一二两三四五六七八九十,得先读喺在我今])"
        r"|\bboys?\b|\bsons?\b"
    ),
    "female": re.compile(
        r"(?<![院去要又快想]生)(?<![院去要又快想]生小)妹妹"
        r"|[一两二]女(?![人子方的])|(?:[孩娃]子?|[一两]个)女的(?=[,.;! ]|$)|^女的?(?=[,.;! ]|$)|一双儿女"
        r"|女儿(?![婿墙女])|女[孩娃童婴生](?![晕病])|丫[头崽]|小女[孩娃儿]|幼女|外?孙女(?!婿)|侄女(?!婿)|妮儿|独生女|孤女|[个阿]囡|大闺女|小闺女"
        r"|\bgirls?\b|\bdaughters?\b"
    ),
}
"""Nouns that are nearly always said of the child; weighed nowhere, since they leave little to weigh."""
_MINDED = re.compile(
    r"(?<!被)(?<!给)(?<!邻居)(?<!隔壁)(?:保安|门卫|房东|老板娘?|店[主员]|社工|警察|民警|女警|护士|钟点工|保姆|物业|志工|志愿者|月嫂|护工"
    r"|司机|工友|室友|[后继][妈爸母父]|工人姐姐|菲佣|保洁|环卫工)(?:阿姨|大叔|叔叔|大姐|太太|伯伯|爷爷|家)?"
    r"(?:轮流|暂时?|先|帮[我忙]?|正|还|两口子|夫妻|一直|临时)*(?:带着|带[他她回]|看着|领[着他她回]|陪[着紧他她]|收留|收养|照[看顾]|喂[着他她]|管[着他她吃]|抱着)(?!自己)"
)
"""Somebody who is no kin and does look after the child."""


@dataclass(frozen=True)
class _Odds:
    """Of one entity at each token: the tagger's probability, the mixed one, and whether a beginning is heard."""

    tagger: list[float]
    at: list[float]
    begins: list[bool]


@dataclass(frozen=True)
class Extractor:
    """Finds every entity of the contract in a message."""

    tagger: learnt.SpanTagger
    fact_names: tuple[str, ...]

    def find(
        self,
        normal: Normalised,
        reading: Reading,
        now: datetime,
        told: Mapping[str, float],
        intents: Mapping[str, float],
    ) -> list[Found]:
        """Facts of a message.

        Args:
            normal: the normalised message.
            reading: what the network says of it.
            now: aware time of the message, for ``since``.
            told: what the n-grams say of each coded fact.
            intents: probability of each intent.

        Returns:
            Facts with spans in the text as written, in its order; a coded fact once.
        """
        text = normal.text
        tokens = self.tagger.marginals(text)
        taken = by_rule(text)
        hearing = coded.Hearing(text, reading, tokens, told, intents)
        spans = coded.chosen(hearing, self.fact_names)
        intent = hearing.intent
        heard = self.stretches(hearing, taken, now)
        spans += [fact for s in heard if s.entity not in LONE for fact in s.facts]
        spans += lone.told(heard, len(text), coded.kinds(intents))
        for span in _unheard(spans, text):
            spans.extend(_valued(span, text, now))
        facts = taken + [
            span
            for span in spans
            if not is_set_right(text, span.start) and not _any_on(span, taken)
        ]
        if not any(fact.entity == "since" for fact in facts):
            for gap in islice(find_gaps(text, facts), 1):
                facts.extend(_valued(gap, text, now))
        if intent == "report_own_difficulty" and all(f.entity != "relation" for f in facts):
            facts.extend(Found("relation", *parent) for parent in parents(text))
        facts.extend(_sexes_of_kin(facts, text))
        if intent in _OF_CHILDREN:
            facts.extend(_sure_sexes(facts, text))
            if not any(fact.entity == "carer" for fact in facts) and (by := _MINDED.search(text)):
                facts.append(Found("carer", "other", *by.span()))
        return as_written(normal, _once(facts))

    def stretches(
        self, hearing: coded.Hearing, taken: Sequence[Found], now: datetime
    ) -> list[Stretch]:
        """Stretches that are heard as an entity without code and tell something.

        Args:
            hearing: of one message.
            taken: what is read by rule alone; a stretch on it tells nothing.
            now: aware time of the message.
        """
        text, tokens = hearing.text, hearing.tokens
        network = self._by_character(text, hearing.reading)
        commas = {match.start() for match in _LATIN_COMMA.finditer(text)}
        glue = [token.start in commas for token in tokens]
        found = []
        for entity in sorted(network):
            odds = _mixed(tokens, network[entity], entity)
            for first, last in _runs(odds, entity, glue):
                start, end = tokens[first].start, tokens[last - 1].end
                span = Found(entity, text[start:end], start, end)
                facts = [f for f in _read(span, hearing, now) if not _any_on(f, taken)]
                if facts:
                    at, tagger = odds.at[first:last], max(odds.tagger[first:last])
                    shares = (tagger, max(network[entity][start:end]), max(at), sum(at) / len(at))
                    found.append(Stretch(facts[0].entity, start, len(at), *shares, tuple(facts)))
        return found

    def _by_character(self, text: str, reading: Reading) -> dict[str, list[float]]:
        """The network's probability of each entity at each character."""
        out: dict[str, list[float]] = {}
        for i, name in enumerate(self.fact_names):
            if name in _PLACED:
                row = out[name] = [0.0] * len(text)
                odds = reading.facts[:, i].tolist()
                for (start, end), value in zip(reading.pieces.spans, odds, strict=False):
                    row[start:end] = [value] * (end - start)
        return out

    @classmethod
    def load(cls, folder: Path, network: Network) -> Extractor:
        """Read a trained extractor that works with a network's readings."""
        tagger = learnt.SpanTagger((folder / learnt.FILE).read_bytes())
        return cls(tagger, network.facts)


def _mixed(tokens: Sequence[TokenOdds], network: Sequence[float], entity: str) -> _Odds:
    tagger, at, begins = [], [], []
    for token in tokens:
        first, inside = token.labels.get("B-" + entity, 0.0), token.labels.get("I-" + entity, 0.0)
        tagger.append(first + inside)
        loudest = max(network[token.start : token.end])
        at.append(TAGGER_SHARE * (first + inside) + (1 - TAGGER_SHARE) * loudest)
        begins.append(entity not in _UNBROKEN and first > inside and first > 0.2)
    return _Odds(tagger, at, begins)


def _runs(odds: _Odds, entity: str, glue: Sequence[bool]) -> list[tuple[int, int]]:
    """First and one past the last token of each stretch that is likely enough at its best.

    Places, names and organisations are parted where they are much less likely than at their best; ``glue`` tells the
    tokens that part no place.
    """
    limit = LEAST if entity in LONE else NUMBERS_FROM[entity]
    edge = LEAST if entity in LONE else limit * 0.6
    if entity != "location":
        glue = [False] * len(glue)
    found = []
    for start, end in _above(odds.at, 0, len(odds.at), edge, glue, odds.begins):
        best = max(odds.at[start:end])
        if best < limit:
            continue
        if entity in TEXTUAL:
            found += _above(odds.at, start, end, best * _AGAINST_ITS_BEST, glue)
        else:
            found.append((start, end))
    return found


def _above(
    at: Sequence[float],
    first: int,
    last: int,
    edge: float,
    glue: Sequence[bool],
    begins: Sequence[bool] = (),
) -> list[tuple[int, int]]:
    """Stretches of tokens from ``edge`` on; glue may stand inside of one, and a beginning parts two."""
    found = []
    start: int | None = None
    end = first
    for i in range(first, last):
        loud = at[i] >= edge
        if start is not None and (not (loud or glue[i]) or (begins and begins[i])):
            found.append((start, end))
            start = None
        if loud:
            start, end = i if start is None else start, i + 1
    return found if start is None else [*found, (start, end)]


def _read(span: Found, hearing: coded.Hearing, now: datetime) -> list[Found]:
    """What a stretch tells once its borders are right; nothing where it cannot be meant."""
    text, intent = hearing.text, hearing.intent
    whole = bordered(span, text)
    if whole is None:
        return []
    if whole.entity == "location" and is_away(whole, text, intent == "report_elder_alone"):
        return []
    if intent == "report_as_professional":
        whole = as_unit(whole, text)
    return [fact for fact in _valued(whole, text, now) if not is_set_right(text, fact.start)]


def _valued(span: Found, text: str, now: datetime) -> list[Found]:
    if span.entity == "age":
        return _ages(span, text)
    value = _value(span, text, now)
    return [] if value is None else [Found(span.entity, value, span.start, span.end)]


def _value(span: Found, text: str, now: datetime) -> Value | None:
    words = text[span.start : span.end]
    if span.entity == "child_count":
        return read_count(words)
    if span.entity == "since":
        moment = read_since(words, now)
        return None if moment is None else iso(moment)
    return words


def _ages(span: Found, text: str) -> list[Found]:
    if is_no_age(text, span.start):
        return []
    inside = [fact for fact in find_ages(text) if fact.start < span.end and fact.end > span.start]
    if inside:
        return inside
    read = [age for age in read_ages(text[span.start : span.end]) if 0 <= age <= OLDEST_CHILD]
    return [
        Found("age", int(age) if age == int(age) else age, span.start, span.end) for age in read
    ]


def _unheard(spans: Sequence[Found], text: str) -> list[Found]:
    """Names, organisations and numbers of children by rule, where tagger and network hear none."""
    said = {span.entity for span in spans}
    found = [*introduced(text), *named_units(text), *counted(text)[:1], *latin_places(text)]
    found += stated_places(text)
    return [fact for fact in found if fact.entity not in said]


def _sexes_of_kin(facts: Sequence[Found], text: str) -> list[Found]:
    """The sex that a writer's word for the child holds beside the relation: 孙子, 外甥女."""
    return [
        Found("sex", value, fact.start + start, fact.start + end)
        for fact in facts
        if fact.entity == "relation"
        for value, start, end in sexes_of_kin(text[fact.start : fact.end])
    ]


def _sure_sexes(facts: Sequence[Found], text: str) -> list[Found]:
    """Sexes by nouns that leave no doubt, where nobody heard them."""
    heard = {fact.value for fact in facts if fact.entity == "sex"}
    found = []
    for value, pattern in _SURE_SEX.items():
        for match in pattern.finditer(text):
            said = not (
                is_denied(text, *match.span())
                or is_set_right(text, match.start())
                or is_parent_of_child(text, *match.span())
            )
            if value not in heard and said:
                found.append(Found("sex", value, *match.span()))
                break
    return found


def by_rule(text: str) -> list[Found]:
    """Telephone and case numbers of a normalised text."""
    return [*find_phones(text), *find_case_numbers(text)]


def _any_on(fact: Found, taken: Sequence[Found]) -> bool:
    return any(fact.start < other.end and fact.end > other.start for other in taken)


def _once(facts: Sequence[Found]) -> list[Found]:
    """Each coded fact once; an age or count found twice at the same place once."""
    kept: dict[tuple[object, ...], Found] = {}
    for fact in sorted(facts, key=lambda fact: fact.start):
        key = (fact.entity, fact.value) if fact.entity in CODED else (fact.entity, fact.start)
        kept.setdefault(key, fact)
    return list(kept.values())


def as_written(normal: Normalised, facts: Sequence[Found]) -> list[Found]:
    """Facts with their spans, and the words of texts, as they stand in the message as written."""
    found = []
    for fact in facts:
        start, end = normal.to_original(fact.start, fact.end)
        value = written_form(normal.original[start:end]) if fact.entity in TEXTUAL else fact.value
        found.append(Found(fact.entity, value, start, end))
    return found
