"""A process that answers people for a serving one: ``python -m bot.conversation.clerk``.

It is started, asked and replaced by ``bot.conversation.clerks``, answers one person or a few at a time, and ends
by itself when the process that started it is gone, however that ended.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from bot.bootstrap import build_clerk
from bot.conversation.answering import TurnFailedError, answer_all
from bot.conversation.clerks import READY
from bot.conversation.inbox import Inbox
from bot.conversation.turn import Turns
from bot.logs import log_to_standard_error
from bot.meters import Tally
from bot.settings import Settings


def main(number: str, model: str) -> None:
    """Answer what is asked until nothing more is asked.

    Args:
        number: the file descriptor of the line to the serving process, on which come the settings,
            a sign that the database has the newest schema, and the conversations to answer.
        model: the trained model's archive.
    """
    for stop in (signal.SIGINT, signal.SIGTERM):  # they mean the program, which lets turns end
        signal.signal(stop, signal.SIG_IGN)
    line = socket.socket(fileno=int(number))
    threading.Thread(target=_end_with, args=(line.fileno(),), daemon=True).start()
    asked = line.makefile("rb")
    settings = Settings.parse_raw(asked.readline())
    tally = Tally()
    try:
        inbox, turns = build_clerk(settings, Path(model), tally, asked.readline)
    except Exception:  # the serving process says it in one sentence
        sys.exit(1)
    log_to_standard_error(tally)
    line.sendall(READY)
    for question in asked:
        line.sendall(_answer(inbox, turns, tally, question))


def _end_with(other_end: int) -> None:
    """End this process when the line's other end is gone, in the midst of a turn if need be."""
    waiting = select.poll()
    waiting.register(other_end, 0)  # nothing but its end
    waiting.poll()
    os._exit(0)


def _answer(inbox: Inbox, turns: Turns, tally: Tally, question: bytes) -> bytes:
    """What came of each turn, in one line: whether more waits or what failed; and what was counted."""
    number, asked = json.loads(question)
    ends = answer_all(inbox, turns, [(who, found, fails) for who, found, fails in asked])
    answer = {"of": number, "ends": [_told(end) for end in ends], "counted": tally.taken()}
    return json.dumps(answer).encode() + b"\n"


def _told(end: bool | TurnFailedError) -> dict[str, Any]:
    if isinstance(end, TurnFailedError):  # its cause may quote what was written
        return {"failed": str(end), "away": end.away}
    return {"more": end}


if __name__ == "__main__":
    main(*sys.argv[1:])
