"""Train the encoder further on Hutong's examples, intents and facts at once (TensorFlow, which Rasa brings).

The pretrained convolution and the vectors of the pieces that occur are tuned; new are a head for the
intent and one for each piece's facts. Learning both together helps both. Most of it is learnt once, in a long
beginning whose outcome comes with the data (:mod:`nlu.begun`); a training goes on from there with one turn.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import network_graph
from nlu.contract import CODED
from nlu.encoder import BRANCHES, Pieces, embeddings, epsilon, pieces, pretrained
from nlu.network import FILE
from nlu.network_sums import convolved, dropped, kind_of_products, normed
from nlu.normaliser import normalise
from nlu.training_data import Example, Span

Progress = Callable[[int, int], None]
logger = logging.getLogger(__name__)
_FACT_WIDTH = 256
_HEADS = 4
"""How many times each piece attends to all the others."""
_BY_NAME = (("intent_W", "intent_S", "intent_b"), ("fact_B", "fact_b"))
"""Weights that have a column for each intent, by its name, and for each fact."""
_TELLING = 50
"""Steps after which it is told how far the training has come."""
_FAR = 16
"""Pieces that are as far away, or farther, weigh alike by their distance."""
_FAR_BELOW = 1e4
"""Taken from the score of what is padding alone, it leaves it no share."""


@dataclass(frozen=True)
class NetworkSettings:
    """How the network is trained; vectors of pieces, which few messages move, go so many times as far, and what is dropped
    between the layers is so many times the usual share."""

    epochs: int = 1
    batch: int = 24
    rate: float = 6e-4
    vectors: float = 5.0
    fact_weight: float = 1.5
    told_weight: float = 0.3
    dropout: float = 1.0
    piece_dropout: float = 0.05
    seed: int = 7


BEGINNING = NetworkSettings(epochs=4, rate=1.8e-3, dropout=2.0, piece_dropout=0.1)
"""How the encoder as it is shipped is trained before anything goes on from it."""


@dataclass(frozen=True)
class Trained:
    """What :class:`nlu.network.Network` runs; ``tuned`` are the ids of the pieces whose vectors ``rows`` holds."""

    labels: tuple[str, ...]
    facts: tuple[str, ...]
    tuned: tuple[int, ...]
    rows: NDArray[np.float32]
    weights: Mapping[str, NDArray[np.float32]]

    def save(self, folder: Path) -> None:
        """Write the graph, in eight bits, and the vectors, in half precision."""
        text = {"labels": self.labels, "facts": self.facts, "tuned": self.tuned}
        (folder / f"{FILE}.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / f"{FILE}.npz", rows=self.rows.astype(np.float16))
        network_graph.keep(network_graph.graph_of(self.weights), folder / f"{FILE}.onnx")


@dataclass(frozen=True)
class _Row:
    """One prepared example: rows of the piece vectors, the intent where it is learnt, facts by piece."""

    ids: NDArray[np.int32]
    intent: int | None
    facts: NDArray[np.float32]


def fact_name(span: Span) -> str:
    """The network's name of a fact: entity=value for coded entities, the entity for the others."""
    return f"{span.entity}={span.value}" if span.entity in CODED else span.entity


def train(
    examples: Sequence[Example],
    beside: Sequence[Example] = (),
    settings: NetworkSettings | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
    begun: Trained | None = None,
) -> Trained:
    """Train on annotated examples.

    Args:
        examples: with full intent names.
        beside: further ones, of which only the facts are learnt.
        settings: the measured defaults when None.
        progress: called every so many steps with the number done and the number in all.
        threads: how many TensorFlow may use, as many as it likes without it, or where it has begun before in this process.
        begun: what an earlier training left, to go on from; the encoder as it is shipped without it.
    """
    settings = settings or NetworkSettings()
    _limit(threads)
    labels = tuple(sorted({example.intent for example in examples}))
    both = [*examples, *beside]
    facts = tuple(sorted({fact_name(span) for example in both for span in example.spans}))
    split = [pieces(normalise(example.text).text) for example in both]
    used = sorted({int(i) for parts in split for i in parts.ids})
    tuned = {piece: i for i, piece in enumerate(used)}
    rows = [
        _row(example, parts, labels if i < len(examples) else (), facts, tuned)
        for i, (example, parts) in enumerate(zip(both, split, strict=True))
    ]
    trainer = _Trainer(settings, labels, facts, np.array(used), begun)
    weights, vectors = trainer.run(rows, progress)
    return Trained(labels, facts, tuple(used), vectors, weights)


def _limit(threads: int | None) -> None:
    import tensorflow as tf  # type: ignore[import-untyped] # installed without stubs

    if threads is None:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        logger.debug("TensorFlow has begun with other threads")


def _row(
    example: Example,
    parts: Pieces,
    labels: tuple[str, ...],
    facts: tuple[str, ...],
    tuned: dict[int, int],
) -> _Row:
    normal = normalise(example.text)
    marks = np.zeros((len(parts.ids), len(facts)), dtype=np.float32)
    for span in example.spans:
        start, end = normal.from_original(span.start, span.end)
        for i, (a, b) in enumerate(parts.spans):
            if a < end and b > start:
                marks[i, facts.index(fact_name(span))] = 1
    ids = np.array([tuned[int(i)] for i in parts.ids], dtype=np.int32)
    return _Row(ids, labels.index(example.intent) if labels else None, marks)


class _Trainer:
    """Holds TensorFlow's variables for one training."""

    def __init__(
        self,
        settings: NetworkSettings,
        labels: tuple[str, ...],
        facts: tuple[str, ...],
        used: NDArray[np.int64],
        begun: Trained | None = None,
    ) -> None:
        import tensorflow as tf

        self.tf = tf
        self.settings = settings
        self.eps = epsilon()
        rng = np.random.default_rng(settings.seed)
        tf.random.set_seed(settings.seed)
        tf.config.experimental.enable_op_determinism()  # the same data and kind of processor give the same model

        def fresh(*shape: int) -> NDArray[np.float32]:
            return (rng.normal(size=shape) * 0.02).astype(np.float32)

        weights = pretrained()
        weights |= {
            "intent_W": fresh(512, len(labels)),
            "intent_b": np.zeros(len(labels), np.float32),
        }
        weights |= {"intent_S": fresh(1280, len(labels)) / 2, "fact_A": fresh(1280, _FACT_WIDTH)}
        weights |= {
            "fact_S": fresh(1280, _FACT_WIDTH) / 2,
            "fact_a": np.zeros(_FACT_WIDTH, np.float32),
        }
        weights |= {
            "attend_g": np.ones(_FACT_WIDTH, np.float32),
            "attend_b": np.zeros(_FACT_WIDTH, np.float32),
            "attend_W": fresh(_FACT_WIDTH, 3 * _FACT_WIDTH) * 3,
            "attend_c": np.zeros(3 * _FACT_WIDTH, np.float32),
            "attend_near": np.zeros((_HEADS, 2 * _FAR + 1), np.float32),
            "attend_o": fresh(_FACT_WIDTH, _FACT_WIDTH),
        }
        weights |= {
            "feed_g": np.ones(_FACT_WIDTH, np.float32),
            "feed_b": np.zeros(_FACT_WIDTH, np.float32),
            "feed_W": fresh(_FACT_WIDTH, 2 * _FACT_WIDTH) * 3,
            "feed_c": np.zeros(2 * _FACT_WIDTH, np.float32),
            "feed_o": fresh(2 * _FACT_WIDTH, _FACT_WIDTH),
        }
        weights |= {
            "fact_B": fresh(_FACT_WIDTH, len(facts)),
            "fact_b": np.full(len(facts), -4, np.float32),
        }
        vectors = embeddings(used)
        if begun:
            _go_on(weights, vectors, begun, (labels, facts), used)
        self.weights = {name: tf.Variable(array) for name, array in weights.items()}
        padding = np.zeros((1, 512), dtype=np.float32)
        self.vectors = tf.Variable(np.concatenate([padding, vectors]))
        self.coded = tf.constant([float(fact.partition("=")[0] in CODED) for fact in facts])
        self.variables = [*self.weights.values(), self.vectors]

    def run(self, rows: Sequence[_Row], progress: Progress | None) -> tuple[dict[str, Any], Any]:
        """Train and give back the weights and the tuned vectors."""
        tf, settings = self.tf, self.settings
        rng = np.random.default_rng(settings.seed)
        of_weights, of_vectors = (tf.keras.optimizers.legacy.Adam(settings.rate) for _ in range(2))
        signature = [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int32)]
        signature.append(tf.TensorSpec((None, None, None), tf.float32))

        @tf.function(input_signature=signature, autograph=False)
        def step(ids: Any, intents: Any, facts: Any) -> None:
            with tf.GradientTape() as tape:
                loss = self._loss(ids, intents, facts)
            # as one matrix: row by row, the optimiser would copy the vectors and its moments of them
            gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, self.variables)]
            of_weights.apply_gradients(zip(gradients[:-1], self.variables[:-1], strict=True))
            of_vectors.apply_gradients([(gradients[-1], self.vectors)])

        # what teaches facts alone is gone through once
        again = [row for row in rows if row.intent is not None]
        epochs = [rows, *[again] * (settings.epochs - 1)]
        total = sum(-(-len(each) // settings.batch) for each in epochs)
        done = 0
        for gone_through in epochs:
            for batch in _batches(gone_through, settings.batch, rng):
                done += 1
                rate = settings.rate * min(1.0, done / 100) * max(0.05, 1 - done / total)
                of_weights.learning_rate, of_vectors.learning_rate = rate, rate * settings.vectors
                step(*_padded(batch))
                if progress and done % _TELLING == 0:
                    progress(done, total)
        return {name: array.numpy() for name, array in self.weights.items()}, self.vectors.numpy()[
            1:
        ]

    def _loss(self, ids: Any, intents: Any, facts: Any) -> Any:
        # pieces of all messages are rows of one matrix: of three axes, a product is made message by message
        tf, w = self.tf, self.weights
        shape = tf.shape(ids)
        present = tf.cast(ids > 0, tf.float32)
        count = tf.reduce_sum(present, 1, keepdims=True)
        features = self._features(ids, tf.reshape(present, (-1, 1)))
        by_message = tf.reshape(features, tf.concat([shape, [features.shape[1]]], 0))
        total = tf.reduce_sum(by_message, 1)
        summed = self._dropped(total / tf.sqrt(count), 0.05)
        mean = summed @ w["cnn_W"] + w["cnn_b"] * tf.sqrt(count)
        first = tf.nn.relu(mean @ w["d0"])
        second = tf.nn.relu(mean @ w["p1"] + first @ w["d1"])
        third = tf.nn.relu(second @ w["d2"])
        sentence = self._dropped(tf.tanh(second @ w["p3"] + third @ w["d3"]), 0.075)
        scores = sentence @ w["intent_W"] + w["intent_b"] + summed @ w["intent_S"]
        learnt = tf.cast(intents >= 0, tf.float32)
        intent_losses = learnt * tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(intents, 0), scores
        )
        context = tf.repeat(summed @ w["fact_S"] + w["fact_a"], shape[1], axis=0)
        hidden = self._product(features, "fact_A") + context
        hidden = self._dropped(tf.nn.relu(hidden), 0.075)
        hidden += self._attended(hidden, present)
        hidden += self._fed(hidden)
        fact_scores = self._product(hidden, "fact_B") + w["fact_b"]
        losses = tf.nn.sigmoid_cross_entropy_with_logits(
            tf.reshape(facts, tf.shape(fact_scores)), fact_scores
        )
        by_piece = tf.reshape(tf.reduce_sum(losses, 1), shape) * present
        by_message = tf.reduce_sum(by_piece, 1) / tf.sqrt(count[:, 0])
        told = self._told(tf.reshape(fact_scores, tf.shape(facts)), facts, present)
        weights = self.settings.fact_weight, self.settings.told_weight
        return tf.reduce_mean(intent_losses + weights[0] * by_message + weights[1] * told)

    def _told(self, scores: Any, facts: Any, present: Any) -> Any:
        """What each message loses by coded facts told or not, wherever: of a fact's scores at all pieces the mean, each
        weighed by how loud it is (softmax pooling, McFee et al. 2018)."""
        tf = self.tf
        apart = (present[:, :, None] - 1) * _FAR_BELOW
        pooled = tf.reduce_sum(tf.nn.softmax(scores + apart, 1) * scores, 1)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(tf.reduce_max(facts, 1), pooled)
        return tf.reduce_sum(losses * self.coded, 1)

    def _features(self, ids: Any, mask: Any) -> Any:
        tf, w = self.tf, self.weights
        vectors = tf.gather(self.vectors, tf.reshape(ids, (-1,)))
        kept = tf.random.uniform(tf.shape(mask)) > self.settings.piece_dropout
        vectors *= tf.cast(kept, tf.float32)
        hidden = self._product(vectors, "proj_W") + w["proj_b"]
        hidden = self._norm(hidden, "ln_g_all", "ln_b_all") * mask
        out = [vectors]
        parts = tf.split(hidden, len(BRANCHES), 1)
        length = tf.shape(ids)[1]
        for i, ((width, left), own) in enumerate(zip(BRANCHES, parts, strict=True)):
            first = (self._convolve(own, length, f"w1_{i}", f"b1_{i}", width, left) + own) * mask
            out.append(self._convolve(first, length, f"w2_{i}", f"b2_{i}", width, left) + first)
        return self._norm(tf.concat(out, -1), "ln_g", "ln_b") * mask

    def _attended(self, hidden: Any, present: Any) -> Any:
        """What each piece takes from all pieces of its message (Vaswani et al. 2017), nearer ones weighed apart from farther
        ones by their distance alone (Raffel et al. 2020)."""
        tf, w = self.tf, self.weights
        rows, length = tf.unstack(tf.shape(present))
        three = (
            self._product(self._norm(hidden, "attend_g", "attend_b"), "attend_W") + w["attend_c"]
        )
        three = tf.cast(tf.reshape(three, (rows, length, 3, _HEADS, -1)), kind_of_products())
        asks, answers, gives = tf.unstack(tf.transpose(three, (2, 0, 3, 1, 4)))
        fits = tf.cast(tf.matmul(asks, answers, transpose_b=True), tf.float32)
        places = tf.range(length)
        apart = tf.clip_by_value(places[None, :] - places[:, None], -_FAR, _FAR) + _FAR
        fits = fits / (_FACT_WIDTH / _HEADS) ** 0.5 + tf.gather(w["attend_near"], apart, axis=1)
        fits += (present[:, None, None, :] - 1) * _FAR_BELOW
        share = tf.cast(self._dropped(tf.nn.softmax(fits), 0.05), kind_of_products())
        taken = tf.transpose(tf.cast(tf.matmul(share, gives), tf.float32), (0, 2, 1, 3))
        return self._product(self._dropped(tf.reshape(taken, (-1, _FACT_WIDTH)), 0.05), "attend_o")

    def _fed(self, hidden: Any) -> Any:
        inner = self._product(self._norm(hidden, "feed_g", "feed_b"), "feed_W")
        inner = self.tf.nn.relu(inner + self.weights["feed_c"])
        return self._product(self._dropped(inner, 0.05), "feed_o")

    def _dropped(self, x: Any, rate: float) -> Any:
        return dropped(x, rate * self.settings.dropout)

    def _norm(self, x: Any, gain: str, offset: str) -> Any:
        return normed(x, self.eps) * self.weights[gain] + self.weights[offset]

    def _product(self, x: Any, weights: str) -> Any:
        return convolved(x, self.weights[weights], self.tf.shape(x)[0], 1, 0)

    def _convolve(self, x: Any, length: Any, weights: str, bias: str, width: int, left: int) -> Any:
        kernel, offset = self.weights[weights], self.weights[bias]
        return self.tf.nn.relu(convolved(x, kernel, length, width, left) + offset)


def _go_on(
    weights: dict[str, NDArray[np.float32]],
    vectors: NDArray[np.float32],
    begun: Trained,
    names: tuple[Sequence[str], Sequence[str]],
    used: NDArray[np.int64],
) -> None:
    """Put what an earlier training left in place of fresh weights and vectors: of the heads the columns of the intents and
    facts that both know, of the vectors those of the pieces that occurred."""
    for known, now, heads in zip((begun.labels, begun.facts), names, _BY_NAME, strict=True):
        both = [name for name in now if name in known]
        here, there = [now.index(name) for name in both], [known.index(name) for name in both]
        for head in heads:
            weights[head][..., here] = begun.weights[head][..., there]
    others = begun.weights.keys() - {head for heads in _BY_NAME for head in heads}
    weights.update({name: begun.weights[name] for name in others})
    row = {piece: i for i, piece in enumerate(begun.tuned)}
    for i, piece in enumerate(used):
        if int(piece) in row:
            vectors[i] = begun.rows[row[int(piece)]]


def _batches(rows: Sequence[_Row], size: int, rng: np.random.Generator) -> list[list[_Row]]:
    """Batches of like length, in random order."""
    order = rng.permutation(len(rows))
    batches = []
    for at in range(0, len(order), size * 128):
        pool = sorted((rows[i] for i in order[at : at + size * 128]), key=lambda row: len(row.ids))
        batches += [pool[i : i + size] for i in range(0, len(pool), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def _padded(
    batch: Sequence[_Row],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    width = max(len(row.ids) for row in batch)
    ids = np.zeros((len(batch), width), dtype=np.int32)
    facts = np.zeros((len(batch), width, batch[0].facts.shape[1]), dtype=np.float32)
    for i, row in enumerate(batch):
        ids[i, : len(row.ids)] = row.ids + 1  # 0 is padding
        facts[i, : len(row.ids)] = row.facts
    intents = [-1 if row.intent is None else row.intent for row in batch]  # -1: not learnt
    return ids, np.array(intents, dtype=np.int32), facts
