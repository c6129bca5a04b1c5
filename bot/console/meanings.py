"""What a message may mean, for the person who sets it right: intents, and values in words."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.cases import reviewing
from bot.console import understood
from bot.texts import N_, Texts

_MOVES = frozenset(
    {
        "nlu_fallback", "wordless", "stale_button", "start_report", "choose_field", "receipt",
        "followup",
    }
)  # fmt: skip
"""What only buttons and commands make."""
INTENTS: Mapping[str, str] = MappingProxyType(
    {name: words for name, words in understood.INTENTS.items() if name not in _MOVES}
)
"""The intents of the contract (section 1) in words."""
ENTITIES = understood.ENTITIES
DOUBTS: Mapping[str, str] = MappingProxyType(
    {
        "fallback": N_("没听懂"),
        "low": N_("没有把握"),
        "corrected": N_("被报告人纠正"),
    }
)


def values_in_words(t: Texts) -> dict[str, dict[str, str]]:
    """The values of each entity that has fixed ones, in words."""
    return {
        entity: {
            value: understood.entity_in_words({"entity": entity, "value": value}, t)[1]
            for value in values
        }
        for entity, values in reviewing.VALUES.items()
        if values
    }
