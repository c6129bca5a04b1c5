"""What all tests share: a house around the trained model, and no network beyond loopback."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import House, build, quiet_libraries
from bot.settings import load_settings
from bot.training import ensure_model

quiet_libraries()
NOW = "2026-11-21T10:00:00+08:00"
_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: Any) -> Any:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError("a test reached for the network")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _only_loopback)


@pytest.fixture(scope="session")
def model() -> Path:
    """The model that fits today's data, trained once and kept under the data folder.

    ``HUTONG_TEST_MODEL`` names another archive, to try the dialogue without training anew.
    """
    if given := os.environ.get("HUTONG_TEST_MODEL"):
        return Path(given)
    return ensure_model(Path(os.environ.get("HUTONG_TEST_MODELS", "data/models")).resolve())


@pytest.fixture(scope="session")
def house(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The whole program around a fresh SQLite file, its clock stopped."""
    folder = tmp_path_factory.mktemp("house")
    built = build(load_settings(_env_file=None, data_dir=folder, now=NOW), model)
    yield built
    built.database.close()
