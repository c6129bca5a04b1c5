"""A short part of the torture: workers are killed. A file of its own, as files share the cores."""

from pathlib import Path

import pytest

from tests.torture.killing import one_worker, one_workers_clerks, three_workers
from tests.torture.postgres import is_installed

pytestmark = pytest.mark.service


async def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    model: Path, tmp_path: Path
) -> None:
    finding = await one_worker(tmp_path, model, kills=2, people=6)
    assert finding.holds, finding
    assert finding.conversations >= 6


async def test_clerks_that_are_killed_lose_nothing_and_double_nothing(
    model: Path, tmp_path: Path
) -> None:
    finding = await one_workers_clerks(tmp_path, model, kills=3, people=4)
    assert finding.holds, finding


@pytest.mark.skipif(not is_installed(), reason="PostgreSQL's server is not here")
async def test_workers_and_their_database_may_die_and_nothing_is_lost(
    model: Path, tmp_path: Path
) -> None:
    finding = await three_workers(tmp_path, model, kills=1, people=3, restarts=1)
    assert finding.holds, finding
