"""Accounts of staff: passwords (argon2id, RFC 9106) and one-time codes (TOTP, RFC 6238)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.staff_tables import StaffRow
from bot.cases.vocabulary import UNITS
from bot.console.rights import ROLES, Staff
from bot.texts import LANGUAGES

_HASHER = PasswordHasher()
LEAST_PASSWORD = 12
"""Characters; NIST SP 800-63B asks for 8 at least, and for no rules about their kinds."""
_FREE_FAILURES = 4
_LONGEST_WAIT = timedelta(minutes=15)
_DRIFT = 1
"""Time steps of 30 s that a phone's clock may be off."""


class AccountError(Exception):
    """An account that cannot be made or changed; the message is one sentence that says why."""


@dataclass(frozen=True)
class Refused:
    """A sign-in that was not accepted; ``wait_until`` when the next try is heard."""

    wait_until: datetime | None = None


@dataclass(frozen=True)
class Profile:
    """What an account is made with."""

    name: str
    role: str = "worker"
    region: str = ""
    unit: str | None = None
    language: str = LANGUAGES[0]


def add(session: Session, profile: Profile, password: str, now: datetime) -> StaffRow:
    """Make an account with a fresh secret for one-time codes.

    Raises:
        AccountError: the name is taken or none, the password too short, or a value is none.
    """
    name = profile.name.strip()
    if not 1 <= len(name) <= 40:
        raise AccountError("A name has 1 to 40 characters.")
    if find(session, name):
        raise AccountError(f"There is an account {name!r} already.")
    if profile.role not in ROLES:
        raise AccountError(f"There is no role {profile.role!r}: it is one of {', '.join(ROLES)}.")
    if profile.unit is not None and profile.unit not in UNITS:
        raise AccountError(f"There is no unit {profile.unit!r}: it is one of {', '.join(UNITS)}.")
    if profile.region and not (
        profile.region.isascii() and profile.region.isdigit() and len(profile.region) == 6
    ):
        raise AccountError("A region is a code of six digits (GB/T 2260), as 440703.")
    row = StaffRow(
        name=name,
        role=profile.role,
        region=profile.region,
        unit=profile.unit,
        language=profile.language,
        password_hash=_hashed(password),
        code_secret=pyotp.random_base32(),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def set_password(row: StaffRow, password: str) -> None:
    """Give an account another password; waiting times of wrong tries are over.

    Raises:
        AccountError: it is too short.
    """
    row.password_hash = _hashed(password)
    row.failures, row.locked_until = 0, None


def renew_code_secret(row: StaffRow) -> None:
    """Give an account another secret for one-time codes, as when a phone is lost."""
    row.code_secret, row.last_step = pyotp.random_base32(), 0


def find(session: Session, name: str) -> StaffRow | None:
    """The account of that name."""
    query = select(StaffRow).where(StaffRow.name == name.strip())
    return session.execute(query).scalar_one_or_none()


def code_address(row: StaffRow) -> str:
    """The ``otpauth://`` address that an authenticator app takes the secret from."""
    return pyotp.TOTP(row.code_secret).provisioning_uri(name=row.name, issuer_name="Hutong")


def sign_in(
    session: Session, name: str, password: str, code: str, now: datetime
) -> StaffRow | Refused:
    """The account, if name, password and one-time code are right.

    After a few wrong tries in a row each next one has to wait, twice as long as the one before,
    at most a quarter of an hour. An unknown name takes as long as a wrong password.
    """
    nobodys = _nobodys()
    query = select(StaffRow).where(StaffRow.name == name.strip()).with_for_update()
    row = session.execute(query).scalar_one_or_none()
    if row is None or not row.active:
        _fits(nobodys, password)
        return Refused()
    if row.locked_until and now < row.locked_until:
        return Refused(row.locked_until)
    fits, step = _fits(row.password_hash, password), _step_of(row, code, now)
    if fits and step:
        row.failures, row.locked_until, row.last_step = 0, None, step
        if _HASHER.check_needs_rehash(row.password_hash):
            row.password_hash = _HASHER.hash(password)
        return row
    row.failures += 1
    if row.failures > _FREE_FAILURES:
        wait = timedelta(seconds=2 ** min(row.failures - _FREE_FAILURES + 2, 12))
        row.locked_until = now + min(wait, _LONGEST_WAIT)
    return Refused(row.locked_until)


def as_staff(row: StaffRow) -> Staff:
    """What the pages need to know of an account."""
    return Staff(row.id, row.name, row.role, row.region, row.unit, row.language)


def _hashed(password: str) -> str:
    if len(password) < LEAST_PASSWORD:
        raise AccountError(f"A password has at least {LEAST_PASSWORD} characters.")
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def _fits(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _step_of(row: StaffRow, code: str, now: datetime) -> int | None:
    """The time step that the code belongs to; each step counts once."""
    totp = pyotp.TOTP(row.code_secret)
    this = totp.timecode(now)
    for step in range(this - _DRIFT, this + _DRIFT + 1):
        if step > row.last_step and pyotp.utils.strings_equal(
            totp.generate_otp(step), code.strip()
        ):
            return step
    return None
