"""Write an evaluation as Markdown with a confusion matrix and a confidence histogram."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nlu.measuring.measures import Figures, Score
from nlu.thresholds import INTENT


def write_report(
    parts: Mapping[str, Figures], out: Path, load_seconds: float, resident_mb: float
) -> Path:
    """Write ``report.md`` and two pictures for each part.

    Returns:
        The path of the report.
    """
    out.mkdir(parents=True, exist_ok=True)
    lines = ["# Evaluation of language understanding", ""]
    lines += [
        f"Load and warm-up {load_seconds:.1f} s, resident memory {resident_mb:.0f} MB (with the evaluation).",
        "",
    ]
    for name, figures in parts.items():
        slug = name.replace(" ", "-")
        confusion_picture(figures, out / f"confusion-{slug}.png")
        confidence_picture(figures, out / f"confidence-{slug}.png")
        lines += _part(name, slug, figures)
    path = out / "report.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _part(name: str, slug: str, figures: Figures) -> list[str]:
    lines = [f"## {name}", "", "| measure | value |", "| --- | --- |"]
    lines += [f"| {what} | {value} |" for what, value in _summary(figures)]
    lines += [
        "",
        f"![confusion matrix](confusion-{slug}.png)",
        "",
        f"![confidence](confidence-{slug}.png)",
        "",
    ]
    lines += ["| style | messages | intent accuracy | entity F1 |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {style} | {n} | {acc:.3f} | {f1:.3f} |"
        for style, (n, acc, f1) in figures.styles.items()
    ]
    lines += ["", *_scores("intent", figures.intents), "", *_scores("entity", figures.entities), ""]
    lines += ["| wanted | said | times |", "| --- | --- | --- |"]
    lines += [f"| {wanted} | {said} | {times} |" for wanted, said, times in figures.confusions]
    return [*lines, ""]


def _summary(figures: Figures) -> list[tuple[str, str]]:
    return [
        ("messages", str(figures.messages)),
        ("intent accuracy (micro F1)", f"{figures.accuracy:.3f}"),
        ("intent macro F1", f"{figures.macro_f1:.3f}"),
        ("recall of urgent openers, either taken as urgent", f"{figures.urgent_recall:.3f}"),
        ("entity F1 (type and value)", f"{figures.entity_f1:.3f}"),
        (f"share of messages at or above confidence {INTENT}", f"{figures.above:.3f}"),
        ("share of wrong answers among those", f"{figures.wrong_above:.3f}"),
        ("milliseconds a message p50 / p95", f"{figures.speed[0]:.1f} / {figures.speed[1]:.1f}"),
    ]


def _scores(what: str, scores: Mapping[str, Score]) -> list[str]:
    lines = [f"| {what} | number | precision | recall | F1 |", "| --- | --- | --- | --- | --- |"]
    for name, score in scores.items():
        number = score.right + score.missed
        lines.append(
            f"| {name} | {number} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} |"
        )
    return lines


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def confusion_picture(figures: Figures, path: Path) -> None:
    """Confusion matrix, rows wanted and columns said, as shares of a row."""
    pyplot = _pyplot()
    labels = sorted(figures.intents)
    matrix = np.zeros((len(labels), len(labels)))
    for answer in figures.answers:
        matrix[labels.index(answer.intent), labels.index(answer.said)] += 1
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    picture, axes = pyplot.subplots(figsize=(14, 13))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xlabel("said")
    axes.set_ylabel("wanted")
    picture.tight_layout()
    picture.savefig(path, dpi=90)
    pyplot.close(picture)


def confidence_picture(figures: Figures, path: Path) -> None:
    """Histogram of the confidence of right and wrong answers."""
    pyplot = _pyplot()
    picture, axes = pyplot.subplots(figsize=(8, 4))
    right = [answer.confidence for answer in figures.answers if answer.right]
    wrong = [answer.confidence for answer in figures.answers if not answer.right]
    axes.hist(
        [right, wrong],
        bins=20,
        range=(0, 1),
        stacked=True,
        label=["right", "wrong"],
        color=["#2b7", "#c33"],
    )
    axes.axvline(INTENT, color="black", linestyle="--", label="threshold")
    axes.set_xlabel("confidence")
    axes.legend()
    picture.tight_layout()
    picture.savefig(path, dpi=90)
    pyplot.close(picture)
