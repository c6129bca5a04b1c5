"""Level, due time and unit of a case, worked out from its facts and from what staff set instead.

A setting by staff (``overrides``) holds through every later assessment until it is lifted. It
never hides news: whoever tells of something worse after it was made is heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cases.history import note
from bot.cases.rules import Risk, Routing, due, route, triage
from bot.cases.situation import situation_of
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import LEVELS

Setting = Mapping[str, Any]


def urgency(level: str) -> int:
    """How urgent a level is; more is more urgent."""
    return len(LEVELS) - LEVELS.index(level)


def more_urgent(risk: Risk, than: Risk) -> bool:
    """Whether one risk is above another, by all that may be or by what is known."""
    return urgency(risk.level) > urgency(than.level) or (
        urgency(risk.known_level) > urgency(than.known_level)
    )


def base_of(row: CaseRow, now: datetime) -> dict[str, Any]:
    """What the rules say and which dangers were told at the moment that staff sets something."""
    risk = triage(situation_of(row.facts, row.report_type, now), now)
    dangers = list(row.facts["facts"].get("danger") or ())
    return {"level": risk.level, "known_level": risk.known_level, "danger": dangers}


def assess(row: CaseRow, since: datetime) -> None:
    """Work out level, due time and unit anew from the facts; what staff set stays in force.

    Args:
        since: when the clock of the due time started.
    """
    held = row.facts
    situation = situation_of(held, row.report_type, since)
    risk, routing = triage(situation, since), route(situation)
    dangers = held["facts"].get("danger") or ()
    settings = held.get("overrides") or {}
    level = _level_in_force(settings.get("level"), risk, dangers)
    routed = _unit_in_force(settings.get("unit"), routing, dangers)
    row.level, row.due_at, row.unit = level.value, due(level.value, since), routed.unit
    row.worsens_at = situation.changes_at()
    # a report that says no place is about the community whose poster brought it, for all we know
    place, poster = held["facts"].get("location") or {}, held.get("poster") or {}
    row.region = place.get("adcode") or poster.get("adcode")
    row.assessment = {
        "reasons": [*level.reasons, *risk.sentences()],
        "referrals": _told_too(routed, held.get("referred") or ()),
        "why": routed.why,
        "exceeded": level.exceeded,
        "by_rules": risk.level,
    }


def reassess(row: CaseRow, now: datetime) -> None:
    """Assess a filed case anew after something changed.

    As long as a case is no less urgent than before, nobody gets longer to look at it. That news
    went above a level that staff had lowered is written into the history.
    """
    level, due_at = row.level, row.due_at
    exceeded = (row.assessment or {}).get("exceeded", False)
    assess(row, now)
    if due_at and urgency(row.level) >= urgency(level):
        row.due_at = min(row.due_at, due_at)
    if row.assessment["exceeded"] and not exceeded:
        setting = row.facts["overrides"]["level"]
        detail = {"what": "level", "set_to": setting["value"], "level": row.level}
        note(row, now, "system", "override_exceeded", detail)


@dataclass(frozen=True)
class _InForce:
    """The level in force, why staff set it, and whether news went above what staff set."""

    value: str
    reasons: tuple[str, ...] = ()
    exceeded: bool = False


def _level_in_force(setting: Setting | None, risk: Risk, dangers: Iterable[str]) -> _InForce:
    if setting is None:
        return _InForce(risk.level)
    value, base = setting["value"], setting["base"]
    words = (f"{setting['actor']}改定为 {value}：{setting['why']}（规则原定 {base['level']}）",)
    heard = value
    if urgency(value) > urgency(base["level"]) or urgency(risk.level) > urgency(base["level"]):
        heard = risk.level
    elif urgency(risk.known_level) > urgency(base["known_level"]) or _new(dangers, setting):
        heard = risk.known_level
    if urgency(heard) > urgency(value):
        return _InForce(heard, words, exceeded=True)
    return _InForce(value, words)


def _unit_in_force(setting: Setting | None, routing: Routing, dangers: Iterable[str]) -> Routing:
    """The unit that staff set, unless a danger was told since; the other one is told in any case."""
    if setting is None:
        return routing
    value = setting["value"]
    if _new(dangers, setting):
        unit, why = routing.unit, routing.why
    else:
        unit, why = value, f"{setting['actor']}改定：{setting['why']}"
    others = dict.fromkeys([routing.unit, value, *routing.referrals])
    return Routing(unit, tuple(other for other in others if other != unit), why)


def _told_too(routed: Routing, referred: Iterable[Setting]) -> list[str]:
    """Who else is told: by the rules, and by staff (``bot.cases.handling.refer``)."""
    units = dict.fromkeys([*routed.referrals, *(each["unit"] for each in referred)])
    return [unit for unit in units if unit != routed.unit]


def _new(dangers: Iterable[str], setting: Setting) -> bool:
    return bool(set(dangers) - set(setting["base"]["danger"]))
