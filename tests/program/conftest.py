"""What tests of the whole program share."""

from collections.abc import Iterator

import pytest

from tests.support.botapi import BotApi


@pytest.fixture
def api() -> Iterator[BotApi]:
    """A Bot API server on loopback."""
    with BotApi() as api:
        yield api
