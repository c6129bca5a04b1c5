"""The data that both are trained on, and what people say to both."""

from pathlib import Path
from shutil import copytree, ignore_patterns

import yaml

from nlu.measuring.stock import as_rasa
from nlu.training_data import DATA, FACTS, Example, read_training

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 100
"""Epochs of each of stock Rasa's three networks, as its own recommendation has them."""
_AT_LEAST = 6  # examples of an intent, however thin the data is made
SAID = (
    "我们小区3号楼有两个孩子五六岁爸妈都被拉去隔离了一天没人管",
    "同意",
    "没有危险",
    "江门市蓬江区环市街道丹井里",
    "会不会有人知道是我说的",
    "都好好的，就是没吃的了",
    "提交",
    "谢谢",
)
"""One conversation, from the first message to the filed report."""


def examples(every: int, folder: Path = DATA) -> list[Example]:
    """One training example in ``every`` of a folder, of each intent at least some."""
    by_intent: dict[str, list[Example]] = {}
    for example in read_training(folder):
        by_intent.setdefault(example.intent, []).append(example)
    return [
        example
        for held in by_intent.values()
        for example in held[:: min(every, max(1, len(held) // _AT_LEAST))]
    ]


def stock_project(folder: Path, held: list[Example], epochs: int = EPOCHS) -> None:
    """Write the stock project: its own dialogue, our training data, all of which teaches it intents."""
    copytree(Path(__file__).with_name("project"), folder, dirs_exist_ok=True)
    config = folder / "config.yml"
    text = config.read_text(encoding="utf-8").replace(f"epochs: {EPOCHS}", f"epochs: {epochs}")
    config.write_text(text, encoding="utf-8")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    (data / "nlu.yml").write_text(as_rasa(held), encoding="utf-8")
    for name in ("rules.yml", "stories.yml"):
        (folder / name).replace(data / name)
    path = folder / "domain.yml"
    domain = yaml.safe_load(path.read_text(encoding="utf-8"))
    domain["intents"] = sorted({example.intent.partition("/")[0] for example in held})
    domain["entities"] = sorted({span.entity for example in held for span in example.spans})
    answers = {f"utter_{e.intent}": [{"text": e.intent}] for e in held if "/" in e.intent}
    domain["responses"].update(answers)
    path.write_text(yaml.safe_dump(domain, allow_unicode=True), encoding="utf-8")


def own_project(folder: Path, held: list[Example], every: int) -> None:
    """Copy this project; its training data thinned where ``every`` is more than one."""
    for name in ("bot", "nlu", "actions"):
        copytree(ROOT / name, folder / name, ignore=ignore_patterns("__pycache__"))
    for name in ("config.yml", "domain.yml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    if every > 1:
        _replace(folder / "nlu" / "data" / "nlu", held)
        _replace(folder / "nlu" / "data" / "facts", examples(every, FACTS))


def _replace(data: Path, held: list[Example]) -> None:
    for path in data.glob("*.yml"):
        path.unlink()
    (data / "all.yml").write_text(as_rasa(held), encoding="utf-8")
