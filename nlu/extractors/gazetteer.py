"""The library's table of divisions (jionlp), its upper three levels read once for all who need them.

The library walks through its 600,000 villages twice before it reads a first address; here the lines
of provinces, cities and counties alone are taken up, in a tenth of the time.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

_UPPER_LEVELS = re.compile(rb"^(?!\t\t\t).+", re.MULTILINE)
_lock = threading.RLock()
Tree = dict[str, Any]
"""Divisions by name: ``_full_name``, ``_alias``, ``_admin_code``, and those within by their names."""


@lru_cache(maxsize=1)
def tree() -> Tree:
    """Provinces, cities and counties, as the library's own ``china_location_loader`` gives them."""
    path = Path(_library().__file__).parent / "dictionary" / "china_location.txt"
    found: Tree = {}
    province: Tree = {}
    city: Tree = {}
    for raw in _UPPER_LEVELS.findall(path.read_bytes()):
        line = raw.decode().rstrip("\r")
        parts = line.strip().split("\t")
        if len(parts) != 3:
            continue
        name, code, alias = parts
        division: Tree = {"_full_name": name, "_alias": alias, "_admin_code": code}
        if line.startswith("\t\t"):
            city[name] = division
        elif line.startswith("\t"):
            city = province[name] = division | {"_alias": alias.split("/")}
        else:
            province = found[name] = division
    return found


def parse_location(text: str) -> dict[str, str | None]:
    """What the library makes of an address: province, city, county and the rest; empty where it fails."""
    with _lock:
        try:
            result = _parser()(text)
        except Exception:  # jionlp raises whatever its rules meet; the text as written still stands
            return {}
    return result if isinstance(result, dict) else {}


@lru_cache(maxsize=1)
def _library() -> Any:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints a line about itself
        import jionlp

    return jionlp


@lru_cache(maxsize=1)
def _parser() -> Any:
    _library()
    from jionlp.gadget import location_parser

    class Parser(location_parser.LocationParser):
        """The library's, which looks through all divisions for each address; here only those it names."""

        administrative_map_list: list[Any]

        def __init__(self) -> None:
            super().__init__()
            with patch.object(location_parser, "china_location_loader", lambda detail: tree()):
                self._prepare()
            self._all = self.administrative_map_list
            self._named: dict[str, set[int]] = {}
            for number, (_, *levels, _) in enumerate(self._all):
                for name in filter(None, (name for level in levels for name in level)):
                    self._named.setdefault(name, set()).add(number)
            self._longest = max(map(len, self._named))

        def get_candidates(self, location_text: str) -> Any:
            """The library's candidates, in its order."""
            length = len(location_text)
            numbers: set[int] = set()
            for start in range(length):
                for end in range(start + 1, min(start + self._longest, length) + 1):
                    numbers |= self._named.get(location_text[start:end], set())
            self.administrative_map_list = [self._all[number] for number in sorted(numbers)]
            return super().get_candidates(location_text)

    return Parser()
