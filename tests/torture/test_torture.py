"""A short part of the torture; ``make torture`` is the whole."""

from pathlib import Path

import pytest

from tests.torture.flood import flooded, over_telegram
from tests.torture.killing import one_worker, three_workers
from tests.torture.postgres import is_installed
from tests.torture.trouble import full_postgres, full_sqlite, telegram_away

pytestmark = pytest.mark.service


async def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    model: Path, tmp_path: Path
) -> None:
    finding = await one_worker(tmp_path, model, kills=2, people=6)
    assert finding.holds, finding
    assert finding.conversations >= 6


@pytest.mark.skipif(not is_installed(), reason="PostgreSQL's server is not here")
async def test_workers_and_their_database_may_die_and_nothing_is_lost(
    model: Path, tmp_path: Path
) -> None:
    finding = await three_workers(tmp_path, model, kills=1, people=3, restarts=1)
    assert finding.holds, finding


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


async def test_one_persons_flood_leaves_the_others_their_answers(
    model: Path, tmp_path: Path
) -> None:
    flooding = await flooded(tmp_path, model, over_telegram, floods=1, people=4)
    assert not flooding.wrong, flooding
    # few answers on a busy machine: twice as long is measured by ``make torture``
    assert flooding.p95_meanwhile < max(2.0, 2 * flooding.p95_quiet), flooding


async def test_replies_arrive_in_order_when_telegram_is_back(model: Path, tmp_path: Path) -> None:
    finding = await telegram_away(tmp_path, model, times=1, people=4)
    assert finding.holds, finding
