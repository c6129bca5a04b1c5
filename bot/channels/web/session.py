"""Who a browser is: an unguessable id in a signed cookie, and nothing that a page could name."""

import hashlib
import secrets

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

DAYS = 30
_AGE = DAYS * 24 * 3600


class Sessions:
    """Opens and recognises browser sessions.

    The id has 128 random bits. The cookie is ``HttpOnly`` and ``SameSite=Strict``, and behind
    https ``Secure`` and bound to the host by the ``__Host-`` prefix (RFC 6265bis, 4.1.3.2), so
    that a neighbouring host cannot plant a session of its own.

    Args:
        secret: key material; another key makes every cookie a stranger's.
    """

    def __init__(self, secret: bytes) -> None:
        self._signer = TimestampSigner(
            secret, salt="hutong.web.session", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def of(self, request: Request) -> str | None:
        """The session id of a request; ``None`` without a cookie of ours that still holds."""
        cookie = request.cookies.get(_name(request), "")
        try:
            return self._signer.unsign(cookie, max_age=_AGE).decode("ascii")
        except (BadSignature, UnicodeError):
            return None

    def keep(self, request: Request, response: Response, session: str) -> None:
        """Put the session on the response, for the next 30 days."""
        response.set_cookie(
            _name(request),
            self._signer.sign(session).decode("ascii"),
            max_age=_AGE,
            path="/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    @staticmethod
    def fresh() -> str:
        """A new session id."""
        return secrets.token_urlsafe(16)


def _name(request: Request) -> str:
    return "__Host-hutong" if request.url.scheme == "https" else "hutong"
