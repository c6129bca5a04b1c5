"""The parts of Rasa that answer messages, loaded without what only its other parts need."""

import sys
from importlib import import_module

from bot.conversation.leaving_out import leaving_out

PARTS = (
    "rasa.core.processor",
    "rasa.core.policies.rule_policy",
    "rasa.core.actions.forms",
    "rasa.engine.recipes.default_recipe",
    "rasa.engine.storage.local_model_storage",
    "rasa.nlu.classifiers.regex_message_handler",
    "rasa.nlu.tokenizers.tokenizer",
    "rasa_sdk.executor",
)
"""What a turn runs, and what a model archive names beside our own components."""

UNUSED = (
    *("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"),  # DIET, TED
    *("sklearn", "scipy", "matplotlib", "dask"),  # training, evaluation, the graph's scheduler
    *("sanic", "sanic_cors", "sanic_jwt", "sanic_routing", "socketio"),  # Rasa's own web server
    *("aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API", "slack_sdk", "twilio"),
    *("webexteamssdk",),  # channels of Rasa; ours are in bot/channels
    *("boto3", "botocore", "pymongo", "confluent_kafka", "pika", "aio_pika"),  # stores, brokers
    *("aiormq", "pamqp", "redis", "portalocker"),  # the same; a lock store
    *("aiohttp", "requests", "google", "cachecontrol", "jwt"),  # action server, telemetry, Hangouts
    *("apscheduler", "questionary", "prompt_toolkit"),  # reminders and questions of its commands
)
"""Libraries that ``PARTS`` mention and a turn never comes to."""


def load_rasa() -> None:
    """Import the parts of Rasa that answer messages, leaving out the libraries nothing of theirs uses.

    Only for a process that serves: one that trains needs some of them, and where Rasa is there
    already nothing changes.
    """
    if "rasa.core.processor" in sys.modules:
        return
    with leaving_out(UNUSED):
        for part in PARTS:
            import_module(part)


def is_lean() -> bool:
    """Whether this process has Rasa without the libraries that training needs."""
    return "rasa.core.processor" in sys.modules and "tensorflow" not in sys.modules
