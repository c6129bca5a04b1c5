"""Settings from the environment and an optional ``.env``: frozen, typed, and clear about what is wrong."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseSettings, ValidationError, validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.cases.keeping import Keeping
from bot.clock import Clock

_MOST_CLERKS = 4
"""Unless it is set: each holds a model in memory, and one process takes in what as many answer."""


class SettingError(Exception):
    """A setting that cannot be used; the message is one sentence that names it."""


class Settings(BaseSettings):
    """All that can be set from outside, each under ``HUTONG_`` and its name in capitals."""

    data_dir: Path = Path("data")
    database_url: str = ""
    regions_dir: Path | None = None
    telegram_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: str = ""
    secret_key: str = ""
    secret_key_before: str = ""
    keep_drafts: int = 30
    keep_closed: int = 730
    keep_transcripts: int = 180
    keep_messages: int = 30
    keep_audit: int = 1095
    keep_warning: int = 14
    now: datetime | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    turn_threads: int = 4
    clerks: int | None = None
    alert_chat: str = ""
    public_url: str = ""
    metrics_token: str = ""

    class Config:
        env_prefix = "HUTONG_"
        env_file = ".env"
        allow_mutation = False

    @validator("database_url")
    def _is_a_database(cls, value: str) -> str:
        try:
            known = not value or make_url(value).get_backend_name() in ("sqlite", "postgresql")
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError("must be a sqlite:/// or postgresql:// address")
        return value

    @validator("regions_dir", pre=True)
    def _none_is_the_default(cls, value: Any) -> Any:
        return value or None

    @validator("regions_dir")
    def _folder_is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("there is no such folder")
        return value

    @validator("now", pre=True)
    def _now_is_no_bare_number(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().isdigit():
            raise ValueError("needs a day and a time, as in 2026-11-21T10:00:00+08:00")
        return value

    @validator("now")
    def _now_needs_an_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a UTC offset, as in 2026-11-21T10:00:00+08:00")
        return value

    @validator(
        "keep_drafts", "keep_closed", "keep_transcripts", "keep_messages", "keep_audit",
        "keep_warning",
    )  # fmt: skip
    def _is_some_days(cls, value: int) -> int:
        if not 1 <= value <= 36_500:
            raise ValueError("must be a number of days, at least 1")
        return value

    @validator("port")
    def _port_exists(cls, value: int) -> int:
        if not 0 <= value <= 65535:
            raise ValueError("must be between 0 and 65535")
        return value

    @validator("turn_threads")
    def _somebody_answers(cls, value: int) -> int:
        if value < 1:
            raise ValueError("must be at least 1")
        return value

    @validator("clerks")
    def _some_clerks(cls, value: int | None) -> int | None:
        if value is not None and not 0 <= value <= 64:
            raise ValueError("must be between 0 and 64")
        return value

    @validator("alert_chat")
    def _is_a_chat(cls, value: str) -> str:
        if value and not value.removeprefix("-").isdecimal():
            raise ValueError("must be the number of a Telegram chat")
        return value

    @validator("metrics_token")
    def _token_is_long_enough(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @validator("telegram_api_url", "telegram_webhook_url", "public_url")
    def _is_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must start with http:// or https:// and name a host")
        return value.rstrip("/")

    @validator("secret_key", "secret_key_before")
    def _key_is_long_enough(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @property
    def keeping(self) -> Keeping:
        """How long what is kept."""
        return Keeping(
            self.keep_drafts,
            self.keep_closed,
            self.keep_transcripts,
            self.keep_messages,
            self.keep_audit,
            self.keep_warning,
        )

    @property
    def clerks_served(self) -> int:
        """How many processes answer people for a serving one: one a core, where there are several."""
        if self.clerks is not None:
            return self.clerks
        cores = os.cpu_count() or 1
        return min(cores, _MOST_CLERKS) if cores > 1 else 0

    @property
    def clock(self) -> Clock:
        """The program's clock, stopped when ``HUTONG_NOW`` is set."""
        return Clock(self.now)

    @property
    def database(self) -> str:
        """The database URL; a SQLite file under the data folder unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'hutong.sqlite3'}"

    @property
    def console(self) -> str:
        """The staff console's address, as links to it are written."""
        return f"{self.public_url or f'http://{self.host}:{self.port}'}/staff"

    @property
    def regions(self) -> Path:
        """The folder of region files that staff keep; it need not be there."""
        return self.regions_dir or self.data_dir / "regions"

    @property
    def models(self) -> Path:
        """The folder that trained models are kept in."""
        return self.data_dir / "models"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingError: one sentence that names the wrong setting and says why.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "HUTONG_" + str(first["loc"][0]).upper()
        raise SettingError(f"The setting {name} cannot be used: {first['msg']}.") from None
    if settings.alert_chat and not settings.telegram_token:
        raise SettingError(
            "The setting HUTONG_TELEGRAM_TOKEN is missing: HUTONG_ALERT_CHAT needs it."
        )
    if settings.telegram_token and settings.telegram_mode == "webhook":
        for name in ("telegram_webhook_url", "telegram_webhook_secret"):
            if not getattr(settings, name):
                raise SettingError(
                    f"The setting HUTONG_{name.upper()} is missing: webhook mode needs it."
                )
    return settings


def secret_key(settings: Settings) -> bytes:
    """The key material, from ``HUTONG_SECRET_KEY`` or a file under the data folder.

    The file is made with mode 0600 when neither is there.

    Raises:
        SettingError: the key file cannot be read or written.
    """
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data_dir / "secret.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32).encode())
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingError(
            f"The setting HUTONG_DATA_DIR cannot be used: {error.strerror} for the key file."
        ) from None
    if len(key) < 16:
        raise SettingError(
            "The setting HUTONG_SECRET_KEY is missing and the key file is too short."
        )
    return key


def _write_once(path: Path, content: bytes) -> None:
    """Put a whole file there, or leave the one that another process put there first."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink()
