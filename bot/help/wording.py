"""Sources, dates, figures and contacts in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_skeleton

from bot.help.schema import Contact, Figure, Service, Source, Words
from bot.texts import N_, Texts
from nlu import sounds

ROLES = {
    "child_director": N_("儿童主任"),
    "child_supervisor": N_("儿童督导员"),
    "committee": N_("村（居）委会"),
    "social_work_station": N_("社工站"),
    "protection_institution": N_("未成年人救助保护机构"),
    "hotline": N_("热线"),
}
FIELDS = {
    "early_childhood": N_("幼有所育"),
    "schooling": N_("学有所教"),
    "medical_care": N_("病有所医"),
    "housing": N_("住有所居"),
    "support_of_the_weak": N_("弱有所扶"),
    "development": N_("发展保障"),
}
_AMOUNTS = {
    "yuan_a_month": N_("每人每月 {amount} 元（{year}）"),
    "yuan_a_year": N_("每人每年 {amount} 元（{year}）"),
}
_RANK = re.compile("(?<=..)(特别行政区|自治[区州县]|地区|[省市区县旗盟])$")
_SKELETONS = {4: "y", 7: "yMMM", 10: "yMMMd"}


def wording(words: Words, t: Texts, figures: Mapping[str, Figure] | None = None) -> str:
    """A text in the reader's language, with its figures filled in.

    A text from a region file that brings no translation is shown as it was written, in the script
    of the reader.
    """
    values: dict[str, Any] = {name: amount(f, t) for name, f in (figures or {}).items()}
    if isinstance(words, str):
        text = t(words)
        if text == words and t.language == "zh_Hant":
            text = _traditional(words)
    else:
        text = getattr(words, t.language) or words.zh_Hans
        if t.language == "zh_Hant" and not words.zh_Hant:
            text = _traditional(text)
    return text.format(**values) if values else text


def place_name(name: str, t: Texts) -> str:
    """The name of a division as the reader writes it: in English by its sound, without its rank."""
    known = t(name)
    if t.language != "en" or known != name:
        return wording(name, t)
    return sounds.of_name(_RANK.sub("", name)).capitalize()


def amount(figure: Figure, t: Texts) -> str:
    """An amount with its unit and the year that it holds for."""
    year = moment(str(figure.year), t)
    return t(_AMOUNTS[figure.unit], amount=t.number(figure.amount), year=year)


def moment(written: str, t: Texts) -> str:
    """A year, month or day (``2020``, ``2020-06``, ``2020-06-02``) as people of the language write it."""
    parts = [int(part) for part in written.split("-")]
    day = date(*[*parts, 1, 1][:3])
    return str(format_skeleton(_SKELETONS[len(written)], day, locale=t.language))


def origin(sources: Iterable[Source], t: Texts, child: bool = False) -> str:
    """One line: where it is from and of what date."""
    named = [
        t("{title}（{date}）", title=wording(s.title, t), date=moment(s.date, t)) for s in sources
    ]
    label = N_("（大人看的）依据：{origin}") if child else N_("依据：{origin}")
    return t(label, origin=t("；").join(dict.fromkeys(named)))


def contact_line(contact: Contact, t: Texts) -> str:
    """One line: who, where, name, phone, hours."""
    role = t(ROLES[contact.role])
    if contact.place:
        role = t("{role}（{place}）", role=role, place=wording(contact.place, t))
    return t(
        "{role}：{name}，{phone}，{hours}",
        role=role,
        name=wording(contact.name, t),
        phone=contact.phone,
        hours=wording(contact.hours, t),
    )


def service_lines(services: Iterable[Service], t: Texts) -> list[str]:
    """One line for each of the six fields that the list has services in."""
    held = list(services)
    lines = []
    for field, title in FIELDS.items():
        names = [wording(s.name, t) for s in held if s.field == field]
        if names:
            lines.append(t("{field}：{names}", field=t(title), names=t("、").join(names)))
    return lines


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2hk")


def _traditional(text: str) -> str:
    return str(_converter().convert(text))
