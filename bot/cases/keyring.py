"""The keys of a database, and what they do: values are sealed with them and opened again.

Every value is sealed with AES-256-GCM (NIST SP 800-38D) under a random key of 256 bits. These keys
lie in the database itself, each wrapped under a key that HKDF-SHA-256 (RFC 5869) derives from the
program's key material. So a new key can be made while the program runs, and new material only
means that a few keys are wrapped anew.

AES-GCM rather than Fernet: it authenticates the column beside the value, which Fernet cannot, and
its keys are twice as long. Nonces are drawn at random, 96 bits: one key may seal 2^32 values, which
is some hundred million turns.
"""

import os
import secrets
import threading
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KeyState = Literal["current", "old", "retired", "lasting"]

_KEY = 32  # bytes
_NONCE = 12
_BLOCK = 64
"""Values are filled up to a multiple of so many bytes: a short answer shows no length of its own."""
_SIGN = "s1"
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/!!")  # what base64url does not have is no sign of it
_WRONG = (
    "The setting HUTONG_SECRET_KEY (or the key file in the data folder) is not the key material "
    "that this database was sealed with: bring the old one back, or name it in "
    "HUTONG_SECRET_KEY_BEFORE."
)


class SealError(Exception):
    """A value that was not sealed by this program for this column, or was changed since."""


class WrongKeyError(Exception):
    """The key material does not open this database; the message is one sentence."""


@dataclass(frozen=True)
class HeldKey:
    """A key as the database holds it.

    ``state`` is ``current`` (seals), ``old`` (still opens what it sealed), ``retired`` (nothing is
    sealed with it any more) or ``lasting`` (what look-ups are hashed with; never changes).
    """

    id: int
    state: KeyState
    wrapped: str
    made_at: datetime
    retired_at: datetime | None = None


class Keyring:
    """The keys of one database.

    Args:
        material: the program's key material.
        before: the material before it, if it was changed: what is wrapped under it is opened, too.
    """

    def __init__(self, material: bytes, before: bytes | None = None) -> None:
        self._material = material
        self._wrapping = _wrapping(material)
        self._before = _wrapping(before) if before else None
        self._keys: dict[int, AESGCM] = {}
        self._current = 0
        self._lasting = b""
        self._source: Callable[[], Iterable[HeldKey]] = tuple
        self._lock = threading.Lock()

    def read_from(self, source: Callable[[], Iterable[HeldKey]]) -> None:
        """Say where the keys are read when one is missing."""
        self._source = source

    def first(self, now: datetime) -> list[HeldKey]:
        """The keys of a database that has none yet: one to seal with, and the lasting one.

        What is looked up was hashed with the material itself before there were keys, and goes on
        to be.
        """
        lasting = self._wrap(1, self._material)
        return [HeldKey(1, "lasting", lasting, now), self.fresh(2, now)]

    def fresh(self, number: int, now: datetime) -> HeldKey:
        """A new key to seal with."""
        return HeldKey(number, "current", self._wrap(number, secrets.token_bytes(_KEY)), now)

    def take(self, held: Iterable[HeldKey]) -> list[HeldKey]:
        """Take the keys that the database holds, in place of those known so far.

        Returns:
            the keys that were wrapped under the material before, wrapped under today's.

        Raises:
            WrongKeyError: one of them opens with neither material.
        """
        keys, renewed, current, lasting = {}, [], 0, b""
        for key in held:
            content, by_old = self._unwrapped(key)
            if by_old:
                renewed.append(_with(key, self._wrap(key.id, content)))
            if key.state == "lasting":
                lasting = content
            else:
                keys[key.id] = AESGCM(content)
            if key.state == "current":
                current = key.id
        with self._lock:
            self._keys, self._current, self._lasting = keys, current, lasting
        return renewed

    @property
    def current(self) -> int:
        """The number of the key that seals."""
        if not self._current:
            self.take(self._source())
        return self._current

    @property
    def lasting(self) -> bytes:
        """The key that look-ups are hashed with; neither rotation nor new material changes it."""
        if not self._lasting:
            self.take(self._source())
        if not self._lasting:
            raise SealError("the database holds no keys yet")
        return self._lasting

    def seal(self, place: str, content: bytes) -> str:
        """Seal a value for a column.

        Args:
            place: the column, as ``transcript.text``.
        """
        number = self.current
        if not number:
            raise SealError("the database holds no keys yet")
        filled = content + b" " * (-len(content) % _BLOCK)
        nonce = os.urandom(_NONCE)
        closed = nonce + self._keys[number].encrypt(nonce, filled, _bound(place, number))
        return f"{_SIGN}:{number}:{_text(closed)}"

    def open(self, place: str, held: str) -> bytes:
        """Open a value of a column, with the spaces that it was filled up with.

        Raises:
            SealError: it is not sealed, was sealed for another column, by a key that is not here,
                or was changed since.
        """
        number, text = _parts(place, held)
        if number not in self._keys:
            self.take(self._source())
        key = self._keys.get(number)
        if key is None:
            raise SealError(f"a value of {place} was sealed with key {number}, which is not here")
        try:
            closed = _bytes(text)
            return key.decrypt(closed[:_NONCE], closed[_NONCE:], _bound(place, number))
        except (InvalidTag, ValueError):
            raise SealError(f"a value of {place} was not sealed here or was changed") from None

    def _wrap(self, number: int, content: bytes) -> str:
        nonce = os.urandom(_NONCE)
        return _text(nonce + self._wrapping.encrypt(nonce, content, _bound("key", number)))

    def _unwrapped(self, key: HeldKey) -> tuple[bytes, bool]:
        """The key itself, and whether it was wrapped under the material before."""
        for wrapping in (self._wrapping, self._before):
            if wrapping is None:
                continue
            try:
                closed = _bytes(key.wrapped)
                opened = wrapping.decrypt(closed[:_NONCE], closed[_NONCE:], _bound("key", key.id))
            except (InvalidTag, ValueError):
                continue
            return opened, wrapping is self._before
        raise WrongKeyError(_WRONG)


def mark(number: int) -> str:
    """What every value begins with that this key sealed."""
    return f"{_SIGN}:{number}:"


def is_sealed(held: str) -> bool:
    """Whether a value looks sealed; no JSON begins so."""
    return held.startswith(f"{_SIGN}:")


def _parts(place: str, held: str) -> tuple[int, str]:
    sign, number, text = ([*held.split(":", 2), "", ""])[:3]
    if sign != _SIGN or not (number.isascii() and number.isdecimal()):
        raise SealError(f"a value of {place} is not sealed")
    return int(number), text


def _text(content: bytes) -> str:
    """Bytes as base64url (RFC 4648, section 5)."""
    return b2a_base64(content, newline=False).translate(_TO_URL).decode()


def _bytes(text: str) -> bytes:
    """The bytes that a text stands for; other ways of writing the same bytes are refused."""
    standard = text.encode().translate(_FROM_URL)
    found = a2b_base64(standard)
    if b2a_base64(found, newline=False) != standard:
        raise ValueError("no base64")
    return found


@cache
def _bound(place: str, number: int) -> bytes:
    """What is authenticated beside a value: neither the column nor the key can be exchanged."""
    return f"hutong/{_SIGN}/{place}/{number}".encode()


def _wrapping(material: bytes) -> AESGCM:
    derived = HKDF(SHA256(), _KEY, salt=None, info=b"hutong/wrapping of keys").derive(material)
    return AESGCM(derived)


def _with(key: HeldKey, wrapped: str) -> HeldKey:
    return HeldKey(key.id, key.state, wrapped, key.made_at, key.retired_at)
