"""Rasa's message processor over one turn: own actions in place, no copies of what nothing changes."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import OutputChannel
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator, TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine import loader
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.constants import UTTER_PREFIX
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecutionRejected,
    DefinePrevUserUtteredFeaturization,
    Event,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversation.doing import Doing
from bot.conversation.graph import PlainRunner, ServedModel
from bot.conversation.talk import TurnError

_MOST_REMEMBERED = 4096
"""Situations; there are some hundreds of intents, actions and open forms together."""


class TurnProcessor(MessageProcessor):
    """A loaded model and what its dialogue can do.

    An error in an action ends the turn: Rasa itself would log it and go on as if nothing had been.

    Args:
        model: the trained model's archive.

    Raises:
        TurnError: the domain fills slots in a way that this processor does not.
    """

    graph_runner: PlainRunner

    def __init__(self, model: Path) -> None:
        super().__init__(
            str(model),
            tracker_store=InMemoryTrackerStore(Domain.empty()),
            lock_store=InMemoryLockStore(),
            generator=TemplatedNaturalLanguageGenerator({}),
        )
        _check(self.domain)
        rules = self.graph_runner.component(RulePolicy)
        rules._get_possible_keys = _remembered(rules._get_possible_keys)
        self._doing = Doing(self.domain)

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, PlainRunner]:
        with tempfile.TemporaryDirectory() as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), ServedModel, PlainRunner
            )
        return os.path.basename(model_path), metadata, runner

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """Nothing: slots are set by actions alone (``_check``)."""
        return tracker

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """The next action and the prediction it comes from.

        Raises:
            TurnError: more actions followed one message than can be meant.
        """
        again = self.should_predict_another_action(tracker.latest_action_name)
        if self.is_action_limit_reached(tracker, again):
            raise TurnError("one message led to more actions than can be meant")
        prediction = self._predict_next_with_tracker(tracker)
        name = self.domain.action_names_or_texts[prediction.max_confidence_index]
        return self._doing.action(name), prediction

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Nothing: what people tell is in no log, so it need not be put into words for one."""

    def _get_action(self, action_name: str) -> Action:
        return self._doing.action(action_name)

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        try:
            seen = self._seen_by(tracker, prediction)
            events = await action.run(output_channel, nlg, seen, self.domain)
        except ActionExecutionRejection:
            tracker.update(
                ActionExecutionRejected(
                    action.name(), prediction.policy_name, prediction.max_confidence
                )
            )
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self._send_bot_messages(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _seen_by(
        self, tracker: DialogueStateTracker, prediction: PolicyPrediction
    ) -> DialogueStateTracker:
        """The tracker that an action reads: a copy only where the prediction changes what it sees."""
        if all(isinstance(e, DefinePrevUserUtteredFeaturization) for e in prediction.events):
            return tracker
        seen = tracker.copy()
        seen.update_with_events(prediction.events, self.domain)
        return seen

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        happened = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in happened):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(happened, self.domain)


@dataclass(frozen=True)
class _Situation:
    """What rules are held against; the same when table and words are."""

    table: int
    words: str
    lookup: dict[str, str] = field(compare=False)  # held, so that its number stays its own
    states: list[Any] = field(compare=False)


def _remembered(
    rules_that_fit: Callable[[dict[str, str], list[Any]], set[str]],
) -> Callable[[dict[str, str], list[Any]], set[str]]:
    """The rules that fit what happened last, which Rasa would look for among all of them each time."""

    @lru_cache(_MOST_REMEMBERED)
    def found(situation: _Situation) -> frozenset[str]:
        return frozenset(rules_that_fit(situation.lookup, situation.states))

    def looked_up(lookup: dict[str, str], states: list[Any]) -> set[str]:
        return set(found(_Situation(id(lookup), repr(states), lookup, states)))

    return looked_up


def _check(domain: Domain) -> None:
    for slot in domain.slots:
        for mapping in slot.mappings if slot.name not in DEFAULT_SLOT_NAMES else ():
            if mapping.get("type") != "custom" or mapping.get("action"):
                raise TurnError(f"the slot {slot.name} is filled by something else than an action")
    responses = [name for name in domain.responses if name.startswith(UTTER_PREFIX)]
    if responses:
        raise TurnError(f"the domain holds a response of its own: {responses[0]}")
