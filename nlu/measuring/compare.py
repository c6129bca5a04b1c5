"""Weigh ways to understand messages in one run: ``python -m nlu.measuring.compare [every] [way …]``.

Each way is trained on four fifths of the training data in a process of its own and asked the other fifth
in another; ``docs/nlu/comparison.md`` gets the table. ``every`` takes one example in so many, for
all ways alike: stock Rasa takes an hour and more on two cores for all of them. It needs ``pip install jieba``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nlu.measuring.evaluate import ROOT, annotated_facts, held_out
from nlu.measuring.measures import Answer, Figures, comparable, figures
from nlu.measuring.ways import WAYS
from nlu.training_data import DATA, Example, read_training

REPORT = ROOT / "docs" / "nlu" / "comparison.md"
_HEAD = (
    "| way | intent accuracy | urgent recall | entity F1 | training s | load s | ms p50 | ms p95 | memory MB |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def parts(every: int) -> tuple[list[Example], list[Example]]:
    """What is trained on, and what is held out, of one example in ``every``."""
    examples = read_training(DATA)[::every]
    held = held_out(len(examples), 0, 5)
    return (
        [example for i, example in enumerate(examples) if i not in held],
        [example for i, example in enumerate(examples) if i in held],
    )


def train(every: int, name: str, folder: Path) -> None:
    """Train a way on the four fifths, and say how long it took."""
    training, _ = parts(every)
    begun = time.perf_counter()
    WAYS[name].train(training, folder)
    (folder / "seconds").write_text(f"{time.perf_counter() - begun:.0f}")


def ask(every: int, name: str, folder: Path) -> None:
    """Ask a trained way the held-out fifth, and write down what it said and what it cost."""
    _, held = parts(every)
    begun = time.perf_counter()
    read = WAYS[name].load(folder)
    read("你好")
    loaded = time.perf_counter() - begun
    answers, spent = [], []
    for example in held:
        begun = time.perf_counter()
        intent, facts = read(example.text)
        spent.append((time.perf_counter() - begun) * 1000)
        answers.append((intent, facts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"load": loaded, "spent": sorted(spent), "peak": peak, "answers": answers}
    (folder / "said.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def row(every: int, name: str) -> str:
    """Train and ask a way in two processes; its row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("train", "ask"):
            command = [
                sys.executable,
                "-m",
                "nlu.measuring.compare",
                step,
                str(every),
                name,
                folder,
            ]
            subprocess.run(  # noqa: S603 - this very module
                command, check=True, cwd=ROOT, env=_quiet(), stderr=subprocess.DEVNULL
            )
        said = json.loads((Path(folder) / "said.json").read_text(encoding="utf-8"))
        seconds = (Path(folder) / "seconds").read_text()
    found = _figures(parts(every)[1], said["answers"])
    spent = said["spent"]
    p50, p95 = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    facts = f"{found.entity_f1:.3f}" if any(facts for _, facts in said["answers"]) else "–"
    return (
        f"| {WAYS[name].title} | {found.accuracy:.3f} | {found.urgent_recall:.3f} | {facts} | {seconds} "
        f"| {said['load']:.1f} | {p50:.1f} | {p95:.1f} | {said['peak']:.0f} |"
    )


def _figures(
    held: Sequence[Example], said: Sequence[tuple[str, list[tuple[str, object]]]]
) -> Figures:
    answers = [
        Answer(example.intent, intent, 1.0, annotated_facts(example), _comparable(facts), "plain")
        for example, (intent, facts) in zip(held, said, strict=True)
    ]
    return figures(answers)


def _comparable(facts: list[tuple[str, object]]) -> frozenset[tuple[str, object]]:
    kept = []
    for entity, value in facts:
        try:
            kept.append(next(iter(comparable([(entity, value)]))))
        except ValueError:  # stock entities hold words where ours hold numbers and times
            kept.append((entity, str(value)))
    return frozenset(kept)


def _quiet() -> dict[str, str]:
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def main(arguments: list[str]) -> None:
    """``train`` and ``ask EVERY WAY FOLDER`` are the steps; anything else says what to weigh."""
    if arguments[:1] == ["train"] or arguments[:1] == ["ask"]:
        step = {"train": train, "ask": ask}[arguments[0]]
        step(int(arguments[1]), arguments[2], Path(arguments[3]))
        return
    every = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 1
    training, held = parts(every)
    lines = [
        "# Ways to understand a message, weighed in one run",
        "",
        f"Made by `python -m nlu.measuring.compare {every}`: trained on {len(training)} messages of the training data,"
        f" asked {len(held)} others of it, every way in processes of its own on {os.cpu_count()} cores.",
        "",
        *_HEAD,
    ]
    for name in arguments or list(WAYS):
        lines.append(row(every, name))
        sys.stdout.write(lines[-1] + "\n")
        sys.stdout.flush()
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
