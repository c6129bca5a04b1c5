"""What is known of a case, in words: each fact, where it came from, and what staff set instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cases.ledger import ledger_table
from bot.cases.overrides import FACTS
from bot.cases.tables import CaseRow
from bot.clock import SHANGHAI
from bot.console.filters import spell
from bot.console.understood import RELATIONS
from bot.texts import N_, Texts
from bot.walks.questionnaire import questionnaire
from bot.walks.readback import value_in_words

_GROUPS = (
    (N_("孩子"), ("danger", "child_count", "ages", "sexes", "health", "needs")),
    (N_("照看"), ("carer", "since", "reason", "planned", "weak_carer", "cannot_cope", "kind")),
    (N_("地方"), ("location",)),
    (N_("报告人"), ("relation", "name", "phone", "organisation")),
)
_MAIN = ("danger", "child_count", "ages", "health", "carer", "since", "location", "phone")
"""What is shown even where nobody knows it."""
_LABELS = {
    "planned": N_("过几天才没人照看"),
    "weak_carer": N_("照看的人生病、体弱或年纪大"),
    "cannot_cope": N_("村（居）委会照顾不了"),
    "kind": N_("登记的种类"),
    "relation": N_("和孩子的关系"),
}


@dataclass(frozen=True)
class Setting:
    """What staff set instead of what was told."""

    actor: str
    why: str
    at: datetime
    told: str


@dataclass(frozen=True)
class Fact:
    """A fact in words.

    Args:
        value: as it is known, for the form that sets it.
        line: the id of the line of the transcript that it came from.
        setting: what staff set, if they did.
        changeable: whether staff may set it.
        main: to be shown even where nobody knows it.
    """

    name: str
    label: str
    words: str
    value: Any
    line: int | None
    setting: Setting | None
    changeable: bool
    main: bool

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def label_of(name: str, t: Texts) -> str:
    """What a fact is called."""
    if name in _LABELS:
        return t(_LABELS[name])
    question = questionnaire().questions.get(name)
    return t(question.label) if question else name


def fact_in_words(name: str, value: Any, t: Texts) -> str:
    """A fact's value in words; ``None`` is what nobody knows."""
    if value is None:
        return t("不清楚")
    if isinstance(value, bool):
        return t("是") if value else t("不是")
    if name == "relation":
        return t(RELATIONS[value]) if value in RELATIONS else str(value)
    if name == "kind":
        return t(ledger_table().kinds.get(value, value))
    if name == "location":
        return _place(value)
    try:
        return value_in_words(name, value, t)
    except (KeyError, TypeError, ValueError):  # an older questionnaire may have asked otherwise
        return str(value)


def facts_of(
    row: CaseRow, sources: Mapping[str, int], now: datetime, t: Texts
) -> list[tuple[str, list[Fact]]]:
    """The facts of a case in groups, each with its title.

    Args:
        sources: the line of the transcript that each fact came from.
    """
    return [
        (t(title), [_fact(row, name, sources.get(name), now, t) for name in names])
        for title, names in _GROUPS
    ]


def _fact(row: CaseRow, name: str, line: int | None, now: datetime, t: Texts) -> Fact:
    value = row.facts["facts"].get(name)
    setting = (row.facts.get("overrides") or {}).get(name)
    return Fact(
        name=name,
        label=label_of(name, t),
        words=_known(row, name, value, now, t),
        value=value,
        line=None if setting else line,
        setting=_setting(name, setting, t) if setting else None,
        changeable=name in FACTS,
        main=name in _MAIN,
    )


def _known(row: CaseRow, name: str, value: Any, now: datetime, t: Texts) -> str:
    if value is None:
        open_ = row.facts["unanswered"].get(name)
        if open_ is None:
            return t("还没有说到")
        return t("说不清楚") if open_ == "unknown" else t("不想说")
    words = fact_in_words(name, value, t)
    if name == "since" and len(value) > len("2026-11-20"):
        begun = datetime.fromisoformat(value).astimezone(SHANGHAI)
        if begun < now:
            return t("{when}（{span}了）", when=words, span=spell(now - begun, t))
    return words


def _setting(name: str, setting: Mapping[str, Any], t: Texts) -> Setting:
    at = datetime.fromisoformat(setting["at"])
    told = fact_in_words(name, setting["told"], t)
    return Setting(setting["actor"], setting["why"], at, told)


def _place(value: Mapping[str, Any]) -> str:
    """The words, with the divisions that were read from them where these do not say them."""
    text = str(value["text"])
    read = [value.get(part) for part in ("province", "city", "county", "township")]
    missing = [part for part in read if part and part not in text]
    return f"{text}（{''.join(dict.fromkeys(missing))}）" if missing else text
