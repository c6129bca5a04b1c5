"""Sign-ins that last: a random token in a signed cookie, its hash in the database."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from bot.cases.staff_tables import StaffRow, StaffSessionRow
from bot.console.accounts import as_staff
from bot.console.rights import Staff

IDLE = timedelta(hours=1)
"""Without a click a sign-in ends after this."""
LONGEST = timedelta(hours=12)
"""A sign-in ends after this in any case: one shift."""
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a request, and the token that its forms must carry."""

    staff: Staff
    token: str
    csrf: str


class StaffSessions:
    """Opens, recognises and ends sign-ins.

    Args:
        secret: key material; another key makes every cookie a stranger's.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._signer = Signer(secret, salt="hutong.staff", digest_method=hashlib.sha256)

    def open(self, session: Session, staff: StaffRow, now: datetime) -> str:
        """A new sign-in; the token goes into the cookie."""
        token = secrets.token_urlsafe(32)
        session.add(
            StaffSessionRow(token_hash=_hash(token), staff_id=staff.id, created_at=now, seen_at=now)
        )
        return token

    def of(self, session: Session, request: Request, now: datetime) -> SignedIn | None:
        """Who the request is from; ``None`` without a sign-in that still holds."""
        token = self.token_of(request)
        if token is None:
            return None
        query = (
            select(StaffSessionRow, StaffRow)
            .join(StaffRow)
            .where(StaffSessionRow.token_hash == _hash(token), StaffSessionRow.ended_at.is_(None))
        )
        found = session.execute(query).first()
        if found is None:
            return None
        row, staff = found
        if not staff.active or now - row.seen_at > IDLE or now - row.created_at > LONGEST:
            return None
        return SignedIn(as_staff(staff), token, self._csrf(token))

    def touch(self, session: Session, token: str, now: datetime) -> None:
        """The person did something: the idle time starts anew."""
        session.execute(
            update(StaffSessionRow)
            .where(
                StaffSessionRow.token_hash == _hash(token),
                StaffSessionRow.seen_at < now - _SEEN_EVERY,
            )
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )

    @staticmethod
    def end(session: Session, token: str, now: datetime) -> None:
        """Sign out."""
        _end(session, StaffSessionRow.token_hash == _hash(token), now)

    @staticmethod
    def end_all(session: Session, staff_id: int, now: datetime) -> None:
        """Sign a person out everywhere."""
        _end(session, StaffSessionRow.staff_id == staff_id, now)

    def token_of(self, request: Request) -> str | None:
        """The token in the cookie, if the cookie is one of ours."""
        try:
            return self._signer.unsign(request.cookies.get(_name(request), "")).decode("ascii")
        except (BadSignature, UnicodeError):
            return None

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Put the token on the response; the cookie goes when the browser closes."""
        response.set_cookie(
            _name(request),
            self._signer.sign(token).decode("ascii"),
            path="/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    @staticmethod
    def forget(request: Request, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(_name(request), path="/")

    def _csrf(self, token: str) -> str:
        return hmac.new(self._secret, f"staff/csrf/{token}".encode(), hashlib.sha256).hexdigest()


def _end(session: Session, which: object, now: datetime) -> None:
    session.execute(
        update(StaffSessionRow)
        .where(which, StaffSessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _name(request: Request) -> str:
    return "__Host-hutong-staff" if request.url.scheme == "https" else "hutong-staff"
