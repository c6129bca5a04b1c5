"""A turn that breaks: the person is told whom to call, the words are kept, staff see them."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from rasa_sdk import Action
from sqlalchemy import select

from bot.bootstrap import House, build
from bot.cases.tables import ConversationRow, TranscriptRow
from bot.console import accounts
from bot.conversation.understanding import Understanding
from bot.settings import load_settings
from nlu.interpreter import Interpreter, Parse
from nlu.thresholds import INTENT
from tests.conftest import NOW
from tests.support.botapi import BotApi, Person
from tests.support.console import PASSWORD
from tests.support.program import Program
from tests.support.telegram import until

pytestmark = pytest.mark.service
WITHIN = 30.0
UNREADABLE = "读不懂"


class BreakingInterpreter:
    """Understands everything but one word, over which it breaks.

    Args:
        whole: the model's own.
    """

    def __init__(self, whole: Interpreter) -> None:
        self._whole = whole

    def parse(self, text: str, now: datetime | None = None) -> Parse:
        """What the model reads.

        Raises:
            ZeroDivisionError: the word is in the text.
        """
        if UNREADABLE in text:
            raise ZeroDivisionError(text)
        return self._whole.parse(text, now)


class BrokenGoodbye(Action):
    """An action with a fault in it."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_say_goodbye"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        """Break.

        Raises:
            KeyError: always.
        """
        raise KeyError(tracker.latest_message["text"])


def breaking(model: Path) -> Any:
    """The dialogue with the broken action in the place of the good one."""
    from bot.conversation.processor import TurnProcessor  # ``build`` has loaded Rasa by then

    processor = TurnProcessor(model)
    processor._doing._executor.register_action(BrokenGoodbye())
    return processor


@pytest.fixture(scope="module")
def house(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The whole program with faults in understanding and in an action."""
    settings = load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("broken"), now=NOW)
    built = build(settings, model, breaking)
    interpreter = BreakingInterpreter(built.talker.interpreter)  # type: ignore[attr-defined]
    yield replace(built, understanding=Understanding(interpreter, INTENT))
    built.database.close()


@pytest.fixture(scope="module")
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture(scope="module")
def staff_chat(api: BotApi) -> Person:
    return api.person()


@pytest.fixture(scope="module")
def program(house: House, api: BotApi, staff_chat: Person) -> Iterator[Program]:
    telegram = {"telegram_token": api.token, "telegram_api_url": api.url}
    with Program(house, **telegram, alert_chat=str(staff_chat.id)) as running:
        yield running


@pytest.fixture(scope="module")
def console(house: House, program: Program) -> Iterator[httpx.Client]:
    """Somebody of the staff who is signed in."""
    now = house.settings.clock.now()
    with house.database.writing() as session:
        row = accounts.add(session, accounts.Profile("林溪", "supervisor", ""), PASSWORD, now)
        code = pyotp.TOTP(row.code_secret).at(now)
    with httpx.Client(base_url=program.url, follow_redirects=True, trust_env=False) as client:
        form = {"name": "林溪", "password": PASSWORD, "code": code}
        assert client.post("/staff/sign-in", data=form).is_success
        yield client


def talk_of(house: House, person: Person) -> ConversationRow:
    with house.database.reading() as session:
        talk = house.inbox.find(session, "telegram", str(person.id))
        assert talk is not None
        return talk


def said(house: House, person: Person) -> list[tuple[str, str]]:
    query = select(TranscriptRow.sender, TranscriptRow.text).order_by(TranscriptRow.id)
    mine = query.where(TranscriptRow.conversation_id == talk_of(house, person).id)
    with house.database.reading() as session:
        return [(sender, text) for sender, text in session.execute(mine)]


def names_the_hotlines(text: str) -> bool:
    return all(number in text for number in ("110", "120", "12345"))


def seen_by_staff(console: httpx.Client, house: House, person: Person, words: str) -> bool:
    """Whether the queue leads to the talk, and the talk shows the words."""
    address = f"/staff/talks/{talk_of(house, person).id}"
    return address in console.get("/staff/").text and words in console.get(address).text


def is_counted(console: httpx.Client) -> bool:
    return 'hutong_turns_total{end="failed"}' in console.get("/metrics").text


@pytest.mark.parametrize("broken", [f"楼下有个孩子，{UNREADABLE}", "再见"])
async def test_an_error_in_understanding_or_in_an_action_is_told_kept_and_seen(
    house: House, api: BotApi, console: httpx.Client, broken: str
) -> None:
    person = api.person()
    person.says(broken)
    (told,) = await person.replies(1, WITHIN)
    assert names_the_hotlines(told.text)
    assert said(house, person) == [("reporter", broken), ("bot", told.text)]
    assert talk_of(house, person).attention == "human"
    assert seen_by_staff(console, house, person, broken)
    assert is_counted(console)
    person.says("你好")
    (answer,) = await person.replies(1, WITHIN)
    assert "护童" in answer.text


async def test_an_error_in_the_middle_of_a_report_leaves_the_report_as_it_was(
    house: House, api: BotApi, console: httpx.Client
) -> None:
    person = api.person()
    person.says("郑州市金水区文化路社区5号楼有个六岁的男孩一个人在家，他妈妈前天住院了")
    _, consent = await person.replies(2, WITHIN)
    person.presses(consent.button("同意"))
    (question,) = await person.replies(1, WITHIN)
    person.says(f"他{UNREADABLE}")
    (told,) = await person.replies(1, WITHIN)
    assert names_the_hotlines(told.text)
    query = select(TranscriptRow.case_id).order_by(TranscriptRow.id.desc()).limit(2)
    with house.database.reading() as session:
        assert all(session.execute(query).scalars()), "the lines belong to no case"
    person.presses(question.button("没有危险"))
    (further,) = await person.replies(1, WITHIN)
    assert not names_the_hotlines(further.text)
    assert further.buttons


async def test_danger_in_words_that_break_the_understanding_alarms_staff(
    house: House, api: BotApi, console: httpx.Client, staff_chat: Person
) -> None:
    person = api.person()
    words = f"快来，孩子从楼上掉下来了，在流血，{UNREADABLE}"
    person.says(words)
    (told,) = await person.replies(1, WITHIN)
    assert names_the_hotlines(told.text)
    assert talk_of(house, person).attention == "danger"
    assert seen_by_staff(console, house, person, words)
    address = f"/staff/talks/{talk_of(house, person).id}"
    await until(lambda: any(address in each.text for each in staff_chat.inbox), WITHIN)


async def test_a_state_that_no_turn_can_read_is_told_each_time_and_blocks_nobody(
    house: House, api: BotApi, console: httpx.Client
) -> None:
    person, other = api.person(), api.person()
    person.says("你好")
    await person.replies(1, WITHIN)
    with house.database.writing() as session:
        talk = house.inbox.find(session, "telegram", str(person.id))
        assert talk is not None
        talk.state = {"slots": {"report": {"asked": 7, "facts": "nonsense"}}, "loop": "report_form"}
    for text in ("第一句", "第二句"):
        person.says(text)
        (told,) = await person.replies(1, WITHIN)
        assert names_the_hotlines(told.text)
    other.says("你好")
    await other.replies(1, WITHIN)
    assert seen_by_staff(console, house, person, "第二句")


async def test_the_web_page_tells_it_too(house: House, program: Program) -> None:
    async with httpx.AsyncClient(base_url=program.url, trust_env=False) as page:
        await page.post("chat/session", json={})
        message = {"id": str(uuid.uuid4()), "text": f"孩子{UNREADABLE}"}
        assert (await page.post("chat/messages", json=message)).status_code == 202
        lines: list[dict[str, Any]] = []

        async def answered() -> bool:
            lines[:] = (await page.get("chat/lines", params={"after": 0})).json()["lines"]
            return len(lines) == 2

        for _ in range(300):
            if await answered():
                break
            await asyncio.sleep(0.1)
    assert [line["sender"] for line in lines] == ["reporter", "bot"]
    assert lines[0]["text"] == message["text"]
    assert names_the_hotlines(lines[1]["text"])
