"""Why a case has its level and its unit, in words, and what staff set instead of the rules."""

import re
from datetime import datetime

from bot.cases.tables import CaseRow
from bot.console.case_facts import Setting
from bot.console.filters import LEVELS, UNITS
from bot.texts import Texts

_MAYBE = re.compile(r"可能：(?P<reason>.*)（(?P<unknown>.*)不清楚，按更紧急的处理）")


def reasons_of(row: CaseRow, t: Texts) -> list[str]:
    """The reasons of the level; what staff set is told by ``settings_of``."""
    sentences = list((row.assessment or {}).get("reasons", ()))
    if "level" in (row.facts.get("overrides") or {}):
        sentences = sentences[1:]  # the first one tells of the setting
    return [_reason(sentence, t) for sentence in sentences]


def settings_of(row: CaseRow, t: Texts) -> dict[str, Setting | None]:
    """What staff set of level and unit, by ``level`` and ``unit``; ``None`` where the rules hold."""
    words = {"level": LEVELS, "unit": UNITS}
    found: dict[str, Setting | None] = dict.fromkeys(words)
    for what, setting in (row.facts.get("overrides") or {}).items():
        if what in words:
            told = t(words[what].get(setting["told"], str(setting["told"])))
            at = datetime.fromisoformat(setting["at"])
            found[what] = Setting(setting["actor"], setting["why"], at, told)
    return found


def _reason(sentence: str, t: Texts) -> str:
    maybe = _MAYBE.fullmatch(sentence)
    if maybe is None:
        return t(sentence)
    unknown = t("、").join(t(each) for each in maybe["unknown"].split("、"))
    return t(
        "可能：{reason}（{unknown}不清楚，按更紧急的处理）",
        reason=t(maybe["reason"]),
        unknown=unknown,
    )
