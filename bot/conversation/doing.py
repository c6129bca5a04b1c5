"""What Rasa's dialogue does in this process: the actions of ``actions/`` and the report's form.

An action of ours is called with what it reads, and what it returns is taken as it is: there is
no action server in between whose answer would have to be packed, sent and checked.
"""

from functools import cached_property
from typing import Any

from rasa.core.actions import action as rasa_actions
from rasa.core.actions.action import Action, RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.utils import call_potential_coroutine


class TurnTracker(Tracker):
    """What an action reads of a conversation; the log of events is made only for one that asks."""

    def __init__(self, tracker: DialogueStateTracker) -> None:
        self._tracker = tracker
        loop = tracker.active_loop
        super().__init__(
            tracker.sender_id,
            tracker.current_slot_values(),
            tracker._latest_message_data(),
            [],
            tracker.is_paused(),
            tracker.followup_action,
            loop.__dict__.copy() if loop else {},
            tracker.latest_action_name,
        )
        del self.events

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The log of this turn."""
        return [event.as_dict() for event in self._tracker.events]


class OwnAction(RemoteAction):
    """An action of ``actions/``, called in place."""

    def __init__(self, name: str, executor: ActionExecutor) -> None:
        super().__init__(name, None)
        self._executor = executor

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """Run it; what it says comes first, then what it sets.

        Raises:
            Exception: whatever the action raised.
        """
        dispatcher = CollectingDispatcher()
        perform = self._executor.actions[self._name]
        done = await call_potential_coroutine(perform(dispatcher, TurnTracker(tracker), {}))
        events = self._executor.validate_events(done or [], self._name)
        said = await self._utter_responses(dispatcher.messages, output_channel, nlg, tracker)
        return [*said, *_read(events)]


def _read(told: list[dict[str, Any]]) -> list[Event]:
    """What an action returned, as events; for each, Rasa would look through all kinds that there are."""
    events: list[Event] = []
    for each in told:
        if each.get("event") == SlotSet.type_name:
            events.append(SlotSet(each["name"], each["value"]))
        else:
            events += deserialise_events([each])
    return events


class OwnForm(FormAction):
    """Rasa's form around our own reading and asking.

    Its slots are filled by its validating action alone, so nothing is extracted before.
    """

    def __init__(self, name: str, doing: "Doing") -> None:
        super().__init__(name, None)
        self._doing = doing

    async def activate(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """Read the message that opened the form."""
        known = {name: tracker.get_slot(name) for name in self.required_slots(domain)}
        filled = {name: value for name, value in known.items() if value is not None}
        return await self.validate_slots(filled, tracker, domain, output_channel, nlg)

    async def validate_slots(
        self,
        slot_candidates: dict[str, Any],
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
    ) -> list[Event]:
        """What the form's own reader makes of the message."""
        candidates: list[Event] = [SlotSet(name, value) for name, value in slot_candidates.items()]
        before = self._temporary_tracker(tracker, candidates, domain)
        reader = self._doing.action(f"validate_{self.name()}")
        return await reader.run(output_channel, nlg, before, domain)

    async def _validate_if_required(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
    ) -> list[Event]:
        heard = tracker.latest_action_name == ACTION_LISTEN_NAME
        if not tracker.active_loop or (heard and not tracker.is_active_loop_interrupted):
            return await self.validate(tracker, domain, output_channel, nlg)
        return await self.validate_slots({}, tracker, domain, output_channel, nlg)

    async def _ask_for_slot(
        self,
        domain: Domain,
        nlg: NaturalLanguageGenerator,
        output_channel: OutputChannel,
        slot_name: str,
        tracker: DialogueStateTracker,
    ) -> list[Event]:
        asks = self._doing.action(f"action_ask_{self.name()}_{slot_name}")
        return await asks.run(output_channel, nlg, tracker, domain)


class Doing:
    """All that the dialogue can do, by name; made once."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._executor = ActionExecutor()
        self._executor.register_package("actions")
        self._made: dict[str, Action] = {}

    def action(self, name: str) -> Action:
        """The action of a name.

        Raises:
            rasa.core.actions.action.ActionNotFoundException: the domain knows none.
        """
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Action:
        if name in self._executor.actions:
            return OwnAction(name, self._executor)
        if name in self._domain.form_names:
            return OwnForm(name, self)
        return rasa_actions.action_for_name_or_text(name, self._domain, None)
