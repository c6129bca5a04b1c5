"""Settings: what can be set, and one clear sentence when something is set wrongly."""

import os
import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest

from bot.clock import SHANGHAI
from bot.settings import SettingError, Settings, load_settings, secret_key


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith("HUTONG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default_that_keeps_to_this_machine() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.telegram_mode == "polling"
    assert settings.telegram_api_url == "https://api.telegram.org"


def test_no_secret_has_a_default() -> None:
    settings = load_settings()
    secrets = (settings.secret_key, settings.telegram_token, settings.telegram_webhook_secret)
    assert secrets == ("", "", "")


def test_without_a_database_url_a_file_under_the_data_folder_is_used(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "d")
    assert settings.database == f"sqlite:///{tmp_path / 'd' / 'hutong.sqlite3'}"
    assert settings.models == tmp_path / "d" / "models"


def test_the_database_of_the_url_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_DATABASE_URL", "postgresql://u:p%40ss@db.example/hutong")
    assert load_settings().database == "postgresql://u:p%40ss@db.example/hutong"


def test_a_dotenv_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HUTONG_PORT=9001\nHUTONG_HOST=0.0.0.0\n", encoding="utf-8")
    assert load_settings().port == 9001
    monkeypatch.setenv("HUTONG_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.host) == (9002, "0.0.0.0")


def test_a_wrong_value_in_the_dotenv_file_is_named_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUTONG_PORT=eighty\n", encoding="utf-8")
    with pytest.raises(SettingError, match="HUTONG_PORT"):
        load_settings()


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(TypeError):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUTONG_PORT", "eighty"),
        ("HUTONG_PORT", "70000"),
        ("HUTONG_PORT", "-1"),
        ("HUTONG_NOW", "yesterday"),
        ("HUTONG_NOW", "2026-11-21T10:00:00"),
        ("HUTONG_NOW", "2026-13-01T10:00:00+08:00"),
        ("HUTONG_NOW", "2026"),
        ("HUTONG_TELEGRAM_MODE", "pigeon"),
        ("HUTONG_TELEGRAM_API_URL", "api.telegram.org"),
        ("HUTONG_TELEGRAM_API_URL", "http://"),
        ("HUTONG_TELEGRAM_WEBHOOK_URL", "ftp://example.org"),
        ("HUTONG_SECRET_KEY", "short"),
        ("HUTONG_DATABASE_URL", "hutong.sqlite3"),
        ("HUTONG_DATABASE_URL", "mysql://127.0.0.1/hutong"),
        ("HUTONG_DATABASE_URL", "postgresql://127.0.0.1:port/hutong"),
        ("HUTONG_TURN_THREADS", "0"),
        ("HUTONG_TURN_THREADS", "many"),
        ("HUTONG_CLERKS", "-1"),
        ("HUTONG_CLERKS", "65"),
        ("HUTONG_CLERKS", "some"),
    ],
)
def test_a_wrong_setting_stops_with_one_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as stopped:
        load_settings()
    sentence = str(stopped.value)
    assert sentence.startswith(f"The setting {name} ")
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUTONG_SECRET_KEY", "very-own-word"),
        ("HUTONG_SECRET_KEY_BEFORE", "very-own-word"),
        ("HUTONG_DATABASE_URL", "mysql://u:very-own-word@127.0.0.1/hutong"),
    ],
)
def test_the_sentence_about_a_wrong_secret_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as stopped:
        load_settings()
    assert "very-own-word" not in str(stopped.value)


@pytest.mark.parametrize("missing", ["URL", "SECRET"])
def test_webhook_mode_says_which_setting_it_still_needs(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    present = {"URL": "https://example.org/hook", "SECRET": "s" * 20}
    monkeypatch.setenv("HUTONG_TELEGRAM_TOKEN", "1:a")
    monkeypatch.setenv("HUTONG_TELEGRAM_MODE", "webhook")
    for name, value in present.items():
        if name != missing:
            monkeypatch.setenv(f"HUTONG_TELEGRAM_WEBHOOK_{name}", value)
    with pytest.raises(SettingError, match=f"HUTONG_TELEGRAM_WEBHOOK_{missing} is missing"):
        load_settings()
    monkeypatch.setenv(f"HUTONG_TELEGRAM_WEBHOOK_{missing}", present[missing])
    assert load_settings().telegram_mode == "webhook"


def test_an_address_is_kept_without_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_TELEGRAM_API_URL", "http://127.0.0.1:8081/")
    assert load_settings().telegram_api_url == "http://127.0.0.1:8081"


def test_the_clock_stands_still_at_the_set_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_NOW", "2026-11-21T02:00:00+00:00")
    assert load_settings().clock.now() == datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("days", ["0", "-1", "a week", "99999"])
def test_how_long_something_is_kept_is_some_days(
    monkeypatch: pytest.MonkeyPatch, days: str
) -> None:
    monkeypatch.setenv("HUTONG_KEEP_CLOSED", days)
    with pytest.raises(SettingError, match="HUTONG_KEEP_CLOSED"):
        load_settings()
    monkeypatch.setenv("HUTONG_KEEP_CLOSED", "365")
    assert load_settings().keeping.closed == 365


def test_the_clock_runs_when_nothing_is_set() -> None:
    assert load_settings().clock.fixed is None


def settings_in(folder: Path, **values: str) -> Settings:
    return load_settings(data_dir=folder, **values)


def test_the_key_that_was_set_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert secret_key(settings_in(folder, secret_key="k" * 16)) == b"k" * 16
    assert not folder.exists()


def test_a_key_file_is_made_that_nobody_else_can_read(tmp_path: Path) -> None:
    key = secret_key(settings_in(tmp_path / "data"))
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == key and len(key) == 64


def test_the_same_key_is_found_again_and_another_folder_has_another(tmp_path: Path) -> None:
    first = secret_key(settings_in(tmp_path / "a"))
    assert secret_key(settings_in(tmp_path / "a")) == first
    assert secret_key(settings_in(tmp_path / "b")) != first


def test_programs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    settings, start = settings_in(tmp_path / "data"), threading.Barrier(16)
    keys: list[bytes] = []

    def begin() -> None:
        start.wait()
        keys.append(secret_key(settings))

    threads = [threading.Thread(target=begin) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16 and len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_a_data_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="HUTONG_DATA_DIR"):
        secret_key(settings_in(tmp_path / "file"))


def test_a_key_file_that_was_cut_short_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"abc\n")
    with pytest.raises(SettingError, match="HUTONG_SECRET_KEY"):
        secret_key(settings_in(tmp_path))


def test_region_files_lie_in_the_data_folder_unless_another_is_named(tmp_path: Path) -> None:
    assert settings_in(tmp_path).regions == tmp_path / "regions"
    assert settings_in(tmp_path, regions_dir=str(tmp_path)).regions == tmp_path
    assert settings_in(tmp_path, regions_dir="").regions == tmp_path / "regions"


def test_a_folder_of_region_files_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="HUTONG_REGIONS_DIR cannot be used: there is no such"):
        settings_in(tmp_path, regions_dir=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(("cores", "clerks"), [(1, 0), (2, 2), (3, 3), (32, 4)])
def test_every_core_has_a_clerk_where_there_are_several(
    monkeypatch: pytest.MonkeyPatch, cores: int, clerks: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert load_settings().clerks_served == clerks
    monkeypatch.setenv("HUTONG_CLERKS", "7")
    assert load_settings().clerks_served == 7
