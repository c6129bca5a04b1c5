"""Voices are weighed; weights fit what they are multiplied with."""

from __future__ import annotations

import numpy as np
import pytest

from nlu import lexicon
from nlu.contract import CODED, VALUES
from nlu.encoder import Pieces
from nlu.extractors import coded, combined, lone
from nlu.extractors.coded import Candidate
from nlu.extractors.weighed import WEIGHTS, scales
from nlu.network import Reading


def test_every_entity_that_is_weighed_has_a_network_of_the_right_shape() -> None:
    assert set(lexicon.load(WEIGHTS)) == CODED | lone.LONE
    for entity in CODED:
        own = scales(entity)
        assert set(own.values) == set(VALUES[entity])
        numbers = len(coded.VOICES) + len(coded.KINDS) + len(own.values)
        assert own.hidden.shape == (len(own.out) - 1, 1 + numbers)


def test_kinds_of_intent_share_what_is_likely() -> None:
    likely = coded.kinds(
        {"faq/privacy": 0.3, "faq/hotlines": 0.2, "faq/supplies": 0.1, "affirm": 0.3}
    )
    assert len(likely) == len(coded.KINDS)
    assert likely[coded.KINDS.index("faq")] == 0.3 + 0.2
    assert likely[coded.KINDS.index("faq/supplies")] == 0.1
    assert likely[coded.KINDS.index("move")] == 0.3


def test_what_all_voices_hear_is_told_and_what_none_hears_is_not() -> None:
    likely = coded.kinds({"report_unattended_child": 1.0})
    loud = Candidate("carer", "nobody", 0, 3, (5.0, 3.0, -3.0, -3.0, 1.0, 1.0, 0, 0, 0.3, 0.5))
    faint = Candidate("carer", "nobody", 0, 3, (-5.0, -4.0, 1.0, 1.0, 0, 0, 0, 1.0, 1.0, 0.5))
    assert coded.score(loud, likely) > 0 > coded.score(faint, likely)


def test_a_fact_stands_on_all_pieces_that_are_likely_enough() -> None:
    spans = ((0, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 4))
    shares = np.array([[0.5], [0.2], [0.8], [0.9], [0.1], [0.9]], dtype=np.float32)
    reading = Reading(np.zeros(1, np.float32), shares, Pieces(np.arange(6), spans))
    hearing = coded.Hearing("在没人管", reading, (), {}, {"inform": 1.0})
    found = coded.candidates(hearing, ["need=care"])
    assert [(c.entity, c.value, c.start, c.end) for c in found] == [("need", "care", 1, 3)]
    silent = coded.Hearing(
        "在没人管", Reading(reading.intents, shares * 0.01, reading.pieces), (), {}, {}
    )
    assert coded.candidates(silent, ["need=care"]) == []


def test_a_grown_man_or_a_lady_is_no_child() -> None:
    text = "那个男的又来了,男孩躲着"
    assert coded._of_another(text, "sex=male", 2, 4)
    assert not coded._of_another(text, "sex=male", 8, 10)
    assert not coded._of_another("这个男的五岁", "sex=male", 2, 4)
    assert coded._of_another("有个陌生男人", "sex=male", 4, 6)
    assert coded._of_another("王女士", "sex=female", 1, 2)
    assert not coded._of_another("一个女孩", "sex=female", 2, 4)


@pytest.mark.parametrize(
    ("text", "sexes"),
    [
        ("那个男的又来了", []),
        ("妈妈的一个男朋友", []),
        ("一个男的,五岁", ["male"]),
        ("楼下有个男的小孩一个人", ["male"]),
        ("三个孩子,两个男的一个女的", ["male", "female"]),
        ("两个小孩,一男一女", ["male", "female"]),
        ("妈妈去医院生小弟弟", []),
        ("弟弟五岁", ["male"]),
    ],
)
def test_nouns_that_leave_no_doubt_of_the_sex(text: str, sexes: list[str]) -> None:
    assert [fact.value for fact in combined._sure_sexes([], text)] == sexes
