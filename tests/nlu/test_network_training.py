"""What the network's training learns from: messages that do not touch each other, and facts told wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest

from nlu import network_sums, network_training
from nlu.network_training import NetworkSettings, _Trainer


def test_messages_of_a_batch_do_not_touch_each_other(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(network_sums, "multiplies_halves", lambda: False)
    monkeypatch.setattr(network_training, "dropped", lambda x, _rate: x)
    pieces = np.arange(100, 120)
    settings = NetworkSettings(piece_dropout=0)
    trainer = _Trainer(settings, ("a", "b", "c"), ("since", "sex=male"), pieces)
    rng = np.random.default_rng(1)
    ids = np.array([[3, 7, 2, 0, 0, 0], [5, 1, 9, 4, 8, 6]], dtype=np.int32)
    intents = np.array([2, -1], dtype=np.int32)
    facts = rng.integers(0, 2, size=(2, 6, 2)).astype(np.float32)
    fresh = ("intent_W", "intent_S", "fact_A", "fact_S", "fact_B", "attend_near", "attend_o")
    for name in fresh:  # far from nothing
        array = trainer.weights[name]
        array.assign(rng.normal(size=array.shape).astype(np.float32) * 0.1)

    together = trainer._loss(ids, intents, facts)
    short = trainer._loss(ids[:1, :3], intents[:1], facts[:1, :3])
    long = trainer._loss(ids[1:], intents[1:], facts[1:])

    assert float(together) == pytest.approx((float(short) + float(long)) / 2, rel=1e-5)
    assert float(short) != pytest.approx(float(long), rel=1e-2)


def test_a_coded_fact_is_told_wherever_it_stands_and_only_where_it_is_heard() -> None:
    trainer = _Trainer(NetworkSettings(), ("a", "b"), ("since", "sex=male"), np.arange(100, 110))
    present = np.array([[1, 1, 1, 0]], dtype=np.float32)

    def lost(*scores: float, at: int | None) -> float:
        facts = np.zeros((1, 4, 2), dtype=np.float32)
        if at is not None:
            facts[0, at] = 1
        both = np.repeat(np.array(scores, dtype=np.float32)[None, :, None], 2, axis=2)
        return float(trainer._told(both, facts, present)[0])

    assert lost(4, -5, -5, 9, at=0) == pytest.approx(lost(-5, -5, 4, 9, at=1), rel=1e-5)
    assert lost(4, -5, -5, -9, at=0) < 0.05 < 3 < lost(4, -5, -5, -9, at=None)
    assert (
        lost(-5, -5, -5, 9, at=None) < 0.05 < 3 < lost(-5, -5, -5, 9, at=0)
    )  # padding tells nothing
