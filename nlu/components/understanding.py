"""Rasa component: intents and facts, trained together and stored in one place."""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import clock, understanding
from nlu.interpreter import selector
from nlu.thresholds import RANKING_LENGTH
from nlu.training_data import FACTS, Example, Span, read_training
from nlu.understanding import Understanding

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    ],
    is_trainable=True,
)
class HutongUnderstanding(GraphComponent, EntityExtractorMixin):
    """Chooses among all 49 intents at once, tells Rasa the retrieval intent as its selector would, finds facts."""

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        understanding: Understanding | None = None,
    ) -> None:
        self._storage = model_storage
        self._resource = resource
        self.understanding = understanding

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HutongUnderstanding:
        """Make an untrained component."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the annotated examples and store the models."""
        from nlu import begun  # brings what only a training needs

        examples = [
            _example(message) for message in training_data.intent_examples if message.get(TEXT)
        ]
        if examples:
            with self._storage.write_to(self._resource) as folder:
                understanding.write(
                    examples,
                    folder,
                    lambda words: logger.info("Training language understanding: %s", words),
                    read_training(FACTS),
                    begun.load(),
                )
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> HutongUnderstanding:
        """Read the trained models; an untrained component when there are none."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(model_storage, resource, Understanding.load(folder))
        except (ValueError, FileNotFoundError):
            return cls(model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking with full names, the response selector's answer, and the facts."""
        for message in messages:
            if self.understanding is None or not message.get(TEXT):
                continue
            understood = self.understanding.understand(message.get(TEXT), clock.reference_time())
            ranking = understood.ranking[:RANKING_LENGTH]
            if not ranking:
                continue
            name, confidence = ranking[0]
            message.set(
                INTENT,
                {"name": name.partition("/")[0], "confidence": confidence},
                add_to_output=True,
            )
            listed = [{"name": intent, "confidence": value} for intent, value in ranking]
            message.set("intent_ranking", listed, add_to_output=True)
            message.set("response_selector", selector(ranking), add_to_output=True)
            facts = [
                {"entity": f.entity, "value": f.value, "start": f.start, "end": f.end}
                for f in understood.facts
            ]
            message.set(
                ENTITIES,
                message.get(ENTITIES, []) + self.add_extractor_name(facts),
                add_to_output=True,
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples keep their own labels."""
        return training_data


def _example(message: Message) -> Example:
    spans = tuple(
        Span(item["entity"], str(item["value"]), item["start"], item["end"])
        for item in message.get(ENTITIES, [])
    )
    return Example(
        message.get(TEXT), message.get(INTENT_RESPONSE_KEY) or message.get(INTENT), spans
    )
