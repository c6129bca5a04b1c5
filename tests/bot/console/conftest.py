from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import Desk
from tests.support.databases import migrated_database


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The console over an empty SQLite database."""
    with migrated_database("sqlite", tmp_path) as database:
        yield Desk(database)
