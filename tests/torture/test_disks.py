"""A short part of the torture: disks are full."""

from pathlib import Path

import pytest

from tests.torture.postgres import is_installed
from tests.torture.trouble import full_postgres, full_sqlite

pytestmark = pytest.mark.service


async def test_with_a_full_disk_people_are_told_whom_to_call_and_are_answered_later(
    model: Path, tmp_path: Path
) -> None:
    try:
        finding = await full_sqlite(tmp_path, model, times=1, people=3)
    except PermissionError as error:
        pytest.skip(str(error))
    assert finding.holds, finding
    assert finding.told


@pytest.mark.skipif(not is_installed(), reason="PostgreSQL's server is not here")
async def test_with_a_full_disk_under_postgresql_people_are_told_too(
    model: Path, tmp_path: Path
) -> None:
    try:
        finding = await full_postgres(tmp_path, model, times=1, people=3)
    except PermissionError as error:
        pytest.skip(str(error))
    assert finding.holds, finding
    assert finding.told
