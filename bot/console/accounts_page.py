"""The accounts of staff: added, changed, closed; a password and a secret are shown once."""

import secrets
from dataclasses import dataclass
from typing import Any

import segno
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases.staff_tables import StaffRow
from bot.cases.vocabulary import UNITS
from bot.console import accounts, filters
from bot.console.pages import Page, Visit, to
from bot.console.rights import ROLES, stem_of
from bot.console.sessions import StaffSessions
from bot.texts import LANGUAGES
from bot.walks.divisions import full_name_of, name_of

_OF_A_PLACE = ("worker", "supervisor")
"""Roles that this page gives no one for everywhere by a field left empty."""


@dataclass(frozen=True)
class Once:
    """What is shown once, right after it was made: a password, a secret and its picture."""

    name: str
    password: str | None = None
    secret: str | None = None
    picture: str | None = None


def show(visit: Visit) -> Response:
    """All accounts of the person's region, and the form for a new one."""
    return _list(visit)


def show_one(visit: Visit) -> Response:
    """One account, and what can be changed about it."""
    with visit.database.reading() as session:
        return _one(visit, _account(visit, session))


def add(visit: Visit) -> Response:
    """Make an account; its password and its secret are shown on the page that answers."""
    asked = {name: visit.words(name) for name in ("name", "role", "region", "unit", "language")}
    profile = accounts.Profile(
        asked["name"],
        asked["role"],
        asked["region"],
        asked["unit"] or None,
        asked["language"] if asked["language"] in LANGUAGES else LANGUAGES[0],
    )
    password = secrets.token_urlsafe(12)
    with visit.database.writing() as session:
        problem = _problem(visit, profile)
        if not problem and accounts.find(session, profile.name):
            problem = visit.t("已经有叫“{name}”的账号了，请换一个名字。", name=profile.name)
        if problem:
            return _list(visit, problem, asked, 400)
        row = accounts.add(session, profile, password, visit.now)
        told = {"name": row.name, "role": row.role, "region": row.region, "unit": row.unit}
        visit.audit(session, "account_added", None, told)
        once = _once(row, password, secret=True)
    return visit.page("account_once.html", once=once)


def change(visit: Visit) -> Response:
    """Change role, region or unit; the person's open pages follow at once."""
    with visit.database.writing() as session:
        row = _account(visit, session)
        profile = accounts.Profile(
            row.name, visit.words("role"), visit.words("region"), visit.words("unit") or None
        )
        problem = _problem(visit, profile) or _lock_out(visit, session, row, profile)
        if problem:
            return _one(visit, row, problem, 400)
        before = {"role": row.role, "region": row.region, "unit": row.unit}
        row.role, row.region, row.unit = profile.role, profile.region, profile.unit
        after = {"role": row.role, "region": row.region, "unit": row.unit}
        visit.audit(
            session, "account_changed", None, {"name": row.name, "before": before, "after": after}
        )
    return to("/accounts")


def switch(visit: Visit) -> Response:
    """Close an account, or open it again; a closed one is signed out everywhere."""
    active = visit.words("active") == "1"
    with visit.database.writing() as session:
        row = _account(visit, session)
        problem = "" if active else _lock_out(visit, session, row, None)
        if problem:
            return _one(visit, row, problem, 400)
        row.active = active
        if not active:
            StaffSessions.end_all(session, row.id, visit.now)
        visit.audit(session, "account_changed", None, {"name": row.name, "active": active})
    return to("/accounts")


def renew(visit: Visit) -> Response:
    """A new password, a new secret for one-time codes, or both; shown once."""
    password = secrets.token_urlsafe(12) if visit.words("password") else None
    secret = bool(visit.words("secret"))
    with visit.database.writing() as session:
        row = _account(visit, session)
        if not password and not secret:
            return _one(visit, row, visit.t("请选要换的：密码、动态码，或两样都换。"), 400)
        if password:
            accounts.set_password(row, password)
        if secret:
            accounts.renew_code_secret(row)
        StaffSessions.end_all(session, row.id, visit.now)
        told = {"name": row.name, "password": bool(password), "code": secret}
        visit.audit(session, "account_changed", None, told)
        once = _once(row, password, secret)
    return visit.page("account_once.html", once=once)


def _list(
    visit: Visit, problem: str = "", asked: dict[str, str] | None = None, status: int = 200
) -> Response:
    with visit.database.reading() as session:
        query = select(StaffRow).where(*_in_reach(visit)).order_by(StaffRow.active.desc())
        rows = list(session.execute(query.order_by(StaffRow.name)).scalars())
    blank = {"name": "", "role": "worker", "region": visit.staff.region, "unit": "", "language": ""}
    return visit.page(
        "accounts.html",
        status,
        rows=rows,
        problem=problem,
        asked=asked or blank,
        place=full_name_of,
        **_choices(),
    )


def _one(visit: Visit, row: StaffRow, problem: str = "", status: int = 200) -> Response:
    return visit.page(
        "account.html", status, row=row, problem=problem, place=full_name_of, **_choices()
    )


def _choices() -> dict[str, Any]:
    return {"roles": filters.ROLES, "units": {name: filters.UNITS[name] for name in UNITS}}


def _in_reach(visit: Visit) -> list[Any]:
    """The condition on ``StaffRow``: an administrator of a region keeps the accounts of that region."""
    stem = stem_of(visit.staff.region)
    return [StaffRow.region.startswith(stem, autoescape=True)] if stem else []


def _account(visit: Visit, session: Session) -> StaffRow:
    number = visit.part("number")
    query = select(StaffRow).where(
        StaffRow.id == (int(number) if number.isdecimal() else 0), *_in_reach(visit)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise visit.refuse(visit.t("没有这个账号，或不归您管。"), 404)
    return row


def _problem(visit: Visit, profile: accounts.Profile) -> str:
    """What is wrong with an account as it is to be, in a sentence; empty when nothing is."""
    t = visit.t
    if not 1 <= len(profile.name.strip()) <= 40:
        return t("请填名字，1 到 40 个字。")
    if profile.role not in ROLES:
        return t("请选一个角色。")
    if profile.unit is not None and profile.unit not in UNITS:
        return t("请从列表里选单位。")
    if profile.region and not name_of(profile.region):
        return t("没有“{code}”这个区划代码。请填六位数字，比如 440703；不填就是全部地区。", code=profile.region)  # fmt: skip
    if not profile.region.startswith(stem_of(visit.staff.region)):
        return t("您只能管理自己地区（{code}）里的账号。", code=visit.staff.region)
    if not profile.region and profile.role in _OF_A_PLACE:
        return t("儿童主任和督导员要填地区代码，他们只看自己地区的案件。")
    return ""


def _lock_out(visit: Visit, session: Session, row: StaffRow, after: accounts.Profile | None) -> str:
    """Why a change would leave nobody who can manage these accounts; empty when it would not.

    Args:
        after: what the account is to be, ``None`` when it is to be closed.
    """
    if row.role != "administrator" or not row.active:
        return ""
    if after and after.role == "administrator" and row.region.startswith(stem_of(after.region)):
        return ""
    query = select(StaffRow.region).where(
        StaffRow.role == "administrator", StaffRow.active, StaffRow.id != row.id
    )
    others = session.execute(query.with_for_update()).scalars()
    if any(row.region.startswith(stem_of(region)) for region in others):
        return ""
    return visit.t("这是最后一个能管理这些账号的管理员，没有改。请先给别人管理员的角色。")


def _once(row: StaffRow, password: str | None, secret: bool) -> Once:
    if not secret:
        return Once(row.name, password)
    code = segno.make_qr(accounts.code_address(row), error="m")
    return Once(row.name, password, row.code_secret, code.png_data_uri(scale=6, border=4))


PAGES = (
    Page("/accounts", "accounts", show),
    Page("/accounts", "accounts", add, "POST"),
    Page("/accounts/{number}", "accounts", show_one),
    Page("/accounts/{number}", "accounts", change, "POST"),
    Page("/accounts/{number}/active", "accounts", switch, "POST"),
    Page("/accounts/{number}/renew", "accounts", renew, "POST"),
)
