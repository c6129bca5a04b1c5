"""A short part of the torture: a flood, and Telegram away; ``make torture`` is the whole."""

from pathlib import Path

import pytest

from tests.torture.flood import flooded, over_telegram
from tests.torture.trouble import telegram_away

pytestmark = pytest.mark.service


async def test_one_persons_flood_leaves_the_others_their_answers(
    model: Path, tmp_path: Path
) -> None:
    flooding = await flooded(tmp_path, model, over_telegram, floods=1, people=12)
    assert not flooding.wrong, flooding
    # few answers on a busy machine: twice as long is measured by ``make torture``
    assert flooding.p95_meanwhile < max(2.0, 2 * flooding.p95_quiet), flooding


async def test_replies_arrive_in_order_when_telegram_is_back(model: Path, tmp_path: Path) -> None:
    finding = await telegram_away(tmp_path, model, times=1, people=4)
    assert finding.holds, finding
