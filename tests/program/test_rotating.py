"""``hutong keys rotate`` beside a program that serves: nobody is kept waiting and nothing is lost."""

import asyncio
import uuid
from pathlib import Path

import httpx
import pytest

from bot.cases import related, search, store
from bot.cases.keyring import mark
from tests.program.test_commands import hutong
from tests.support.cases import ALONE, NOW, filed
from tests.support.echo import echo_house
from tests.support.private import bytes_of
from tests.support.program import Program, signed_in

pytestmark = pytest.mark.service
NUMBER, PHONE, WORDS = "HT-261121-AAAAA", "13800138000", "冰箱里空空的"


async def lines_of(page: httpx.AsyncClient) -> list[str]:
    answer = await page.get("chat/lines", params={"after": 0})
    return [line["text"] for line in answer.json()["lines"]]


async def test_people_write_and_staff_search_while_everything_is_sealed_anew(
    tmp_path: Path,
) -> None:
    with echo_house(tmp_path) as house, Program(house) as program, signed_in(program) as staff:
        hashed = house.inbox.hashed
        with house.database.writing() as session:
            for number in range(50):
                row = filed(
                    session,
                    case_no=f"HT-261121-2{number:04}" if number else NUMBER,
                    narrative=[f"第{number}份"] if number else [WORDS],
                    facts={**ALONE, "phone": f"+86{int(PHONE) + number}"},
                )
                related.suggest(session, row, hashed, NOW)
                search.take_in(session, row, hashed)
        said: list[str] = []
        rotating = asyncio.create_task(asyncio.to_thread(hutong, tmp_path, "keys", "rotate"))
        async with httpx.AsyncClient(base_url=program.url, trust_env=False, timeout=5) as page:
            await page.post("chat/session", json={})
            while not rotating.done():
                said.append(f"第{len(said)}句")
                message = {"id": str(uuid.uuid4()), "text": said[-1]}
                assert (await page.post("chat/messages", json=message)).status_code == 202
                await asyncio.sleep(0.3)
            done = await rotating
            assert done.returncode == 0, done.stderr
            assert "sealed anew" in done.stdout
            for _ in range(50):
                if len(lines := await lines_of(page)) == 2 * len(said):
                    break
                await asyncio.sleep(0.1)
        assert [line for line in lines if not line.startswith("您说：")] == said
        assert [line for line in lines if line.startswith("您说：")] == [f"您说：{w}" for w in said]
        assert mark(2) not in bytes_of(house.database)
        for query in (NUMBER, PHONE, WORDS):
            assert NUMBER in search_for(staff, query), query
        with house.database.reading() as session:
            assert store.find(session, NUMBER).facts["narrative"] == WORDS


def search_for(staff: httpx.Client, query: str) -> str:
    """The page of what staff find."""
    page = staff.get("/staff/search").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    found = staff.post("/staff/search", data={"csrf": token, "query": query})
    return found.text.partition("<main")[2]
