"""What every page of the console goes through: sign-in, right, forged forms, errors in words.

A page names the right that it needs; there is none without. Views are plain functions that run
on a thread, with the database as they want it, and answer with a ``Response``.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.cases.audit import Audit
from bot.channels.web.guard import SecurityHeaders, is_cross_site
from bot.channels.web.language import TAGS, language_of
from bot.clock import Clock
from bot.console.filters import FILTERS
from bot.console.rights import SIGNED_IN, Staff
from bot.console.sessions import SignedIn, StaffSessions
from bot.database import Database
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
ROOT = "/staff"
_FIELDS, _FIELD_BYTES = 200, 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True)
class Console:
    """What the pages work with.

    Args:
        hashed: the keyed hash by which phones, names and words are looked up.
        deliver: has the replies of a conversation sent, by the conversation's id; safe to call
            from any thread.
        fetch: gets an attachment, by channel and the platform's id of the file.
    """

    database: Database
    clock: Clock
    sessions: StaffSessions
    audit: Audit
    hashed: Callable[[str], str]
    deliver: Callable[[int], None]
    fetch: Callable[[str, str], bytes]
    texts_of: Callable[[str], Texts] = texts
    templates: Environment = field(default_factory=lambda: _templates())
    version: str = field(default_factory=lambda: _version_of_static())


@dataclass(frozen=True)
class Visit:
    """One request: who it is from, what was sent, and when."""

    console: Console
    request: Request
    signed_in: SignedIn | None
    form: FormData
    now: datetime
    language: str

    @property
    def staff(self) -> Staff:
        """The person; only on pages that need a sign-in."""
        assert self.signed_in is not None
        return self.signed_in.staff

    @property
    def t(self) -> Texts:
        """The texts in the person's language."""
        return self.console.texts_of(self.language)

    @property
    def database(self) -> Database:
        """The database."""
        return self.console.database

    def query(self, name: str) -> str:
        """A value of the address, empty when it is not there."""
        return self.request.query_params.get(name, "").strip()

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def words(self, name: str) -> str:
        """A text field of the form that was sent, without blanks around it."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def audit(
        self, session: Session, action: str, case_no: str | None = None, detail: Any = None
    ) -> None:
        """Write into the audit, in the transaction of what was done."""
        self.console.audit.write(session, self.now, self.staff.name, action, case_no, detail)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A template as an answer."""
        base = {
            "visit": self,
            "t": self.t,
            "language": self.language,
            "tags": TAGS,
            "version": self.console.version,
            "root": ROOT,
            "staff": self.signed_in.staff if self.signed_in else None,
            "csrf": self.signed_in.csrf if self.signed_in else "",
            "now": self.now,
            "path": self.request.url.path,
        }
        content = self.console.templates.get_template(template).render(base | values)
        headers = {"Content-Language": TAGS[self.language]}
        return HTMLResponse(content.encode("utf-8", "replace"), status, headers)

    def refuse(self, sentence: str, status: int = 400) -> "RefusedError":
        """An error to raise that shows a sentence."""
        return RefusedError(sentence, status)


class RefusedError(Exception):
    """A request that is refused; the sentence is shown to the person."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


View = Callable[[Visit], Response]


def to(path: str) -> Response:
    """On to another page of the console (303: a form that was sent is not sent again)."""
    return RedirectResponse(ROOT + path, 303)


@dataclass(frozen=True)
class Page:
    """A page of the console.

    Args:
        path: below ``/staff``.
        right: what a person needs to be allowed (``bot.console.rights``); ``None`` only for what
            comes before the sign-in.
        view: answers; on a thread.
        method: ``GET`` or ``POST``; a ``POST`` needs the token of the person's forms.
        quiet: a request that the page makes by itself and that does not count as a click.
    """

    path: str
    right: str | None
    view: View
    method: str = "GET"
    quiet: bool = False

    def route(self, console: Console) -> Route:
        """The route that serves this page."""

        async def answer(request: Request) -> Response:
            try:
                form = await _form_of(request) if self.method == "POST" else FormData()
                return await run_in_threadpool(self._answer, console, request, form)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it

        middleware = [Middleware(SecurityHeaders, policy=POLICY)]
        return Route(ROOT + self.path, answer, methods=[self.method], middleware=middleware)

    def _answer(self, console: Console, request: Request, form: FormData | None) -> Response:
        # until it is known who it is; to find that out may fail as well as the page itself
        visit = Visit(console, request, None, FormData(), console.clock.now(), language_of(request))
        try:
            visit = _visit_of(console, request, form or FormData(), self.quiet)
            if form is None:
                raise visit.refuse(visit.t("填的内容太多了，没有收下。请分几次写。"), 413)
            return self._allowed(visit) or self.view(visit)
        except RefusedError as refusal:
            return visit.page("refused.html", refusal.status, sentence=refusal.sentence)
        except Exception as error:  # its text may hold what a person wrote: the type only
            log.error("%s %s failed: %s", self.method, self.path, type(error).__name__)
            sentence = visit.t("这一页出了问题，没有保存。请退回上一页再试；急事请直接打电话。")
            return visit.page("refused.html", 500, sentence=sentence)

    def _allowed(self, visit: Visit) -> Response | None:
        """The answer to whoever may not see the page, or ``None``.

        Raises:
            RefusedError: the person lacks the right, or another site made the form.
        """
        if self.method == "POST" and is_cross_site(visit.request):
            raise visit.refuse(visit.t("这个请求来自别的网站，没有执行。"), 403)
        if self.right is None:
            return None
        if visit.signed_in is None:
            if self.quiet:
                return Response(status_code=401)
            return to("/sign-in")
        if self.method == "POST" and not hmac.compare_digest(
            visit.words("csrf").encode("utf-8", "replace"), visit.signed_in.csrf.encode()
        ):
            raise visit.refuse(visit.t("这张表单已经过期，没有保存。请退回上一页刷新再试。"), 403)
        if not visit.staff.may(self.right):
            raise visit.refuse(visit.t("您的账号没有做这件事的权限。"), 403)
        return None


async def _form_of(request: Request) -> FormData | None:
    """What a form sent; ``None`` when it is beyond the limits."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _FIELD_BYTES:
        return None
    return await request.form(max_fields=_FIELDS, max_files=0)


def _visit_of(console: Console, request: Request, form: FormData, quiet: bool) -> Visit:
    now = console.clock.now()
    with console.database.reading() as session:
        signed_in = console.sessions.of(session, request, now)
    if signed_in and not quiet:
        with console.database.writing() as session:
            console.sessions.touch(session, signed_in.token, now)
    asked = "lang" in request.query_params or signed_in is None
    language = language_of(request) if asked or not signed_in else signed_in.staff.language
    return Visit(console, request, signed_in, form, now, language)


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Callable[..., Any]] = FILTERS
    environment.filters.update(filters)
    environment.globals["SIGNED_IN"] = SIGNED_IN
    return environment


def _version_of_static() -> str:
    """A short hash of the pages' files, so that a new version is never mixed with an old one."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "static").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
