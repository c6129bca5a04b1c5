"""Whatever comes in, a turn answers in words, and nobody reads what another one wrote."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from bot.bootstrap import House
from bot.channels.telegram.reading import read_update
from bot.clock import Clock
from tests.bot.conversation.conftest import MOMENT
from tests.fuzz.__main__ import ROW, TABLE, how_many
from tests.fuzz.strange import updates
from tests.fuzz.turns import Fuzz, talks
from tests.torture.report import PAGE

MESSAGES = 240


@pytest.fixture(scope="module")
def fuzz(house: House) -> Fuzz:
    return Fuzz(house)


@how_many(MESSAGES)
@given(talk=talks)
def test_every_message_is_answered_in_words_that_the_platform_takes(
    fuzz: Fuzz, talk: Sequence[tuple[str, Any]]
) -> None:
    fuzz.talk(talk)


@settings(max_examples=MESSAGES // 4, deadline=None, database=None)
@given(update=updates)
def test_no_update_breaks_the_channel(update: object) -> None:
    heard = read_update(update, Clock(MOMENT))
    if heard.incoming is not None:
        text = heard.incoming.text
        assert "\x00" not in text
        text.encode("utf-8")
        assert heard.incoming.sender


def test_the_page_holds_the_table_of_slices() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert TABLE.merged(page, []) == page
    assert len(TABLE.columns) == len(ROW)
