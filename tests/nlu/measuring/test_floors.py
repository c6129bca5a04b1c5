from __future__ import annotations

from pathlib import Path

from nlu.interpreter import Interpreter
from nlu.measuring.floors import below, floors, measured
from nlu.measuring.measures import Answer, figures


def test_the_model_understands_the_test_messages_as_well_as_it_did(model: Path) -> None:
    limits = floors()
    assert limits["overall"] and len(limits["intents"]) == 49 and len(limits["styles"]) == 11
    assert below(measured(Interpreter.load(model)), limits) == []


def test_a_figure_under_its_floor_is_named() -> None:
    found = figures([Answer("greet", "thank", 0.9, frozenset(), frozenset(), "terse")])
    limits = {
        "overall": {"intent accuracy": 0.5},
        "intents": {"greet": 1.0},
        "styles": {"terse": 0.0},
    }
    assert below(found, limits) == [
        "overall: intent accuracy: 0.000 is below 0.500",
        "intents: greet: 0.000 is below 1.000",
    ]
