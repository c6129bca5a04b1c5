"""``hutong staff``: accounts for the console."""

import secrets
import sys
from typing import Any

import click

from bot.cases.vocabulary import UNITS
from bot.commands.stopping import stops_with_a_sentence
from bot.settings import Settings, load_settings

_ROLES = ("worker", "supervisor", "county", "administrator", "auditor")


@click.group()
def staff() -> None:
    """Accounts for the console under /staff."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), help="What the person may do.")
@click.option("--region", default="", help="Code of six digits (GB/T 2260); empty: everywhere.")
@click.option("--unit", type=click.Choice(UNITS), help="Where the person works.")
@click.option("--language", default="zh_Hans", type=click.Choice(("zh_Hans", "zh_Hant", "en")))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@stops_with_a_sentence
def add(
    name: str, role: str | None, region: str, unit: str | None, language: str, password_stdin: bool
) -> None:
    """Add an account; the first one is an administrator unless a role is named.

    A password is made and shown unless one is given. The secret for one-time codes is shown once.
    """
    from sqlalchemy import func, select

    from bot.bootstrap import open_database
    from bot.cases.staff_tables import StaffRow
    from bot.console import accounts

    password = _read_password() if password_stdin else secrets.token_urlsafe(12)
    settings = load_settings()
    with open_database(settings).writing() as session:
        first = not session.execute(select(func.count(StaffRow.id))).scalar()
        role = role or ("administrator" if first else "worker")
        profile = accounts.Profile(name, role, region, unit, language)
        try:
            row = accounts.add(session, profile, password, settings.clock.now())
        except accounts.AccountError as error:
            raise click.ClickException(str(error)) from None
        _audit(
            settings, session, "account_added", {"name": row.name, "role": role, "region": region}
        )
        click.echo(f"Account {row.name}: {role}, {region or 'everywhere'}.")
        if not password_stdin:
            click.echo(f"Password, shown once: {password}")
        _show_code(row)


@staff.command()
@click.argument("name")
@click.option("--password", "fresh", is_flag=True, help="A new password.")
@click.option("--code", is_flag=True, help="A new secret for one-time codes, as for a lost phone.")
@click.option("--active/--inactive", default=None, help="Close the account or open it again.")
@stops_with_a_sentence
def change(name: str, fresh: bool, code: bool, active: bool | None) -> None:
    """Give an account a new password or secret, close it or open it; sign-ins end."""
    from bot.bootstrap import open_database
    from bot.console import accounts
    from bot.console.sessions import StaffSessions

    settings = load_settings()
    now = settings.clock.now()
    with open_database(settings).writing() as session:
        row = accounts.find(session, name)
        if row is None:
            raise click.ClickException(f"There is no account {name!r}.")
        StaffSessions.end_all(session, row.id, now)
        if fresh:
            password = secrets.token_urlsafe(12)
            accounts.set_password(row, password)
            click.echo(f"Password, shown once: {password}")
        if code:
            accounts.renew_code_secret(row)
            _show_code(row)
        if active is not None:
            row.active = active
        told = {"name": row.name, "password": fresh, "code": code, "active": row.active}
        _audit(settings, session, "account_changed", told)


@staff.command("list")
@stops_with_a_sentence
def list_accounts() -> None:
    """All accounts."""
    from sqlalchemy import select

    from bot.bootstrap import open_database
    from bot.cases.staff_tables import StaffRow

    with open_database(load_settings()).reading() as session:
        for row in session.execute(select(StaffRow).order_by(StaffRow.name)).scalars():
            state = "" if row.active else "  (closed)"
            click.echo(
                f"{row.name}  {row.role}  {row.region or 'everywhere'}  {row.unit or '-'}{state}"
            )


def _audit(settings: Settings, session: Any, action: str, detail: dict[str, Any]) -> None:
    from bot.cases.audit import Audit
    from bot.cases.sealed import keyring_of

    audit = Audit(keyring_of(session.get_bind().dialect).lasting)
    audit.write(session, settings.clock.now(), "console", action, None, detail)


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _show_code(row: Any) -> None:
    import segno

    from bot.console import accounts

    address = accounts.code_address(row)
    click.echo("Scan this with an authenticator app, or type in the secret:")
    segno.make_qr(address, error="l").terminal(compact=True)
    click.echo(row.code_secret)
