"""Stock Rasa on our data: the pipeline that ``rasa init`` and the manual give for Chinese.

Its entities carry no normalised value; what is coded in our data is given to it as entity synonyms,
as the manual says, so that values can be compared too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nlu.measuring.ways import Reader, Said
from nlu.training_data import Example

CONFIG = """
recipe: default.v1
assistant_id: stock
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: RegexFeaturizer
    use_word_boundaries: false
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""


def train(examples: Sequence[Example], folder: Path) -> None:
    """Write our examples as Rasa's training data and train its pipeline on them."""
    from rasa.model_training import train as rasa_train

    _quiet()
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "nlu.yml").write_text(as_rasa(examples), encoding="utf-8")
    intents = sorted({example.intent.partition("/")[0] for example in examples})
    entities = sorted({span.entity for example in examples for span in example.spans})
    answers = sorted({e.intent for e in examples if "/" in e.intent})
    domain = {
        "version": "3.1",
        "intents": intents,
        "entities": entities,
        "responses": {f"utter_{name}": [{"text": name}] for name in answers},
    }
    (folder / "domain.yml").write_text(yaml.safe_dump(domain), encoding="utf-8")
    rasa_train(
        str(folder / "domain.yml"),
        str(folder / "config.yml"),
        [str(folder / "data")],
        output=str(folder / "models"),
    )


def load(folder: Path) -> Reader:
    """The trained agent as a reader."""
    from rasa.core.agent import Agent

    _quiet()
    agent = Agent.load(str(next((folder / "models").glob("*.tar.gz"))))
    loop = asyncio.new_event_loop()

    def read(text: str) -> Said:
        parsed: Any = loop.run_until_complete(agent.parse_message(text))
        intent = parsed["intent"]["name"]
        if intent == "nlu_fallback":
            intent = parsed["intent_ranking"][1]["name"]
        if intent == "faq":
            selected = parsed["response_selector"]["default"]["response"]
            intent = selected.get("intent_response_key") or intent
        return intent, [(item["entity"], item["value"]) for item in parsed["entities"]]

    return read


def as_rasa(examples: Sequence[Example]) -> str:
    """Annotated examples as Rasa's training data."""
    blocks: dict[str, list[str]] = {}
    for example in examples:
        blocks.setdefault(example.intent, []).append("- " + _annotated(example))
    nlu = [{"intent": name, "examples": "\n".join(lines)} for name, lines in blocks.items()]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, width=10_000)


def _annotated(example: Example) -> str:
    text, last = "", 0
    for span in example.spans:
        words = example.text[span.start : span.end]
        value = "" if span.value == words else f":{span.value}"
        text += example.text[last : span.start] + f"[{words}]({span.entity}{value})"
        last = span.end
    return text + example.text[last:]


def _quiet() -> None:
    import logging
    import os

    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    logging.disable(logging.ERROR)
