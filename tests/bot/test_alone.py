"""A SQLite file is served once at a time."""

from pathlib import Path

import pytest

from bot.alone import ServedTwiceError, alone_on


def test_a_second_server_of_a_sqlite_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hutong.sqlite3'}"
    first = alone_on(url)
    assert first is not None
    with pytest.raises(ServedTwiceError, match="PostgreSQL"):
        alone_on(url)
    first.close()
    again = alone_on(url)
    assert again is not None
    again.close()


def test_postgresql_may_be_served_by_any_number() -> None:
    assert alone_on("postgresql://somebody@127.0.0.1/somewhere") is None
