"""Danger reaches the staff chat and the console within a minute, a report that was left within the hour."""

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import House
from bot.cases import store
from bot.conversation.talk import Talk
from bot.walks.draft import Draft
from tests.bot.conversation.conftest import EchoTalker
from tests.conftest import NOW
from tests.support.botapi import BotApi
from tests.support.cases import ALONE, conversation, told
from tests.support.echo import echo_house
from tests.support.program import Program, signed_in
from tests.support.telegram import until

pytestmark = pytest.mark.service
MINUTE = 60.0
NUMBER = "HT-261121-AAAAA"
SECRETS = ("丹井里九号", "小石头", "13800138000")
WHERE = {"text": SECRETS[0], "city": "江门市", "county": "蓬江区", "adcode": "440703"}


class Telling(EchoTalker):
    """Takes the first message for a report of danger, which "完了" files."""

    async def talk(self, talk: Talk, parsed: dict[str, Any], metadata: dict[str, Any]) -> Talk:
        """Answer."""
        talk = await super().talk(talk, parsed, metadata)
        report = Draft(case_no=NUMBER, narrative=[parsed["text"]])
        report.begin("unattended_child")
        report.facts |= {"danger": ["violence"], "location": WHERE, "phone": "+86" + SECRETS[2]}
        if parsed["text"] == "完了":
            report.outcome = "filed"
        talk.slots["report"] = report.to_json()
        return talk


@pytest.mark.parametrize("said", ["有人打小石头", "完了"], ids=["unfinished", "filed"])
async def test_a_critical_turn_is_in_the_staff_chat_and_the_console_within_a_minute(
    api: BotApi, tmp_path: Path, said: str
) -> None:
    chat, person = api.group("group"), api.person()
    telegram = {"telegram_token": api.token, "telegram_api_url": api.url}
    with (
        echo_house(tmp_path, Telling(), alert_chat=str(chat.id), **telegram) as house,
        Program(house) as program,
        signed_in(program) as staff,
    ):
        page = staff.get("/staff/queue-list").text
        assert NUMBER not in page
        began = time.monotonic()
        person.says(said)
        (alert,) = await chat.replies(1, MINUTE)
        await until(lambda: NUMBER in staff.get("/staff/queue-list").text, MINUTE)
        assert time.monotonic() - began < MINUTE
        assert NUMBER in alert.text and f"/staff/cases/{NUMBER}" in alert.text
        assert ("已提交" if said == "完了" else "还没写完") in alert.text
        assert not any(secret in alert.text for secret in SECRETS)
        person.says("快来")
        await person.replies(2, MINUTE)
        assert len(chat.inbox) == 1, "staff are alerted once"


def left(house: House, number: str, **facts: Any) -> None:
    """A report that somebody began at NOW and left."""
    with house.database.writing() as session:
        talk = conversation(session, number)
        known = {"danger": [], "ages": [9], "carer": "grandparent", **facts}
        store.save(session, talk, told(case_no=number, facts=known), house.settings.clock.now())


@pytest.mark.parametrize("minutes", [29, 30])
async def test_a_report_that_was_left_with_a_place_or_a_contact_is_shown_after_half_an_hour(
    tmp_path: Path, minutes: int
) -> None:
    place, contact, neither = (f"HT-261121-BBBB{n}" for n in (2, 3, 4))
    with echo_house(tmp_path / "data", now=NOW) as house:
        left(house, place, location=ALONE["location"])
        left(house, contact, phone="+8613800138000")
        left(house, neither)
    later = datetime.fromisoformat(NOW) + timedelta(minutes=minutes)
    with (
        echo_house(tmp_path / "data", now=later) as house,
        Program(house) as program,
        signed_in(program) as staff,
    ):

        def marked() -> set[str]:
            entries = staff.get("/staff/queue-list").text.split('data-key="')[1:]
            return {entry[: len(place)] for entry in entries if "写到一半停了" in entry}

        if minutes >= 30:
            await until(lambda: marked() == {place, contact}, MINUTE)
        await asyncio.sleep(1)  # the first look was made when the program started
        assert marked() == ({place, contact} if minutes >= 30 else set())
