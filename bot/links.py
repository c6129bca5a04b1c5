"""Links that know their community: who prints a poster signs a token, who scans it brings it along.

A token holds a community's code and name and a signature over both, so nothing has to be kept and
nobody can make one for another community. It is at most 64 letters of A-Z, a-z, 0-9, ``_`` and
``-``: what Telegram takes behind ``?start=`` (Bot API, "Deep linking").
"""

import csv
import hashlib
import hmac
import io
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from itsdangerous import Signer
from pydantic import ValidationError, root_validator, validator

from bot.cases.datafile import read_table
from bot.datafiles import Strict
from bot.walks.divisions import full_name_of

_SALT = b"hutong.community"
_SIGNATURE = 16  # letters, 96 bits
_CODE = 3  # bytes; six decimal digits fit
_LONGEST = 64
_NAME_BYTES = (_LONGEST - _SIGNATURE) // 4 * 3 - _CODE
_NAMES = "gb18030"  # two bytes for a Chinese character, where UTF-8 takes three
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{_SIGNATURE + 4},{_LONGEST}}}", re.ASCII)
_BOT = re.compile(r"@?([A-Za-z][A-Za-z0-9_]{4,31})", re.ASCII)
_WEB = re.compile(r"(https?://[^\s?#]+?)/*")


class LinkError(Exception):
    """Links that cannot be made; the message is one sentence."""


class CommunityFileError(LinkError):
    """A file of communities that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Community:
    """A community (村/居) and the code of its county (GB/T 2260)."""

    name: str
    adcode: str

    @classmethod
    def from_json(cls, value: dict[str, Any] | None) -> "Community | None":
        """The community that ``to_json`` wrote."""
        return cls(**value) if value else None

    def to_json(self) -> dict[str, Any]:
        """The community as plain JSON."""
        return asdict(self)

    @property
    def address(self) -> str:
        """The community as an address begins."""
        return (full_name_of(self.adcode) or "") + self.name


class Links:
    """Makes and reads tokens.

    Args:
        key: the program's key material; another key's tokens are not read.
    """

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)

    def token(self, community: Community) -> str:
        """The token of a community.

        Raises:
            LinkError: the name does not fit into one.
        """
        name = community.name.encode(_NAMES)
        if not 0 < len(name) <= _NAME_BYTES:
            raise LinkError(f"The name {community.name!r} is longer than a link can hold.")
        held = int(community.adcode).to_bytes(_CODE, "big") + name
        text = urlsafe_b64encode(held).rstrip(b"=")
        return (text + self._signature(text)).decode()

    def read(self, token: str) -> Community | None:
        """The community of a token; ``None`` for anything that this key did not sign."""
        if not _TOKEN.fullmatch(token):
            return None
        text, signature = token[:-_SIGNATURE].encode(), token[-_SIGNATURE:].encode()
        if not hmac.compare_digest(signature, self._signature(text)):
            return None
        held = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        return Community(held[_CODE:].decode(_NAMES), f"{int.from_bytes(held[:_CODE], 'big'):06}")

    def _signature(self, text: bytes) -> bytes:
        return self._signer.get_signature(text)[:_SIGNATURE]


class _Row(Strict):
    name: str
    adcode: str

    @validator("name")
    def _fits(cls, value: str) -> str:
        name = value.strip()
        if not name or not name.isprintable():
            raise ValueError("a community needs a name")
        if len(name.encode(_NAMES)) > _NAME_BYTES:
            raise ValueError(f"longer than a link can hold ({_NAME_BYTES // 2} characters)")
        return name

    @validator("adcode", pre=True)
    def _is_a_division(cls, value: object) -> str:
        code = str(value).strip()
        if full_name_of(code) is None:
            raise ValueError(f"there is no division {code!r}")
        return code


class _Communities(Strict):
    communities: list[_Row]

    @root_validator(skip_on_failure=True)
    def _each_once(cls, values: dict[str, Any]) -> dict[str, Any]:
        pairs = [(row.name, row.adcode) for row in values["communities"]]
        if twice := [name for name, code in pairs if pairs.count((name, code)) > 1]:
            raise ValueError(f"{twice[0]} stands there twice")
        return values


def read_communities(path: Path) -> list[Community]:
    """The communities of a file: ``name,adcode`` (.csv), or ``communities:`` with both (.yml).

    A table that a spreadsheet saved in GBK is read, too.

    Raises:
        CommunityFileError: a line of a .csv cannot be used.
        bot.cases.datafile.DataFileError: a line of a .yml cannot be used.
    """
    is_yaml = path.suffix.lower() in (".yml", ".yaml")
    rows = read_table(path, _Communities).communities if is_yaml else _read_csv(path)
    return [Community(row.name, row.adcode) for row in rows]


def _read_csv(path: Path) -> list[_Row]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode(_NAMES, "replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if not {"name", "adcode"} <= set(reader.fieldnames or ()):
        raise CommunityFileError(f"The file {path.name} cannot be used: line 1: name,adcode.")
    rows: dict[tuple[str, str], _Row] = {}
    for held in reader:
        try:
            row = _Row(name=held["name"], adcode=held["adcode"])
        except ValidationError as error:
            first = error.errors()[0]
            raise _wrong(path, reader.line_num, f"{first['loc'][0]}: {first['msg']}") from None
        if (row.name, row.adcode) in rows:
            raise _wrong(path, reader.line_num, f"{row.name} stands there twice")
        rows[row.name, row.adcode] = row
    if not rows:
        raise _wrong(path, 1, "there is no community in it")
    return list(rows.values())


def _wrong(path: Path, line: int, why: str) -> CommunityFileError:
    return CommunityFileError(f"The file {path.name} cannot be used: line {line}: {why}.")


def telegram_link(bot: str, token: str) -> str:
    """The link that opens Telegram with this community.

    Raises:
        LinkError: a bot cannot be called so.
    """
    name = _BOT.fullmatch(bot)
    if name is None:
        raise LinkError(f"A Telegram bot cannot be called {bot!r}.")
    return f"https://t.me/{name[1]}?start={token}"


def web_link(base: str, token: str) -> str:
    """The link that opens the web chat with this community.

    Raises:
        LinkError: the address of the web chat cannot be used.
    """
    found = _WEB.fullmatch(base)
    if found is None:
        raise LinkError(f"The web chat's address cannot be {base!r}: https://… is wanted.")
    return f"{found[1]}/?c={token}"
