from __future__ import annotations

import asyncio
import gc
import threading

from bot.conversation.loops import run_here


async def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_a_thread_has_one_loop_and_leaves_it_closed() -> None:
    used: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=lambda: used.extend(run_here(_loop()) for _ in range(2)))
    thread.start()
    thread.join()
    gc.collect()
    assert used[0] is used[1]
    assert used[0].is_closed()
