"""Everything in one process: web chat, Telegram when a token is set, turns and sending."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.bootstrap import House, build
from bot.channels.telegram import TelegramChannel
from bot.channels.web import Server, WebSender, web_routes
from bot.channels.web.transcript import TranscriptLines
from bot.conversation.messages import Sender
from bot.settings import Settings, secret_key

_LOOK_EVERY = 30.0
"""Seconds between two looks for reminders that are due."""
_WATCH_EVERY = 300.0
"""Seconds between two looks at what time alone makes worse."""


def serve(settings: Settings, model: Path) -> None:
    """Run until interrupted."""
    click.echo("Opening the door …", err=True)
    house = build(settings, model)
    app, web_sender = make_app(house)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        ws="none",
    )
    server = Server(config, web_sender.close)
    shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - only compared
    click.echo(f"Web chat: http://{shown}:{settings.port}/", err=True)
    click.echo(
        f"Telegram: {settings.telegram_mode if settings.telegram_token else 'off (HUTONG_TELEGRAM_TOKEN is not set)'}",
        err=True,
    )
    server.run()


def make_app(house: House) -> tuple[Starlette, WebSender]:
    """The web application with all channels behind it, and the web chat's sender."""
    settings = house.settings
    senders: dict[str, Sender] = {}
    desk = house.desk(senders)
    web_sender = WebSender()
    senders["web"] = web_sender
    routes: list[BaseRoute] = [Route("/health", _health)]
    telegram = None
    if settings.telegram_token:
        telegram = TelegramChannel(settings, desk)
        senders["telegram"] = telegram.sender
        routes += telegram.routes
    lines = TranscriptLines(house.database, house.inbox)
    routes += web_routes(secret_key(settings), desk, lines, web_sender, settings.clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await desk.start()
        reminding = asyncio.create_task(house.reminders.run(desk.deliver, _LOOK_EVERY))
        watching = asyncio.create_task(house.watch.run(_WATCH_EVERY))
        running = asyncio.create_task(telegram.run()) if telegram else None
        if running:
            running.add_done_callback(_tell_why)
        try:
            yield
        finally:
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            for task in (reminding, watching):
                task.cancel()
            await asyncio.gather(reminding, watching, return_exceptions=True)
            await desk.close()
            house.database.close()

    return Starlette(routes=routes, lifespan=lifespan), web_sender


def _tell_why(task: asyncio.Task[None]) -> None:
    """Telegram's end is told; the web chat goes on without it."""
    if not task.cancelled() and (error := task.exception()):
        click.echo(f"Telegram is off: {error}", err=True)


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
