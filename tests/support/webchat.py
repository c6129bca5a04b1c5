"""A small conversation in memory behind the web chat's ports, and a server for it."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.channels.web import Line, Server, WebSender, web_routes
from bot.channels.web.ports import Speaker
from bot.clock import Clock
from bot.conversation.messages import Button, Incoming, Reply
from bot.texts import Texts

SECRET = b"a secret of the tests, 32 bytes."
ASKED = Reply(
    "孩子现在有大人陪着吗？",
    (Button("有", "/carer yes"), Button("没有", "/carer no"), Button("不清楚", "/dont_know")),
)
THANKED = Reply("记下了，谢谢您。")


def source_texts(language: str) -> Texts:
    """The source texts, whichever language is asked for: no compiled catalogue is needed."""
    t = Texts("zh_Hans")
    t.language = language
    return t


class Conversation:
    """``Door`` and ``Lines`` in memory: writes down, answers by ``script``, wakes the page.

    Args:
        sender: told of every reply, as the outbox would.
        script: the replies to a message.
        delay: seconds until the replies are there; the reporter's line is there at once.
    """

    def __init__(
        self,
        sender: WebSender,
        script: Callable[[Incoming], list[Reply]] | None = None,
        delay: float = 0.0,
    ) -> None:
        self.sender = sender
        self.script = script or answers
        self.delay = delay
        self.received: list[Incoming] = []
        self.broken = False
        self.reads = 0
        self._free = asyncio.Event()
        self._free.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lines: dict[str, list[Line]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, incoming: Incoming) -> bool:
        """Write the message down and answer it; the same id again does neither."""
        if self.broken:
            raise OSError("no database, and " + incoming.text)
        if any(each.message_id == incoming.message_id for each in self.received):
            return False
        self.received.append(incoming)
        self._loop = asyncio.get_running_loop()
        self.write(incoming.sender, "reporter", self._read(incoming), (), incoming.message_id)
        task = asyncio.get_running_loop().create_task(self._answer(incoming))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def receive_all(self, run: Sequence[Incoming]) -> None:
        """Write messages down one after the other."""
        for incoming in run:
            await self.receive(incoming)

    async def since(self, sender: str, after: int) -> list[Line]:
        """The lines after ``after``."""
        if self.broken:
            raise OSError("no database")
        self.reads += 1
        return [line for line in self._lines.get(sender, []) if line.id > after]

    def write(
        self,
        sender: str,
        speaker: Speaker,
        text: str,
        buttons: tuple[Button, ...] = (),
        message_id: str = "",
    ) -> None:
        """Put a line into a person's conversation."""
        number = sum(len(lines) for lines in self._lines.values()) + 1
        at = Clock().now()
        self._lines[sender].append(Line(number, at, speaker, text, buttons, message_id))

    @contextmanager
    def holding(self) -> Iterator[None]:
        """No reply is there before the end of the block; then they come in order."""
        self._free.clear()
        try:
            yield
        finally:
            if self._loop is None:
                self._free.set()  # what the page shows already is still on its way: nobody waits
            else:
                self._loop.call_soon_threadsafe(self._free.set)

    async def settled(self) -> None:
        """Wait until every message is answered."""
        await asyncio.gather(*self._tasks)

    async def _answer(self, incoming: Incoming) -> None:
        await self._free.wait()
        await asyncio.sleep(self.delay)
        for reply in self.script(incoming):
            self.write(incoming.sender, "bot", reply.text, reply.buttons)
            await self.sender.send(incoming.sender, reply)

    def _read(self, incoming: Incoming) -> str:
        offered = (button for line in self._lines[incoming.sender] for button in line.buttons)
        titles = {button.payload: button.title for button in offered}
        pressed = incoming.kind == "press"
        return titles.get(incoming.text, incoming.text) if pressed else incoming.text


def answers(incoming: Incoming) -> list[Reply]:
    """A child brings a question, a press a thank-you, all else comes back."""
    if incoming.kind == "press":
        return [THANKED]
    return [ASKED] if "孩子" in incoming.text else [Reply("您写的是：" + incoming.text)]


class ChatServer:
    """The web chat alone on loopback, in a thread; stops and starts again on the same port."""

    def __init__(self, heartbeat: float = 15.0) -> None:
        self.heartbeat = heartbeat
        self.port = 0
        self.sender = WebSender()
        self.conversation = Conversation(self.sender)

    def __enter__(self) -> "ChatServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Listen; returns when the server answers."""
        self.sender = self.conversation.sender = WebSender()
        routes = web_routes(
            SECRET,
            self.conversation,
            self.conversation,
            self.sender,
            Clock(),
            heartbeat=self.heartbeat,
            leave_to="/weather",
            texts_of=source_texts,
        )
        app = Starlette(routes=[*routes, Route("/weather", _weather)])
        config = uvicorn.Config(
            app, "127.0.0.1", self.port, ws="none", lifespan="off", log_config=None
        )
        self._server = Server(config, self.sender.close)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the web chat did not start")
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> float:
        """Stop as on a signal; the seconds that it took."""
        began = time.monotonic()
        self._server.should_exit = True
        self._thread.join(10)
        if self._thread.is_alive():
            raise RuntimeError("the web chat did not stop")
        return time.monotonic() - began


async def _weather(request: Request) -> PlainTextResponse:
    return PlainTextResponse("晴，微风")
