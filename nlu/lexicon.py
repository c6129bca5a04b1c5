"""Word lists and tables that people may want to read or change, kept as YAML under ``data/lexicon``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data" / "lexicon"


@cache
def load(name: str) -> Any:
    """Read one lexicon file, once a process.

    Args:
        name: file name without ``.yml``.

    Returns:
        The parsed YAML; callers must not change it.

    Raises:
        FileNotFoundError: there is no such lexicon.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (FOLDER / f"{name}.yml").open(encoding="utf-8") as file:
        return yaml.load(file, Loader=loader)  # noqa: S506 - a safe loader either way


def words(text: str) -> list[str]:
    """Split a block of blank-separated words."""
    return text.split()
