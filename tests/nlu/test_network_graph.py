"""The graph reckons what the network is: checked against the same sums written out in NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from nlu.encoder import BRANCHES, epsilon
from nlu.network_graph import graph_of, keep

Floats = NDArray[np.float32]
_VECTOR, _WIDTH, _FACTS, _INTENTS = 8, 4, 5, 3
_INNER, _HEADS, _FAR = 10, 2, 3
_ALL = _VECTOR + _WIDTH * len(BRANCHES)


def _weights() -> dict[str, Floats]:
    rng = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {
        "proj_W": (_VECTOR, _WIDTH * len(BRANCHES)),
        "proj_b": (_WIDTH * len(BRANCHES),),
        "ln_g_all": (_WIDTH * len(BRANCHES),),
        "ln_b_all": (_WIDTH * len(BRANCHES),),
        "ln_g": (_ALL,),
        "ln_b": (_ALL,),
        "cnn_W": (_ALL, 6),
        "cnn_b": (6,),
        "d0": (6, 5),
        "d1": (5, 5),
        "p1": (6, 5),
        "d2": (5, 7),
        "d3": (7, 7),
        "p3": (5, 7),
        "intent_W": (7, _INTENTS),
        "intent_b": (_INTENTS,),
        "intent_S": (_ALL, _INTENTS),
        "fact_A": (_ALL, _INNER),
        "fact_S": (_ALL, _INNER),
        "fact_a": (_INNER,),
        "attend_g": (_INNER,),
        "attend_b": (_INNER,),
        "attend_W": (_INNER, 3 * _INNER),
        "attend_c": (3 * _INNER,),
        "attend_near": (_HEADS, 2 * _FAR + 1),
        "attend_o": (_INNER, _INNER),
        "feed_g": (_INNER,),
        "feed_b": (_INNER,),
        "feed_W": (_INNER, 2 * _INNER),
        "feed_c": (2 * _INNER,),
        "feed_o": (2 * _INNER, _INNER),
        "fact_B": (_INNER, _FACTS),
        "fact_b": (_FACTS,),
    }
    for i, (width, _) in enumerate(BRANCHES):
        for layer in ("1", "2"):
            shapes[f"w{layer}_{i}"] = (width * _WIDTH, _WIDTH)
            shapes[f"b{layer}_{i}"] = (_WIDTH,)
    return {
        name: (rng.normal(size=shape) * 0.6).astype(np.float32) for name, shape in shapes.items()
    }


def _normed(x: Floats, gain: Floats, offset: Floats) -> Floats:
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    out: Floats = centred / np.sqrt(variance + epsilon()) * gain + offset
    return out


def _convolved(x: Floats, weights: Floats, bias: Floats, width: int, left: int) -> Floats:
    out = np.tile(bias, (len(x), 1))
    for at in range(len(x)):
        for step in range(width):
            if 0 <= (place := at + step - left) < len(x):
                out[at] += x[place] @ weights[step * _WIDTH : (step + 1) * _WIDTH]
    return np.maximum(out, 0)


def _attended(x: Floats, w: dict[str, Floats]) -> Floats:
    three = _normed(x, w["attend_g"], w["attend_b"]) @ w["attend_W"] + w["attend_c"]
    own = _INNER // _HEADS
    taken = np.zeros_like(x)
    for head in range(_HEADS):
        asks, answers, gives = (
            three[:, part * _INNER + head * own : part * _INNER + (head + 1) * own]
            for part in range(3)
        )
        for at in range(len(x)):
            fits = np.array(
                [
                    asks[at] @ answers[to] / own**0.5
                    + w["attend_near"][head, min(_FAR, max(-_FAR, to - at)) + _FAR]
                    for to in range(len(x))
                ]
            )
            share = np.exp(fits - fits.max())
            taken[at, head * own : (head + 1) * own] = share @ gives / share.sum()
    out: Floats = taken @ w["attend_o"]
    return out


def _by_hand(w: dict[str, Floats], vectors: Floats) -> tuple[Floats, Floats]:
    hidden = _normed(vectors @ w["proj_W"] + w["proj_b"], w["ln_g_all"], w["ln_b_all"])
    parts = [vectors]
    for i, (width, left) in enumerate(BRANCHES):
        own = hidden[:, i * _WIDTH : (i + 1) * _WIDTH]
        first = _convolved(own, w[f"w1_{i}"], w[f"b1_{i}"], width, left) + own
        parts.append(_convolved(first, w[f"w2_{i}"], w[f"b2_{i}"], width, left) + first)
    features = _normed(np.hstack(parts), w["ln_g"], w["ln_b"])
    root = len(features) ** 0.5
    summed = features.sum(axis=0) / root
    mean = summed @ w["cnn_W"] + w["cnn_b"] * root
    second = np.maximum(mean @ w["p1"] + np.maximum(mean @ w["d0"], 0) @ w["d1"], 0)
    sentence = np.tanh(second @ w["p3"] + np.maximum(second @ w["d2"], 0) @ w["d3"])
    intents = sentence @ w["intent_W"] + w["intent_b"] + summed @ w["intent_S"]
    inner = np.maximum(features @ w["fact_A"] + summed @ w["fact_S"] + w["fact_a"], 0)
    inner = inner + _attended(inner, w)
    apart = _normed(inner, w["feed_g"], w["feed_b"])
    inner = inner + np.maximum(apart @ w["feed_W"] + w["feed_c"], 0) @ w["feed_o"]
    return intents, 1 / (1 + np.exp(-(inner @ w["fact_B"] + w["fact_b"])))


def _vectors(pieces: int) -> Floats:
    return np.random.default_rng(pieces).normal(size=(pieces, _VECTOR)).astype(np.float32)


def _run(graph: bytes, vectors: Floats) -> tuple[Floats, Floats]:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    intents, facts = session.run(None, {"vectors": vectors})
    return intents, facts


@pytest.mark.parametrize("pieces", [1, 2, 11])
def test_the_graph_gives_what_the_sums_give(pieces: int) -> None:
    weights, vectors = _weights(), _vectors(pieces)
    intents, facts = _run(graph_of(weights).SerializeToString(), vectors)
    wanted_intents, wanted_facts = _by_hand(weights, vectors)
    assert facts.shape == (pieces, _FACTS)
    np.testing.assert_allclose(intents[0], wanted_intents, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(facts, wanted_facts, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("pieces", [1, 2, 11])
def test_eight_bits_give_nearly_the_same(pieces: int, tmp_path: Path) -> None:
    graph, vectors = graph_of(_weights()), _vectors(pieces)
    keep(graph, tmp_path / "eight.onnx")
    kept = (tmp_path / "eight.onnx").read_bytes()
    assert not _products_of_weights(kept)
    whole, coarse = _run(graph.SerializeToString(), vectors), _run(kept, vectors)
    spread = float(np.ptp(whole[0]))
    assert np.abs(whole[0] - coarse[0]).max() < 0.1 * spread
    assert np.abs(whole[1] - coarse[1]).max() < 0.1


def _products_of_weights(graph: bytes) -> list[str]:
    """Products with a weight in single precision; those of two things reckoned stay as they are."""
    parts = onnx.load_from_string(graph).graph
    weights = {constant.name for constant in parts.initializer}
    return [
        node.name
        for node in parts.node
        if node.op_type == "MatMul" and weights.intersection(node.input)
    ]
