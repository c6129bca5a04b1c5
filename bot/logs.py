"""The log: a JSON object a line, without anything that people wrote."""

import json
import logging
import sys
from datetime import datetime, timezone

from bot.meters import Counting

_OURS = "bot"
_SERVER = "uvicorn.error"


class _Line(logging.Formatter):
    """Our own records in full; of other libraries' only who, how grave and what kind of error.

    Our messages are written to hold no content. What a library puts into its messages nobody
    can know: an address, a row of the database, a sentence.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "at": datetime.fromtimestamp(record.created, timezone.utc).isoformat("T", "seconds"),
            "level": record.levelname.lower(),
            "part": record.name,
        }
        if record.name.split(".")[0] == _OURS:
            line["said"] = record.getMessage()
        elif record.name == _SERVER and isinstance(record.msg, OSError):
            line["said"] = str(record.msg)  # it cannot listen where it should
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


class _Counter(logging.Handler):
    """Counts errors for the metrics."""

    def __init__(self, meters: Counting) -> None:
        super().__init__(logging.ERROR)
        self._meters = meters

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        self._meters.error(record.name)


def log_to_standard_error(meters: Counting) -> None:
    """Set up the log of a serving program; errors are counted by the part that has them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler, _Counter(meters)]
    root.setLevel(logging.WARNING)
