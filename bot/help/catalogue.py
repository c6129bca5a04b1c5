"""The help catalogue: the national file with the regions' files over it, and which one is in force."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from bot.help.reading import CodeOf, read_file, read_regions
from bot.help.region import Region
from bot.help.schema import (
    Contact,
    Figure,
    LocalTopic,
    National,
    RegionFile,
    Service,
    Source,
    Topic,
    within,
    wordings,
)

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Layer:
    """What one file says of a topic, with the file's sources and figures."""

    file: RegionFile
    topic: LocalTopic


@dataclass(frozen=True)
class Catalogue:
    """All files in force.

    Args:
        national: what holds everywhere.
        regions: the files of regions, the operator's before those that come with the program.
    """

    national: National
    regions: tuple[RegionFile, ...] = field(default=())

    @property
    def topics(self) -> dict[str, Topic]:
        """The national topics by name."""
        return self.national.topics

    def files_for(self, region: Region | None, today: date) -> list[RegionFile]:
        """The files that hold for a region, the nearest first; those past their review are left out."""
        codes = region.chain() if region else []
        found = [file for code in codes for file in self.regions if file.region.adcode == code]
        return [file for file in found if file.review >= today]

    def layers(self, topic: str, region: Region | None, today: date) -> list[Layer]:
        """What the files of a region say of a topic, the nearest first."""
        files = [file for file in self.files_for(region, today) if topic in file.topics]
        layers = [Layer(file, file.topics[topic]) for file in files]
        return [layer for layer in layers if (layer.topic.review or today) >= today]

    def current(self, topic: str, today: date) -> bool:
        """Whether the national text of a topic is not past its review."""
        return (self.topics[topic].review or self.national.review) >= today

    def is_regional(self, topic: str) -> bool:
        """Whether some region answers a topic in words of its own, beyond what "更多" adds."""
        held = [file.topics[topic] for file in self.regions if topic in file.topics]
        return any(own.short is not None or own.local is not None for own in held)

    def provinces(self) -> list[RegionFile]:
        """One file for each province that has one."""
        found = {f.region.adcode: f for f in self.regions if f.region.adcode.endswith("0000")}
        return [found[code] for code in sorted(found, key=lambda code: (code != "440000", code))]

    def sources_of(self, file: RegionFile | None) -> dict[str, Source]:
        """The sources that a file may name; those of the national file with ``None``."""
        return {**self.national.sources, **(file.sources if file else {})}

    def figures_of(self, file: RegionFile | None) -> dict[str, Figure]:
        """The figures that a file's texts may hold."""
        return file.figures if file else self.national.figures

    def contacts(self, region: Region | None, roles: tuple[str, ...], today: date) -> list[Contact]:
        """The contacts for a place: those of its neighbourhood first, then those of the whole division.

        A contact for one neighbourhood is only given to somebody who named that neighbourhood.
        """
        if region is None:
            return []
        held = [c for file in self.files_for(region, today) for c in file.contacts]
        fits = [c for c in held if c.role in roles and within(region.adcode, c.adcode)]
        near = [c for c in fits if c.place and wordings(c.place)[0] in region.text]
        return near + [c for c in fits if not c.place]

    def services(self, region: Region | None, today: date) -> list[Service]:
        """The list of services that the nearest division published, if one did."""
        lists = (file.services for file in self.files_for(region, today))
        return next((services for services in lists if services), [])


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the program.

    Raises:
        bot.help.reading.HelpFileError: a file does not follow its schema.
    """
    return load(None, None)


def load(folder: Path | None, code_of: CodeOf | None) -> Catalogue:
    """The files that come with the program, under those of an operator's folder.

    Args:
        folder: the operator's region files; it need not be there.
        code_of: checks that a file's code is that of the place it names.

    Raises:
        bot.help.reading.HelpFileError: one of the files is wrong.
    """
    national = read_file(_HERE / "national.yml", National)
    own = read_regions(_HERE / "regions", set(national.sources), None)
    theirs = read_regions(folder, set(national.sources), code_of) if folder else []
    return Catalogue(national, (*theirs, *own))


_in_force: ContextVar[Catalogue] = ContextVar("the catalogue in force")


@contextmanager
def in_force(held: Catalogue) -> Iterator[None]:
    """Within this block, ``catalogue()`` is this one."""
    token = _in_force.set(held)
    try:
        yield
    finally:
        _in_force.reset(token)


def catalogue() -> Catalogue:
    """The catalogue in force: the program's (``in_force``), or the one that comes with it."""
    return _in_force.get(None) or shipped()
