"""Evaluate language understanding: cross-validation on the training data, and test files.

``hutong evaluate [--test FILE …]`` calls :func:`evaluate`; the report goes to ``docs/nlu``.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from nlu import understanding
from nlu.contract import TEXTUAL
from nlu.extractors.numerals import read_count
from nlu.extractors.times import iso, read_since
from nlu.interpreter import Interpreter
from nlu.measuring.measures import Answer, Fact, Figures, comparable, figures, timed
from nlu.measuring.report import write_report
from nlu.normaliser import normalise, to_simplified, written_form
from nlu.told import coded_facts
from nlu.training_data import FACTS, Example, Labelled, Span, read_labelled, read_training

REFERENCE = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Evaluation:
    """Named figures (``cross-validation``, names of test files) with load seconds and resident megabytes."""

    parts: dict[str, Figures]
    load_seconds: float
    resident_mb: float


def evaluate(
    model_path: Path | None,
    tests: Mapping[str, Sequence[Path]],
    folds: int = 5,
    parts: int | None = None,
    out: Path = ROOT / "docs/nlu",
    data: Path = ROOT / "nlu/data/nlu",
) -> Evaluation:
    """Evaluate and write ``report.md`` with its pictures.

    Args:
        model_path: a trained model, needed for test files.
        tests: test sets by name, each of JSON-lines files of labelled messages.
        folds: the share held out is 1 in this many.
        parts: how many of the folds are run; all when None, no cross-validation when 0.
        out: folder of the report.
        data: folder of the training data.
    """
    results: dict[str, Figures] = {}
    load_seconds = 0.0
    if parts != 0:
        results["cross-validation"] = cross_validate(read_training(data), folds, parts)
    if model_path is not None:
        begun = time.perf_counter()
        interpreter = Interpreter.load(model_path)
        interpreter.warm_up()
        load_seconds = time.perf_counter() - begun
        for name, paths in tests.items():
            results[name] = on_messages(interpreter, read_labelled(list(paths)))
    evaluation = Evaluation(
        results, load_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    )
    write_report(evaluation.parts, out, evaluation.load_seconds, evaluation.resident_mb)
    return evaluation


def on_messages(interpreter: Interpreter, messages: Sequence[Labelled]) -> Figures:
    """Figures of a trained model on labelled messages."""
    speed = _speed(interpreter, [message.text for message in messages])
    answers = [
        _answer(interpreter, message.text, message.intent, comparable(message.facts), message.style)
        for message in messages
    ]
    return figures(answers, speed)


def cross_validate(
    examples: Sequence[Example], folds: int = 5, parts: int | None = None
) -> Figures:
    """Figures on held-out parts of the training data."""
    answers: list[Answer] = []
    speed = (0.0, 0.0)
    for part in range(folds if parts is None else parts):
        held = held_out(len(examples), part, folds)
        with tempfile.TemporaryDirectory() as folder:
            trained = understanding.train(
                [e for i, e in enumerate(examples) if i not in held],
                Path(folder),
                beside=read_training(FACTS),
            )
        found = ask(Interpreter(trained), [examples[i] for i in sorted(held)])
        answers += found.answers
        speed = found.speed
    return figures(answers, speed)


def ask(interpreter: Interpreter, examples: Sequence[Example]) -> Figures:
    """Figures of trained parts on annotated examples."""
    speed = _speed(interpreter, [e.text for e in examples])
    return figures(
        [
            _answer(interpreter, e.text, e.intent, annotated_facts(e), style_of(e.text))
            for e in examples
        ],
        speed,
    )


def held_out(count: int, part: int, folds: int) -> frozenset[int]:
    """Which of ``count`` examples a part of a cross-validation holds out; always the same ones."""
    return frozenset(np.random.default_rng(0).permutation(count)[part::folds].tolist())


def _speed(interpreter: Interpreter, texts: Sequence[str]) -> tuple[float, float]:
    return timed(lambda text: interpreter.parse(text, REFERENCE), texts)


def _answer(
    interpreter: Interpreter, text: str, intent: str, wanted: frozenset[Fact], style: str
) -> Answer:
    parse = interpreter.parse(text, REFERENCE)
    found = comparable((entity.entity, entity.value) for entity in parse.entities)
    return Answer(intent, parse.intent, parse.confidence, wanted, found, style)


def annotated_facts(example: Example) -> frozenset[Fact]:
    """Facts of a training example with values as the extractors give them."""
    told = [fact for span in example.spans if (fact := _annotated(span)) is not None]
    return comparable([*told, *coded_facts(example)])


def _annotated(span: Span) -> Fact | None:
    if span.entity == "since":
        moment = read_since(span.value, REFERENCE)
        return ("since", iso(moment)) if moment else None
    if span.entity in TEXTUAL:
        return (span.entity, written_form(span.value))
    if span.entity == "child_count":
        return (
            span.entity,
            int(float(span.value)) if span.value.isdigit() else read_count(span.value),
        )
    if span.entity in {"phone", "case_no"}:
        return _by_rule(span)
    return (span.entity, span.value)


def _by_rule(span: Span) -> Fact | None:
    from nlu.extractors.case_numbers import read_case_number
    from nlu.extractors.phones import read_phone

    value = read_phone(span.value) if span.entity == "phone" else read_case_number(span.value)
    return (span.entity, value or span.value)


def style_of(text: str) -> str:
    """A rough style of a training example, which carries none: by script, Cantonese words, length, punctuation."""
    normal = normalise(text)
    if any(char in text for char in "嘅喺咗冇佢嗰唔啲哋睇嚟"):
        return "cantonese"
    if text.isascii():
        return "english"
    if to_simplified(text) != text:
        return "traditional"
    if len(normal.text) < 8:
        return "terse"
    if len(normal.text) > 30 and not any(char in text for char in "，。,.！？!? "):
        return "dictated"
    return "long" if len(normal.text) > 60 else "plain"
