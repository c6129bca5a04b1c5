"""Signing in and out, and one's own account."""

from starlette.responses import Response

from bot.console import accounts
from bot.console.pages import Page, Visit, to
from bot.console.rights import SIGNED_IN
from bot.console.sessions import StaffSessions
from bot.texts import LANGUAGES


def show(visit: Visit) -> Response:
    """The sign-in page; whoever is signed in goes on to the queue."""
    return (
        to(visit.staff.home) if visit.signed_in else visit.page("sign_in.html", name="", problem="")
    )


def sign_in(visit: Visit) -> Response:
    """Check name, password and one-time code, and open a session."""
    console, name = visit.console, visit.words("name")
    with visit.database.writing() as session:
        password = visit.form.get("password")
        found = accounts.sign_in(
            session,
            name,
            password if isinstance(password, str) else "",
            visit.words("code"),
            visit.now,
        )
        if isinstance(found, accounts.Refused):
            if accounts.find(session, name):
                console.audit.write(session, visit.now, name, "sign_in_refused")
            problem = _problem(visit, found)
            return visit.page("sign_in.html", 403, name=name, problem=problem)
        token = console.sessions.open(session, found, visit.now)
        console.audit.write(session, visit.now, found.name, "signed_in")
    response = to(accounts.as_staff(found).home)
    console.sessions.keep(visit.request, response, token)
    return response


def sign_out(visit: Visit) -> Response:
    """End this sign-in."""
    assert visit.signed_in is not None
    with visit.database.writing() as session:
        StaffSessions.end(session, visit.signed_in.token, visit.now)
        visit.audit(session, "signed_out")
    response = to("/sign-in")
    StaffSessions.forget(visit.request, response)
    return response


def show_self(visit: Visit) -> Response:
    """One's own account: language, password."""
    return visit.page("self.html", problem="", done="")


def change_self(visit: Visit) -> Response:
    """Change one's own language or password; a new password signs out everywhere else."""
    language, fresh = visit.words("language"), str(visit.form.get("fresh") or "")
    with visit.database.writing() as session:
        row = accounts.find(session, visit.staff.name)
        assert row is not None
        if language in LANGUAGES:
            row.language = language
        if fresh:
            code = visit.words("code")
            checked = accounts.sign_in(
                session, row.name, str(visit.form.get("password") or ""), code, visit.now
            )
            if isinstance(checked, accounts.Refused):
                return visit.page("self.html", 403, problem=_problem(visit, checked), done="")
            try:
                accounts.set_password(row, fresh)
            except accounts.AccountError:
                problem = visit.t("新密码至少要 {n} 个字符。", n=accounts.LEAST_PASSWORD)
                return visit.page("self.html", 400, problem=problem, done="")
            StaffSessions.end_all(session, row.id, visit.now)
            visit.audit(session, "password_changed")
    return to("/self")


def _problem(visit: Visit, refused: accounts.Refused) -> str:
    t = visit.t
    if refused.wait_until:
        return t(
            "试错太多次了，{time} 以后再试。忘了密码请找管理员。", time=t.moment(refused.wait_until)
        )
    return t("名字、密码或动态码不对。动态码每 30 秒换一次，用过的不能再用。")


PAGES = (
    Page("/sign-in", None, show),
    Page("/sign-in", None, sign_in, "POST"),
    Page("/sign-out", SIGNED_IN, sign_out, "POST"),
    Page("/self", SIGNED_IN, show_self),
    Page("/self", SIGNED_IN, change_self, "POST"),
)
