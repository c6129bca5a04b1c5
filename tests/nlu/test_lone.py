"""A message tells one place, one organisation, one name and one time; the voices decide which."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import numpy as np
import pytest

from nlu.encoder import Pieces
from nlu.extractors import coded, combined, lone
from nlu.extractors.combined import Extractor, _Odds, by_rule
from nlu.extractors.found import Found
from nlu.extractors.learnt import TokenOdds
from nlu.extractors.lone import Stretch
from nlu.extractors.weighed import Scales, scales
from nlu.network import Reading
from nlu.tokeniser import tokenise

LIKELY = coded.kinds({"report_unattended_child": 1.0})


def _place(words: str, start: int, share: float) -> Stretch:
    fact = Found("location", words, start, start + len(words))
    return Stretch("location", start, len(words), share, share, share, share, (fact,))


def test_every_lone_entity_has_a_network_of_the_right_shape() -> None:
    one = _place("桥头村", 0, 0.9)
    count = len(lone.inputs(one, [one], 20, LIKELY))
    assert count == len(lone.VOICES) + len(coded.KINDS)
    for entity in lone.LONE:
        own = scales(entity)
        assert own.values == ()
        assert own.hidden.shape == (len(own.out) - 1, 1 + count)


def test_of_two_places_the_louder_one_is_told() -> None:
    faint, loud = _place("山西矿上", 2, 0.6), _place("翠屏村三组", 20, 0.97)
    for heard in ([faint, loud], [loud, faint]):
        assert lone.told(heard, 30, LIKELY) == list(loud.facts)


def test_what_is_hardly_heard_is_not_told() -> None:
    assert lone.told([_place("桥头村", 3, 0.16)], 30, LIKELY) == []


@pytest.mark.parametrize(("weight", "told"), [(-0.5, True), (-1.5, False)])
def test_a_whole_address_is_told_that_weighs_a_little_too_little(
    monkeypatch: pytest.MonkeyPatch, weight: float, told: bool
) -> None:
    address, place = (
        _place("郑州市登封市大金店镇南寨村8号", 0, 0.5),
        _place("大金店镇那边的南寨村里", 0, 0.5),
    )
    count = len(lone.VOICES) + len(coded.KINDS)
    fixed = Scales(np.zeros((1, 1 + count)), np.array([weight, 0.0]))
    monkeypatch.setattr(lone, "scales", lambda _: fixed)
    assert lone.told([address], 50, LIKELY) == (list(address.facts) if told else [])
    assert lone.told([place], 50, LIKELY) == []


def _runs(at: list[float], entity: str, glue: list[bool] | None = None) -> list[tuple[int, int]]:
    odds = _Odds(at, at, [False] * len(at))
    return combined._runs(odds, entity, glue or [False] * len(at))


def test_a_place_ends_where_it_is_not_half_as_likely() -> None:
    assert _runs([0.2, 0.8, 0.9, 0.6, 0.3, 0.0], "location") == [(1, 4)]
    assert _runs([0.8, 0.3, 0.9], "location") == [(0, 1), (2, 3)]


def test_a_time_keeps_the_words_beside_it() -> None:
    assert _runs([0.2, 0.8, 0.9, 0.6, 0.3, 0.0], "since") == [(0, 5)]


def test_a_comma_parts_no_address_in_latin_letters_and_no_address_ends_with_one() -> None:
    heard, glue = [0.9, 0.0, 0.8, 0.0, 0.0], [False, True, False, True, False]
    assert _runs(heard, "location", glue) == [(0, 3)]
    assert _runs(heard, "location") == [(0, 1), (2, 3)]
    assert _runs(heard, "age", glue) == [(0, 1), (2, 3)]


def _told(text: str, heard: dict[str, str], now: datetime, intent: str = "inform") -> list[Found]:
    """What stretches tell where tagger and network are sure of some words and hear nothing else."""
    tokens = [TokenOdds(piece.start, piece.end, {}) for piece in tokenise(text)]
    facts = np.zeros((len(tokens), len(heard)), np.float32)
    for i, (entity, words) in enumerate(heard.items()):
        start = text.index(words)
        for n, token in enumerate(tokens):
            if start <= token.start < start + len(words) and text[token.start] != ",":
                token.labels["I-" + entity] = facts[n, i] = 0.9
    pieces = Pieces(np.zeros(len(tokens), np.int64), tuple((t.start, t.end) for t in tokens))
    reading = Reading(np.zeros(1, np.float32), facts, pieces)
    hearing = coded.Hearing(text, reading, tokens, {}, {intent: 1.0})
    extractor = Extractor(cast(Any, None), tuple(heard))
    return [f for s in extractor.stretches(hearing, by_rule(text), now) for f in s.facts]


def test_an_address_in_latin_letters_is_one_in_a_chinese_message(now: datetime) -> None:
    text, place = "小朋友一个人喺屋企,Flat 5, Block 4, Kwun Tong", "Flat 5, Block 4, Kwun Tong"
    assert [fact.value for fact in _told(text, {"location": place}, now)] == [place]


def test_a_telephone_number_is_no_place(now: datetime) -> None:
    text = "翠湖村 电话13800138000"
    assert _told(text, {"location": "13800138000"}, now) == []
    assert [fact.value for fact in _told(text, {"location": "翠湖村"}, now)] == ["翠湖村"]


def test_a_place_that_is_the_professionals_own_is_an_organisation(now: datetime) -> None:
    text = "乌海市救助管理站,今早发现一名儿童"
    heard = {"location": "乌海市救助管理站"}
    (own,) = _told(text, heard, now, "report_as_professional")
    assert (own.entity, own.value) == ("organisation", "乌海市救助管理站")
    assert [fact.entity for fact in _told(text, heard, now)] == ["location"]


def test_of_two_ages_in_one_stretch_the_wrong_one_is_dropped(now: datetime) -> None:
    assert [f.value for f in _told("不是5岁,是6岁", {"age": "5岁,是6岁"}, now)] == [6]
