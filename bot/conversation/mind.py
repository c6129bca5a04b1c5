"""A process that understands words and does nothing else: ``python -m bot.conversation.mind``.

It is started, asked and replaced by ``bot.conversation.minds``, sees one message at a time and its
moment, and ends by itself when the process that started it is gone, however that ended.
"""

import json
import os
import select
import signal
import sys
import threading
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlu.interpreter import Interpreter

READY = b"ready"
"""What it says once, when it can be asked."""


def main(number: str, model: str) -> None:
    """Answer what comes down the pipe until its other end is closed.

    Args:
        number: the pipe's file descriptor.
        model: the trained model's archive.
    """
    for stop in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # they mean the program, which ends its turns first
        signal.signal(stop, signal.SIG_IGN)
    pipe = Connection(int(number))
    threading.Thread(target=_end_with, args=(pipe.fileno(),), daemon=True).start()
    from nlu.interpreter import Interpreter

    interpreter = Interpreter.load(Path(model))
    interpreter.warm_up()
    pipe.send_bytes(READY)
    while True:
        pipe.send_bytes(_answer(interpreter, pipe.recv_bytes()))


def _end_with(other_end: int) -> None:
    """End this process when the pipe's other end closes, in the midst of a message if need be."""
    waiting = select.poll()
    waiting.register(other_end, 0)  # nothing but its end
    waiting.poll()
    os._exit(0)


def _answer(interpreter: "Interpreter", asked: bytes) -> bytes:
    """The reading of a message as JSON, or the name of the error that it led to."""
    text, at = json.loads(asked)
    try:
        parse = interpreter.parse(text, datetime.fromisoformat(at))
        entities = [[e.entity, e.value, e.start, e.end] for e in parse.entities]
        read = [parse.intent, parse.confidence, parse.ranking, entities, parse.dangers]
        return json.dumps({"read": read}).encode()
    except Exception as error:  # its message may quote what was written
        return json.dumps({"error": type(error).__name__}).encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
