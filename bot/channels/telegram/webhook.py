"""The route that Telegram posts updates to; the answer acknowledges what was written down."""

import logging
from secrets import compare_digest
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.reading import read_update
from bot.clock import Clock

WEBHOOK_PATH = "/telegram/webhook"
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name

_log = logging.getLogger(__name__)


def webhook_route(intake: Intake, clock: Clock, secret: str) -> Route:
    """The route, to be mounted in the web application.

    It answers 403 to a wrong secret, 400 to what is no JSON, 500 (so that Telegram repeats it)
    when the message could not be written down, and 200 to everything else.
    """

    async def receive(request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not secret or not compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        try:
            raw = await request.json()
        except (ValueError, RecursionError):
            return Response(status_code=400)
        try:
            await intake.take(read_update(raw, clock))
        except Exception as error:  # whatever the door raises: Telegram sends it again
            _log.error("Telegram: a message was not written down (%s)", type(error).__name__)
            return Response(status_code=500)
        return Response(status_code=200)

    return Route(WEBHOOK_PATH, receive, methods=["POST"])


def public_address(base: str) -> str:
    """What to tell Telegram: an address without a path gets the route's own."""
    return base if urlsplit(base).path.strip("/") else base.rstrip("/") + WEBHOOK_PATH
