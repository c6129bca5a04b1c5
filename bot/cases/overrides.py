"""What staff set against the rules: level, unit or a fact; who, why and what it was before is kept.

Every function works inside the caller's transaction and writes to the case's history. A setting
holds until it is lifted. What is told afterwards and is more urgent is heard all the same
(``bot.cases.assessing``).
"""

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.cases import aftercare
from bot.cases.assessing import base_of, more_urgent, reassess
from bot.cases.history import note
from bot.cases.rules import triage
from bot.cases.situation import situation_of
from bot.cases.tables import CaseRow
from bot.cases.vocabulary import ALLOWED, ENDED, LEVELS, UNITS

_LONGEST_NAME = 40
_LISTS = ("sexes", "reason", "health", "needs", "danger")
_YES = MappingProxyType({"yes": True, "true": True, "no": False, "false": False})
_OLDEST, _MOST = 120, 50
_PLACE = frozenset({"text", "province", "city", "county", "township", "detail", "adcode"})
_LONGEST_PLACE = 200


class OverrideError(Exception):
    """A setting that is refused; the message is one sentence that says why."""


def override_level(row: CaseRow, level: str, actor: str, why: str, now: datetime) -> None:
    """Set the level of a filed case.

    Args:
        actor: who sets it.
        why: the reason, kept with it.
        now: aware.

    Raises:
        OverrideError: the case is not open, the level is none, or who and why is missing.
    """
    if level not in LEVELS:
        raise OverrideError(f"There is no level {level!r}: it is one of {', '.join(LEVELS)}.")
    _set(row, "level", level, row.level, (actor, why), now)


def override_unit(row: CaseRow, unit: str, actor: str, why: str, now: datetime) -> None:
    """Set the unit that is responsible for a filed case; the unit of the rules is told of it.

    Raises:
        OverrideError: the case is not open, the unit is none, or who and why is missing.
    """
    if unit not in UNITS:
        raise OverrideError(f"There is no unit {unit!r}: it is one of {', '.join(UNITS)}.")
    _set(row, "unit", unit, row.unit, (actor, why), now)


def override_fact(
    row: CaseRow, field: str, value: Any, actor: str, why: str, now: datetime
) -> None:
    """Set a fact of a filed case, as staff found it.

    Args:
        field: a fact by which the rules go (``FACTS``).
        value: in the contract's values; ``None`` for "nobody knows".

    Raises:
        OverrideError: the case is not open, there is no such fact or value, or who and why is
            missing.
    """
    if field not in FACTS:
        raise OverrideError(f"There is no fact {field!r}: it is one of {', '.join(FACTS)}.")
    if value is not None and not FACTS[field](value):
        raise OverrideError(f"The fact {field} cannot be {value!r}.")
    _set(row, field, value, row.facts["facts"].get(field), (actor, why), now)


def lift(row: CaseRow, what: str, actor: str, why: str, now: datetime) -> None:
    """Lift a setting: the rules, and what the reporter told, count again.

    Args:
        what: ``level``, ``unit`` or the name of a fact.

    Raises:
        OverrideError: the case is not open, nothing was set, or who and why is missing.
    """
    _check(row, actor, why)
    settings = dict(row.facts.get("overrides") or {})
    if what not in settings:
        raise OverrideError(f"Nobody has set {what} in {row.case_no}.")
    setting = settings.pop(what)
    held = {**row.facts, "overrides": settings}
    if what in FACTS:
        held = _with_fact(held, what, setting["told"], setting["unanswered"])
    detail = {"what": what, "set_to": setting["value"], "why": why}
    _carry_out(row, held, (actor, "override_lifted", detail), now)


def heard_over(row: CaseRow, facts: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What counts of facts that a reporter adds where staff set some of them.

    A fact that is set stays as it is, unless what is told now is more urgent or another danger:
    then the setting is gone, and the history says so. What did not count comes back when the setting is lifted.

    Args:
        facts: the new values, lists already grown.
    """
    settings = dict(row.facts.get("overrides") or {})
    counting = dict(facts)
    before = triage(situation_of(row.facts, row.report_type, now), now)
    fresh = set(facts.get("danger") or ()) - set(row.facts["facts"].get("danger") or ())
    for name in set(facts) & set(settings) & set(FACTS):
        trial = _with_fact(row.facts, name, facts[name], None)
        worse = more_urgent(triage(situation_of(trial, row.report_type, now), now), before)
        if worse or (name == "danger" and fresh):
            setting = settings.pop(name)
            detail = {"what": name, "set_to": setting["value"], "told": facts[name]}
            note(row, now, "system", "override_exceeded", detail)
        else:
            del counting[name]
            settings[name] = {**settings[name], "told": facts[name], "unanswered": None}
    row.facts = {**row.facts, "overrides": settings}
    return counting


def read_value(field: str, text: str) -> Any:
    """A fact's value as it is typed: ``nobody``, ``3,6``, ``fever,ill``, ``yes``, ``unknown``.

    Raises:
        OverrideError: it cannot be read.
    """
    text = text.strip()
    if text == "unknown":
        return None
    try:
        if field == "ages":
            return [float(part) for part in text.split(",")]
        if field == "child_count":
            return int(text)
        if field in ("planned", "weak_carer", "cannot_cope"):
            return _YES[text.lower()]
    except (ValueError, KeyError):
        raise OverrideError(f"The fact {field} cannot be {text!r}.") from None
    return [part.strip() for part in text.split(",") if part.strip()] if field in _LISTS else text


def _set(
    row: CaseRow, what: str, value: Any, before: Any, by: tuple[str, str], now: datetime
) -> None:
    actor, why = by
    _check(row, actor, why)
    settings = dict(row.facts.get("overrides") or {})
    earlier = settings.get(what) or {}
    settings[what] = {
        "value": value,
        "actor": actor,
        "why": why,
        "at": now.isoformat(),
        "base": base_of(row, now),
        "told": earlier.get("told", before),
        "unanswered": earlier.get("unanswered", row.facts["unanswered"].get(what)),
    }
    held = {**row.facts, "overrides": settings}
    if what in FACTS:
        held = _with_fact(held, what, value, "unknown" if value is None else None)
    detail = {"what": what, "before": before, "after": value, "why": why}
    _carry_out(row, held, (actor, "override", detail), now)


def _carry_out(
    row: CaseRow, held: dict[str, Any], line: tuple[str, str, dict[str, Any]], now: datetime
) -> None:
    """Take the new facts, assess the case, and write what changed into its history."""
    actor, event, detail = line
    before = {"level_before": row.level, "unit_before": row.unit}
    row.facts, row.updated_at = held, now
    reassess(row, now)
    note(row, now, actor, event, {**detail, **before, "level": row.level, "unit": row.unit})
    aftercare.renew(row, now)


def _with_fact(
    held: dict[str, Any], name: str, value: Any, unanswered: str | None
) -> dict[str, Any]:
    facts, open_ = dict(held["facts"]), dict(held["unanswered"])
    facts.pop(name, None)
    open_.pop(name, None)
    if value is not None:
        facts[name] = value
    elif unanswered:
        open_[name] = unanswered
    return {**held, "facts": facts, "unanswered": open_}


def _check(row: CaseRow, actor: str, why: str) -> None:
    if row.status == "draft" or row.status in ENDED:
        raise OverrideError(f"{row.case_no} is {row.status}: only an open case can be changed.")
    if not actor.strip() or len(actor) > _LONGEST_NAME:
        raise OverrideError(f"Say who sets it, in at most {_LONGEST_NAME} characters.")
    if not why.strip():
        raise OverrideError("Say why it is set.")


def _one_of(name: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in ALLOWED[name]


def _some_of(name: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and set(value) <= set(ALLOWED[name])


def _is_moment(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return len(value) == len("2026-11-20") or moment.tzinfo is not None


def _are_ages(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(age, (int, float)) and 0 <= age <= _OLDEST for age in value
    )


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_place(value: Any) -> bool:
    """A place as the dialogue keeps it: its words, and what of it is known by name and code."""
    if not isinstance(value, dict) or not str(value.get("text") or "").strip():
        return False
    return set(value) <= _PLACE and all(
        isinstance(part, str) and len(part) <= _LONGEST_PLACE for part in value.values()
    )


FACTS: MappingProxyType[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "carer": _one_of("carer"),
        "danger": _some_of("danger"),
        "health": _some_of("health"),
        "needs": _some_of("needs"),
        "reason": _some_of("reason"),
        "ages": _are_ages,
        "child_count": lambda value: isinstance(value, int) and 1 <= value <= _MOST,
        "since": _is_moment,
        "location": _is_place,
        "kind": lambda value: value in ("moving", "left_behind", "in_difficulty"),
        "planned": _is_bool,
        "weak_carer": _is_bool,
        "cannot_cope": _is_bool,
    }
)
"""The facts that staff may set, each with the test that its value must pass."""
