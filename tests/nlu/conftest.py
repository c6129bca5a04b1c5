"""A small language model trained on a few made-up examples, shared by the tests of the whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from nlu import classifier, network_training, told
from nlu.extractors import learnt
from nlu.features import GramSpace
from nlu.interpreter import Interpreter
from nlu.network_training import NetworkSettings
from nlu.normaliser import normalise
from nlu.training_data import Example, annotated
from nlu.understanding import Understanding

LINES = {
    "greet": ["你好呀", "您好，在吗", "喂，有人在吗", "早上好", "哈喽", "晚上好啊"],
    "thank": ["谢谢你", "太感谢了", "多谢多谢", "辛苦你们了，谢谢", "真心感谢", "谢谢啊"],
    "faq/privacy": [
        "谁能看到我写的",
        "会不会泄露出去",
        "你们保密吗",
        "邻居会知道是我说的吗",
        "内容谁看得见",
        "会不会传出去",
    ],
    "report_unattended_child": [
        "[楼下](relation:neighbour)[两个](child_count:2)孩子[没人管](carer:nobody)",
        "[对门](relation:neighbour)的娃[六岁](age:6)，爸爸[住院](absence_reason:hospitalised)了，[没人管](carer:nobody)",
        "有[一个](child_count:1)[五岁](age:5)的[男孩](sex:male)在桥头[没人管](carer:nobody)",
        "[楼上](relation:neighbour)[三个](child_count:3)孩子，爹妈[打工](absence_reason:working_away)去了",
        "[隔壁](relation:neighbour)[女孩](sex:female)[八岁](age:8)，[昨晚](since)起[没人管](carer:nobody)",
        "[对门](relation:neighbour)[小姑娘](sex:female)[七岁](age:7)，妈妈[住院](absence_reason:hospitalised)",
    ],
}


@pytest.fixture(scope="session")
def now() -> datetime:
    """The reference time of all tests."""
    return datetime.fromisoformat("2026-11-21T10:00:00+08:00")


@pytest.fixture(scope="session")
def small_examples() -> list[Example]:
    """Examples enough to tell four intents apart."""
    return [annotated(line, intent) for intent, lines in LINES.items() for line in lines]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory, small_examples: list[Example]) -> Path:
    """A folder with a trained small model."""
    folder = tmp_path_factory.mktemp("language-model")
    texts = [normalise(example.text).text for example in small_examples]
    space = GramSpace.fit(texts, min_documents=2)
    matrix = space.matrix(texts)
    grams = classifier.train(space, matrix, [example.intent for example in small_examples])
    grams.save(folder)
    told.train(matrix, small_examples).save(folder)
    # as sure of itself as the whole model, since the weights of the voices are that model's
    settings = NetworkSettings(epochs=24, batch=8, rate=2e-3)
    network_training.train(small_examples, settings=settings).save(folder)
    learnt.train(
        small_examples, folder / learnt.FILE, learnt.TaggerSettings(turns=40, at_least=2, empty=1)
    )
    return folder


@pytest.fixture(scope="session")
def small_interpreter(small_model: Path) -> Interpreter:
    """The small model, loaded."""
    return Interpreter(Understanding.load(small_model))
