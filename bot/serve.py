"""Everything in one place: web chat, Telegram when a token is set, turns and sending."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot.alone import alone_on
from bot.bootstrap import Front, build, build_served
from bot.channels.web import Server, WebSender, web_routes
from bot.channels.web.guard import SecurityHeaders
from bot.channels.web.transcript import TranscriptLines
from bot.condition import Condition
from bot.console.app import console_routes
from bot.console.live import Live
from bot.conversation.alerts import CHANNEL as ALERTS
from bot.conversation.attachments import Attachments
from bot.conversation.bell import bell_on
from bot.conversation.claims import Work, claims_on, while_ours
from bot.conversation.clerks import Clerks
from bot.conversation.messages import Sender
from bot.logs import log_to_standard_error
from bot.settings import Settings, secret_key

_LOOK_EVERY = 30.0
"""Seconds between two looks for reminders that are due."""
_WATCH_EVERY = 300.0
"""Seconds between two looks at what time alone makes worse."""
_KEEP_EVERY = 6 * 3600.0
"""Seconds between two looks at what has been kept for long enough, which is days."""
_KEEP_SOON = 600.0
"""Seconds between two looks at what people wait for: wishes to be forgotten."""


def serve(settings: Settings, model: Path, clerks: Clerks | None = None) -> None:
    """Run until interrupted.

    Args:
        clerks: they answer people; without them this process does.
    """
    click.echo("Opening the door …", err=True)
    lone = alone_on(settings.database)  # kept for as long as the program runs
    house = build_served(settings, model, clerks) if clerks else build(settings, model)
    log_to_standard_error(house.meters)
    server = server_of(house)
    shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - only compared
    click.echo(f"Web chat: http://{shown}:{settings.port}/", err=True)
    click.echo(
        f"Telegram: {settings.telegram_mode if settings.telegram_token else 'off (HUTONG_TELEGRAM_TOKEN is not set)'}",
        err=True,
    )
    server.run()
    if lone:
        lone.close()


def server_of(house: Front) -> Server:
    """The server of a house, where its settings want it; not started yet."""
    app, web_sender = make_app(house)
    config = uvicorn.Config(
        app,
        host=house.settings.host,
        port=house.settings.port,
        log_config=None,  # its own would write errors with their words past our log
        log_level="warning",
        access_log=False,
        ws="none",
    )
    return Server(config, web_sender.close)


def make_app(house: Front) -> tuple[ASGIApp, WebSender]:
    """The web application with all channels behind it, and the web chat's sender."""
    settings = house.settings
    senders: dict[str, Sender] = {}
    claims = claims_on(house.database)
    desk = house.desk(senders, claims)
    bell = bell_on(house.database)
    web_sender = WebSender(house.inbox.hashed, bell.ring)
    senders["web"] = web_sender
    condition = Condition(
        house.database, settings.clock, senders, house.meters, settings.metrics_token
    )
    routes: list[BaseRoute] = [*condition.routes]
    telegram = None
    if settings.telegram_token:
        from bot.channels.telegram import TelegramChannel  # its libraries take a tenth of a start

        telegram = TelegramChannel(settings, desk, claims=claims)
        senders["telegram"] = senders[ALERTS] = telegram.sender
        routes += telegram.routes
    attachments = Attachments({"telegram": telegram.files} if telegram else {})
    live = Live(house.database)
    web_sender.when_closing(live.close)
    lines = TranscriptLines(house.database, house.inbox)
    routes += web_routes(secret_key(settings), desk, lines, web_sender, settings.clock)
    routes += console_routes(  # after the chat's: a request is compared with one after another
        house.database,
        settings.clock,
        secret_key(settings),
        house.inbox.hashed,
        desk.deliver_soon,
        attachments.fetch,
        live,
    )

    def reminding() -> Coroutine[Any, Any, None]:
        return house.reminders.run(desk.deliver, _LOOK_EVERY)

    def watching() -> Coroutine[Any, Any, None]:
        return house.watch.run(desk.deliver, _WATCH_EVERY)

    def keeping() -> Coroutine[Any, Any, None]:
        return house.keeper.run(_KEEP_EVERY, _KEEP_SOON)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await desk.start()
        attachments.start()
        beside = [
            asyncio.create_task(bell.run(web_sender.hear)),
            asyncio.create_task(while_ours(claims, Work.REMINDING, reminding)),
            asyncio.create_task(while_ours(claims, Work.WATCHING, watching)),
            asyncio.create_task(while_ours(claims, Work.KEEPING, keeping)),
        ]
        running = asyncio.create_task(telegram.run()) if telegram else None
        if running:
            running.add_done_callback(_tell_why)
        try:
            yield
        finally:
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await desk.close()
            house.database.close()

    # around everything: what no route answers, and what breaks, is closed like the pages are
    return SecurityHeaders(Starlette(routes=routes, lifespan=lifespan)), web_sender


def _tell_why(task: asyncio.Task[None]) -> None:
    """Telegram's end is told; the web chat goes on without it."""
    if not task.cancelled() and (error := task.exception()):
        click.echo(f"Telegram is off: {error}", err=True)
