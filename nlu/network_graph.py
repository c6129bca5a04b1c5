"""The tuned network as a graph of ONNX, in which it is kept and run.

The forward pass of :mod:`nlu.network_training` without what only training does. It is kept in eight bits
(Jacob et al. 2018, with the range of each input measured as it comes): half of the size of half precision, and
no difference in what is understood that two trainings would not make, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    checker,
    helper,
    numpy_helper,
)

from nlu.encoder import BRANCHES, epsilon

_OPSET, _IR = 17, 8
"""The first set of operators with layer normalisation."""
_END = 2**31 - 1


def graph_of(weights: Mapping[str, NDArray[np.float32]]) -> ModelProto:
    """The graph of the network.

    Args:
        weights: by their names in training.

    Returns:
        a model that makes of ``vectors`` (pieces, 512) the scores ``intents`` (1, intents) and the
        probabilities ``facts`` (pieces, facts).
    """
    return _Graph(weights).model()


def keep(graph: ModelProto, path: Path) -> None:
    """Write a graph with the weights of its products of matrices in eight bits; it is marked as fit for that."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    # or it would warn that shapes were not inferred: none is needed
    add_pre_process_metadata(graph)
    # unsigned: on processors without VNNI, sums of signed bytes saturate
    quantize_dynamic(graph, path, weight_type=QuantType.QUInt8, per_channel=True)


class _Graph:
    """Nodes and constants, each made as it is needed."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._width = len(weights["b1_0"])

    def model(self) -> ModelProto:
        features = self._features()
        count = self._node("Shape", features, start=0, end=1)
        root = self._node("Sqrt", self._node("Cast", count, to=TensorProto.FLOAT))
        total = self._node("ReduceSum", features, self._integers(0))
        summed = self._node("Div", total, root)
        self._node("Identity", self._intents(summed, root), out="intents")
        self._node("Sigmoid", self._facts(features, summed), out="facts")
        graph = helper.make_graph(
            self._nodes,
            "network",
            [_floats("vectors", "pieces", len(self._weights["proj_W"]))],
            [
                _floats("intents", 1, len(self._weights["intent_b"])),
                _floats("facts", "pieces", len(self._weights["fact_b"])),
            ],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        checker.check_model(model)
        return model

    def _features(self) -> str:
        hidden = self._norm(self._linear("vectors", "proj_W", "proj_b"), "ln_g_all", "ln_b_all")
        out = ["vectors"]
        for i, (width, left) in enumerate(BRANCHES):
            own = self._cut(hidden, i * self._width, (i + 1) * self._width, axis=1)
            first = self._sum(self._convolve(own, f"w1_{i}", f"b1_{i}", width, left), own)
            out.append(self._sum(self._convolve(first, f"w2_{i}", f"b2_{i}", width, left), first))
        return self._norm(self._node("Concat", *out, axis=1), "ln_g", "ln_b")

    def _intents(self, summed: str, root: str) -> str:
        scaled = self._node("Mul", self._weight("cnn_b"), root)
        mean = self._sum(self._linear(summed, "cnn_W"), scaled)
        first = self._node("Relu", self._linear(mean, "d0"))
        both = self._sum(self._linear(mean, "p1"), self._linear(first, "d1"))
        second = self._node("Relu", both)
        third = self._node("Relu", self._linear(second, "d2"))
        both = self._sum(self._linear(second, "p3"), self._linear(third, "d3"))
        sentence = self._node("Tanh", both)
        return self._sum(
            self._linear(sentence, "intent_W", "intent_b"), self._linear(summed, "intent_S")
        )

    def _facts(self, features: str, summed: str) -> str:
        context = self._linear(summed, "fact_S", "fact_a")
        hidden = self._node("Relu", self._sum(self._linear(features, "fact_A"), context))
        hidden = self._sum(hidden, self._attended(hidden))
        hidden = self._sum(hidden, self._fed(hidden))
        return self._linear(hidden, "fact_B", "fact_b")

    def _attended(self, hidden: str) -> str:
        heads, width = len(self._weights["attend_near"]), len(self._weights["attend_o"])
        three = self._linear(self._norm(hidden, "attend_g", "attend_b"), "attend_W", "attend_c")
        split = self._node("Reshape", three, self._integers(0, 3, heads, -1))
        split = self._node("Transpose", split, perm=[1, 2, 0, 3])
        asks, answers, gives = (
            self._node("Gather", split, self._integer(i), axis=0) for i in range(3)
        )
        turned = self._node("Transpose", answers, perm=[0, 2, 1])
        fits = self._node("MatMul", asks, turned)
        scale = self._number("scale", (heads / width) ** 0.5)
        fits = self._sum(self._node("Mul", fits, scale), self._nearness(hidden))
        taken = self._node("MatMul", self._node("Softmax", fits, axis=-1), gives)
        taken = self._node("Transpose", taken, perm=[1, 0, 2])
        flat = self._node("Reshape", taken, self._integers(0, -1))
        return self._linear(flat, "attend_o")

    def _fed(self, hidden: str) -> str:
        inner = self._linear(self._norm(hidden, "feed_g", "feed_b"), "feed_W", "feed_c")
        return self._linear(self._node("Relu", inner), "feed_o")

    def _nearness(self, hidden: str) -> str:
        far = self._weights["attend_near"].shape[1] // 2
        length = self._node("Squeeze", self._node("Shape", hidden, start=0, end=1))
        places = self._node("Range", self._integer(0), length, self._integer(1))
        rows = self._node("Unsqueeze", places, self._integers(1))
        apart = self._node("Sub", self._node("Unsqueeze", places, self._integers(0)), rows)
        apart = self._node("Clip", apart, self._integer(-far), self._integer(far))
        apart = self._sum(apart, self._integer(far))
        return self._node("Gather", self._weight("attend_near"), apart, axis=1)

    def _linear(self, x: str, weights: str, bias: str | None = None) -> str:
        out = self._node("MatMul", x, self._weight(weights))
        return out if bias is None else self._sum(out, self._weight(bias))

    def _sum(self, one: str, other: str) -> str:
        return self._node("Add", one, other)

    def _norm(self, x: str, gain: str, offset: str) -> str:
        parts = (x, self._weight(gain), self._weight(offset))
        return self._node("LayerNormalization", *parts, axis=-1, epsilon=epsilon())

    def _convolve(self, x: str, weights: str, bias: str, width: int, left: int) -> str:
        padded = self._node("Pad", x, self._integers(left, 0, width - 1 - left, 0))
        parts = [self._cut(padded, i, i - width + 1 or _END, axis=0) for i in range(width)]
        windows = self._node("Concat", *parts, axis=1)
        return self._node("Relu", self._linear(windows, weights, bias))

    def _cut(self, x: str, start: int, end: int, axis: int) -> str:
        return self._node("Slice", x, *map(self._integers, (start, end, axis)))

    def _node(self, kind: str, *inputs: str, out: str | None = None, **settings: Any) -> str:
        out = out or f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [out], **settings))
        return out

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _integers(self, *values: int) -> str:
        return self._constant("_".join(["integers", *map(str, values)]), np.array(values, np.int64))

    def _integer(self, value: int) -> str:
        return self._constant(f"integer_{value}", np.array(value, np.int64))

    def _number(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, np.float32))

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(array, name)
        return name


def _floats(name: str, rows: int | str, columns: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, columns])
