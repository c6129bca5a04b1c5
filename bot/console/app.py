"""The routes of the console: every page there is."""

from collections.abc import Callable

from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.cases.audit import Audit
from bot.channels.web.guard import SecurityHeaders
from bot.clock import Clock
from bot.console import (
    accounts_page,
    acts,
    attachments,
    audit,
    case,
    chat,
    exporting,
    overview,
    queue,
    review,
    search,
    signin,
)
from bot.console.live import Live, live_route
from bot.console.pages import HERE, POLICY, ROOT, Console, Page
from bot.console.sessions import StaffSessions
from bot.database import Database

PAGES: tuple[Page, ...] = (
    *signin.PAGES,
    *attachments.PAGES,
    *queue.PAGES,
    *search.PAGES,
    *case.PAGES,
    *acts.PAGES,
    *chat.PAGES,
    *audit.PAGES,
    *accounts_page.PAGES,
    *overview.PAGES,
    *exporting.PAGES,
    *review.PAGES,
)
"""Every page of the console; the tests of rights go through them all."""


def console_routes(
    database: Database,
    clock: Clock,
    secret: bytes,
    hashed: Callable[[str], str],
    deliver: Callable[[int], None],
    fetch: Callable[[str, str], bytes],
    live: Live,
) -> list[BaseRoute]:
    """The console's pages under ``/staff``.

    Args:
        secret: key material for sign-ins; the audit's seals outlive it.
        hashed: the keyed hash by which phones, names and words are looked up.
        deliver: has the replies of a conversation sent; safe to call from any thread.
        fetch: gets an attachment, by channel and the platform's id of the file.
        live: what tells open pages that something was written.
    """
    sessions, audit = StaffSessions(secret), Audit(database.keyring.lasting)
    console = Console(database, clock, sessions, audit, hashed, deliver, fetch)

    async def to_root(_: Request) -> Response:
        return RedirectResponse(ROOT + "/", 308)

    static = Mount(
        f"{ROOT}/static",
        app=StaticFiles(directory=HERE / "static"),
        name="staff-static",
        middleware=[
            Middleware(SecurityHeaders, cache="no-cache", policy=POLICY),
            Middleware(ExceptionMiddleware),
        ],
    )
    routes = [Route(ROOT, to_root), live_route(console, live), static]
    return [*routes, *(page.route(console) for page in PAGES)]
