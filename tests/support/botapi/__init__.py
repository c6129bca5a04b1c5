"""A local Bot API server that behaves as Telegram's does, and the people who write through it.

with BotApi() as api:
    ...                                 # start the program with api.url and api.token
    person = api.person(language_code="zh-hans")
    person.says("你好")
    (reply,) = await person.replies(1)
    person.presses(reply.button("同意"))
"""

from tests.support.botapi.faults import (
    Fault,
    bad_request,
    blocked,
    cut,
    garbled,
    gateway_page,
    passes,
    server_error,
    stalls,
    too_many,
)
from tests.support.botapi.people import Group, Person
from tests.support.botapi.sent import Received, ReceivedButton
from tests.support.botapi.server import BotApi

__all__ = [
    "BotApi",
    "Fault",
    "Group",
    "Person",
    "Received",
    "ReceivedButton",
    "bad_request",
    "blocked",
    "cut",
    "garbled",
    "gateway_page",
    "passes",
    "server_error",
    "stalls",
    "too_many",
]
