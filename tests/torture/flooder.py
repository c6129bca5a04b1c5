"""Somebody's page that posts as fast as it is answered, in a process of its own.

Who measures how long others wait must not be busy with the flood. Arguments: the address of the
program, how many messages, the address that the flood comes from. Prints one object of JSON:
``taken``, ``told``, ``danger`` (seconds, or null), ``began``, ``ended`` (``time.monotonic``).
"""

import asyncio
import json
import os
import sys
import time
import uuid
from typing import Any

import httpx

URGENT = "快来，孩子从楼上掉下来了，在流血"
ADVICE = "按住"  # what to do about bleeding
_WITHIN = 120.0
_AT_ONCE = 20  # requests under way


async def flood(url: str, messages: int, address: str) -> dict[str, Any]:
    """Post everything, one message in the middle telling of danger, and wait for its answer."""
    page = httpx.AsyncClient(
        base_url=url,
        headers={"X-Forwarded-For": address},
        limits=httpx.Limits(max_connections=_AT_ONCE + 1),
        trust_env=False,
        timeout=_WITHIN,
    )
    async with page:
        await page.post("/chat/session", json={})

        gate, posted = asyncio.Semaphore(_AT_ONCE), {}

        async def post(text: str) -> httpx.Response:
            async with gate:
                posted[text] = time.monotonic()
                body = {"id": str(uuid.uuid4()), "text": text}
                return await page.post("/chat/messages", json=body)

        texts = [f"第{number}句话" for number in range(messages - 1)]
        texts.insert(len(texts) // 2, URGENT)
        began = time.monotonic()
        heard = asyncio.create_task(_heard(page))
        answers = await asyncio.gather(*map(post, texts))
        refused = [answer for answer in answers if answer.status_code == 429]
        answered = await heard
    return {
        "taken": sum(answer.status_code == 202 for answer in answers),
        "told": any("110" in answer.json()["error"] for answer in refused),
        "danger": answered - posted[URGENT] if answered else None,
        "began": began,
        "ended": time.monotonic(),
    }


async def _heard(page: httpx.AsyncClient) -> float:
    """When the danger was answered; 0 when it never was."""
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end:
        lines = (await page.get("/chat/lines", params={"after": 0})).json()["lines"]
        if any(ADVICE in line["text"] for line in lines if line["sender"] == "bot"):
            return time.monotonic()
        await asyncio.sleep(0.2)
    return 0.0


if __name__ == "__main__":
    os.nice(10)  # it would sit at another machine
    print(json.dumps(asyncio.run(flood(sys.argv[1], int(sys.argv[2]), sys.argv[3]))))
