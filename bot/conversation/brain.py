"""The Rasa side of a turn: one trained model, actions in-process, no state of its own.

A turn hands in the state that the conversation was left in and gets the new one back; what is
kept between turns is slots and the active form, not the log of events, so the thousandth turn
costs what the tenth does. The transcript is kept elsewhere.
"""

from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversation.messages import Button, Reply
from bot.conversation.processor import TurnProcessor
from bot.conversation.talk import Talk, TurnError
from bot.help.catalogue import Catalogue, in_force
from nlu.components.understanding import HutongUnderstanding
from nlu.interpreter import Interpreter

KEPT_SLOTS = ("report", "report_done", "requested_slot", "language", "help", "followup_asked")


_talk: ContextVar[Talk] = ContextVar("talk")


class TurnTrackerStore(TrackerStore):
    """Rasa's tracker store over the turn's own state: the turn commits it, not Rasa."""

    def __init__(self, domain: Domain) -> None:
        super().__init__(domain)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """A tracker that stands where the conversation was left."""
        talk = _talk.get()
        events: list[Event] = [ActionExecuted("action_session_start"), SessionStarted()]
        events += [SlotSet(name, value) for name, value in talk.slots.items() if value is not None]
        if talk.loop:
            events.append(ActiveLoop(talk.loop))
        events.append(ActionExecuted("action_listen"))
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Take the tracker's state back into the turn."""
        talk = _talk.get()
        talk.slots = {name: tracker.get_slot(name) for name in KEPT_SLOTS}
        talk.loop = tracker.active_loop_name
        talk.effects = tracker.get_slot("effects") or []

    async def keys(self) -> list[str]:
        """No conversation is kept here."""
        return []


class _Collector(OutputChannel):
    """Gathers a turn's replies."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take one reply with its buttons."""
        buttons = tuple(Button(b["title"], b["payload"]) for b in message.get("buttons") or ())
        _talk.get().replies.append(Reply(message.get("text") or "", buttons))


class Brain:
    """A loaded model: ``interpreter`` understands words, ``talk`` answers.

    Args:
        model: the trained model's archive.
        help_held: the help catalogue that the actions answer from.
        processor: makes the processor of a model.
    """

    def __init__(
        self,
        model: Path,
        help_held: Catalogue,
        processor: Callable[[Path], TurnProcessor] = TurnProcessor,
    ) -> None:
        self.processor = processor(model)
        trained = self.processor.graph_runner.component(HutongUnderstanding).understanding
        if trained is None:
            raise TurnError("the model understands nothing: it is not trained")
        self.interpreter = Interpreter(trained)
        self.interpreter.warm_up()
        self._help = help_held
        self.processor.tracker_store = TurnTrackerStore(self.processor.domain)

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        """Answer one message.

        Args:
            talk: the state before the turn; filled with replies, effects and the state after it.
            parsed: the message as Rasa's parse data (text, intent, entities).
            metadata: what the actions want to know of the turn (``actions/basis.py``).

        Raises:
            TurnError: an action or a policy failed; nothing of the turn counts.
        """
        token = _talk.set(talk)
        try:
            message = UserMessage(
                parsed["text"],
                output_channel=_Collector(),
                sender_id="person",
                parse_data=parsed,
                metadata=metadata,
            )
            with in_force(self._help):
                await self.processor.handle_message(message)
        except TurnError:
            raise
        except Exception as error:
            raise TurnError(type(error).__name__) from error
        finally:
            _talk.reset(token)
        return talk
