"""An answer to a question about help: short, or the longer text, for a region and a reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.help.catalogue import Catalogue, Layer
from bot.help.region import Region
from bot.help.schema import RegionFile, Source, Words, wordings
from bot.help.wording import contact_line, origin, place_name, service_lines, wording
from bot.texts import N_, Texts

NUMBERS = N_(
    "危险打 110、急救 120、火警 119。"
    "政务 12345，民政 12349，青少年 12355，妇女权益 12338（孩子的事也可以反映）。"
)
CONTACTS = {
    "who_is_responsible": (
        "child_director",
        "committee",
        "child_supervisor",
        "social_work_station",
    ),
    "hotlines": ("hotline", "protection_institution", "social_work_station"),
    "temporary_care": ("child_director", "committee", "protection_institution", "hotline"),
}
"""Whom an answer names, of those in the region's file."""
_MOST_CONTACTS = 3
_MORE_NEIGHBOURS = 3


@dataclass(frozen=True)
class Asker:
    """Who reads an answer: where, in which language, on which day, and whether a child."""

    t: Texts
    today: date
    region: Region | None = None
    child: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer: its lines, topics to go on with, and whether there is a longer text."""

    lines: tuple[str, ...]
    next: tuple[str, ...]
    more: bool

    @property
    def text(self) -> str:
        """The lines as one message."""
        return "\n".join(self.lines)


def short_answer(held: Catalogue, topic: str, asker: Asker) -> Answer:
    """The short answer with its sources; the national one says so where the region has none."""
    if not held.current(topic, asker.today):
        return _outdated(topic, asker)
    national = held.topics[topic]
    layers = held.layers(topic, asker.region, asker.today)
    used: list[RegionFile | None] = []
    if asker.child:
        lines = [_first(held, layers, "child", national.child, asker, used)]
    else:
        lines = [_first(held, layers, "short", national.short, asker, used)]
        lines += _locals(held, layers[:1], "local", asker, used)
    lines += _contacts(held, topic, asker)
    lines += _whose(held, topic, layers, asker)
    lines.append(origin(_sources(held, topic, layers, used), asker.t, asker.child))
    return Answer(tuple(lines), _next(layers, national.next), True)


def long_answer(held: Catalogue, topic: str, asker: Asker) -> Answer:
    """The longer text: more, for whom, how, who decides, figures, local services, sources."""
    if not held.current(topic, asker.today):
        return _outdated(topic, asker)
    national, t = held.topics[topic], asker.t
    layers = held.layers(topic, asker.region, asker.today)
    used: list[RegionFile | None] = [None]
    lines = [wording(national.more, t, held.figures_of(None))]
    lines += _locals(held, layers, "local", asker, used)
    lines += _locals(held, layers, "more", asker, used)
    for name, label in (
        ("who", N_("给谁：{text}")),
        ("how", N_("怎么办：{text}")),
        ("decides", N_("谁决定：{text}")),
    ):
        words = _first(held, layers, name, getattr(national, name), asker, used)
        lines.append(t(label, text=words))
    if topic in ("moving_children_services", "available_help"):
        lines += service_lines(held.services(asker.region, asker.today), t)
    lines += _contacts(held, topic, asker)
    lines += _whose(held, topic, layers, asker)
    lines.append(origin(_sources(held, topic, layers, used), t, asker.child))
    return Answer(tuple(lines), _next(layers, national.next), False)


def _outdated(topic: str, asker: Asker) -> Answer:
    t = asker.t
    lines = t("这一条该重新核对了，先不说，免得说错。请直接打电话问："), t(NUMBERS)
    return Answer(lines, (), False)


def _first(
    held: Catalogue,
    layers: list[Layer],
    part: str,
    national: Words,
    asker: Asker,
    used: list[RegionFile | None],
) -> str:
    """The nearest region's words for a part, else the national ones."""
    for layer in layers:
        if (words := getattr(layer.topic, part)) is not None:
            used.append(layer.file)
            return wording(words, asker.t, held.figures_of(layer.file))
    used.append(None)
    return wording(national, asker.t, held.figures_of(None))


def _locals(
    held: Catalogue, layers: list[Layer], part: str, asker: Asker, used: list[RegionFile | None]
) -> list[str]:
    lines = []
    for layer in layers:
        if (words := getattr(layer.topic, part)) is not None:
            used.append(layer.file)
            lines.append(wording(words, asker.t, held.figures_of(layer.file)))
    return lines


def _whose(held: Catalogue, topic: str, layers: list[Layer], asker: Asker) -> list[str]:
    """A word that this is the national text, for a region that has no file of its own."""
    if asker.region is None or asker.child or not held.is_regional(topic) or layers:
        return []
    if held.files_for(asker.region, asker.today):
        return [asker.t("这一条{place}没有单独的说明，以上全国都一样。", place=_place(asker))]
    return [asker.t("{place}还没有当地的说明，以上是全国通用的。", place=_place(asker))]


def _place(asker: Asker) -> str:
    assert asker.region is not None
    return place_name(asker.region.name, asker.t)


def _contacts(held: Catalogue, topic: str, asker: Asker) -> list[str]:
    found = held.contacts(asker.region, CONTACTS.get(topic, ()), asker.today)
    return [contact_line(contact, asker.t) for contact in found[:_MOST_CONTACTS]]


def _sources(
    held: Catalogue, topic: str, layers: list[Layer], used: list[RegionFile | None]
) -> Iterable[Source]:
    """The sources of the files that the lines came from; each of their texts holds by all of them."""
    named = {}
    if None in used:
        named.update({name: held.national.sources[name] for name in held.topics[topic].sources})
    for layer in layers:
        if layer.file not in used:
            continue
        known = held.sources_of(layer.file)
        names = [*layer.topic.sources, *_of_figures(layer)]
        named.update({name: known[name] for name in names})
    return named.values()


def _of_figures(layer: Layer) -> list[str]:
    texts = [text for words in layer.topic.texts() for text in wordings(words)]
    return [
        figure.source
        for name, figure in layer.file.figures.items()
        if any(f"{{{name}}}" in text for text in texts)
    ]


def _next(layers: list[Layer], national: list[str]) -> tuple[str, ...]:
    names = [name for layer in layers for name in layer.topic.next] + national
    return tuple(dict.fromkeys(names))[:_MORE_NEIGHBOURS]
