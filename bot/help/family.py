"""Help chosen for one family: what to do today, who comes, what to apply for, which number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.help.answers import NUMBERS, Asker
from bot.help.catalogue import Catalogue
from bot.help.reading import read_file
from bot.help.schema import Note, Source, Strict
from bot.help.wording import contact_line, origin, wording

_FILE = Path(__file__).with_name("family.yml")
_PARTS = ("danger", "today", "who", "apply", "number")
_OF_REGIONS = ("apply", "number")
_NEARBY = ("child_director", "committee", "hotline")
_UNKNOWN = "unknown"
_BUTTONS = 3


class FamilyTable(Strict):
    """The schema of ``family.yml``: the sentences of each part, and how many of them are said."""

    most: dict[str, int]
    danger: list[Note]
    today: list[Note]
    who: list[Note]
    apply: list[Note]
    number: list[Note]


@dataclass(frozen=True)
class FamilyHelp:
    """A few short sentences, the last one says where they are from; and topics to read on."""

    lines: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one message."""
        return "\n".join(self.lines)


@cache
def family_table() -> FamilyTable:
    """The table in force.

    Raises:
        bot.help.reading.HelpFileError: the file does not follow its schema.
    """
    return read_file(_FILE, FamilyTable)


def help_for(
    held: Catalogue, facts: Mapping[str, Any], walk: str, unit: str, asker: Asker
) -> FamilyHelp:
    """What fits this family, at most nine lines; the emergency numbers come first in danger.

    Args:
        held: the catalogue in force.
        facts: a report's facts, keyed as in the questionnaire; what is missing is unknown.
        walk: one of the report types.
        unit: who is responsible, by the routing table.
        asker: who reads it, and where.
    """
    if not held.current("available_help", asker.today):
        return FamilyHelp((asker.t(NUMBERS),), ("hotlines",))
    known = {**facts, "walk": walk, "unit": unit}
    chosen: list[tuple[Note, dict[str, Source]]] = []
    lines: list[str] = []
    for part in _PARTS:
        found = _chosen(held, part, known, asker)
        chosen += found
        if part == "number":
            near = held.contacts(asker.region, _NEARBY, asker.today)[:1]
            lines += [contact_line(contact, asker.t) for contact in near]
        lines += [_said(note, asker) for note, _ in found]
    lines.append(origin(_sources(chosen), asker.t, asker.child))
    topics = [note.topic for note, _ in chosen if note.topic]
    return FamilyHelp(tuple(dict.fromkeys(lines)), tuple(dict.fromkeys(topics))[:_BUTTONS])


def _chosen(
    held: Catalogue, part: str, known: Mapping[str, Any], asker: Asker
) -> list[tuple[Note, dict[str, Source]]]:
    """The first notes of a part that fit, one for each topic, the region's own before the rest."""
    notes: list[tuple[Note, dict[str, Source]]] = []
    if part in _OF_REGIONS:
        for file in held.files_for(asker.region, asker.today):
            notes += [(note, held.sources_of(file)) for note in getattr(file, part)]
    notes += [(note, held.national.sources) for note in getattr(family_table(), part)]
    fitting: dict[str | None, tuple[Note, dict[str, Source]]] = {}
    for note, sources in notes:
        if _fits(note, known):
            fitting.setdefault(note.topic, (note, sources))
    return list(fitting.values())[: family_table().most[part]]


def _fits(note: Note, known: Mapping[str, Any]) -> bool:
    if note.under is not None and not any(age < note.under for age in known.get("ages") or ()):
        return False
    return all(_values(known.get(name)) & set(wanted) for name, wanted in note.when.items())


def _values(value: Any) -> set[str]:
    if value is None or value == []:
        return {_UNKNOWN}
    return set(value) if isinstance(value, list) else {value}


def _said(note: Note, asker: Asker) -> str:
    return wording(note.child if asker.child else note.adult, asker.t)


def _sources(chosen: Iterable[tuple[Note, dict[str, Source]]]) -> Iterable[Source]:
    return {name: sources[name] for note, sources in chosen for name in note.sources}.values()
