"""The overview: what arrived, how soon it was looked at and done, what is open; counted, not listed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_
from starlette.responses import Response

from bot.cases import overview, retention
from bot.cases.overview import Open, Scope, Spans
from bot.cases.stats import Period
from bot.cases.vocabulary import LEVELS
from bot.console import filters
from bot.console.pages import Page, Visit
from bot.console.periods import SPANS, Days, days_of, region_of
from bot.console.pictures import Stacks, draw_stacks
from bot.console.rights import stem_of, within
from bot.texts import N_
from bot.walks.divisions import name_of

_KINDS = {"channel": filters.CHANNELS, "level": filters.LEVELS}
_LEAVING = 100
"""How many of what is going to be deleted are listed, the next first."""
_LEAVES = {"draft": N_("没填完的报告"), "case": N_("整个案件"), "transcript": N_("对话")}


@dataclass(frozen=True)
class Place:
    """A line of the list of regions; ``code`` where one more click shows what is inside."""

    name: str
    code: str | None
    count: int
    late: int


@dataclass(frozen=True)
class Level:
    """The figures of one level."""

    name: str
    arrived: int
    looks: Spans
    closings: Spans
    now: Open


def show(visit: Visit) -> Response:
    """The figures of the chosen days and region."""
    days, region = days_of(visit), region_of(visit, visit.query("region"))
    scope = _scope(visit, days, region)
    with visit.database.reading() as session:
        stacks = {kind: overview.arrivals(session, scope, kind) for kind in _KINDS}
        looks = overview.first_looks(session, scope, visit.now)
        closed = overview.closings(session, scope, visit.now)
        found = overview.by_region(session, scope, visit.now)
        standing = overview.open_now(session, scope.sight, visit.now)
        understood = overview.understood(session, scope)
        leaving = retention.due_soon(session, visit.now, visit.staff.sight(), _LEAVING)
    levels = [
        Level(
            level,
            sum(n for (_, kind), n in stacks["level"].items() if kind == level),
            looks.get(level, Spans()),
            closed.get(level, Spans()),
            standing.get(level, Open()),
        )
        for level in LEVELS
    ]
    region, places = _places(visit, region, found)
    return visit.page(
        "overview.html",
        days=days,
        spans=SPANS,
        region=region,
        trail=_trail(visit, region),
        chosen=_chosen(days),
        arrived=sum(stacks["level"].values()),
        charts=[_chart(visit, kind, counts, days) for kind, counts in stacks.items()],
        levels=levels,
        looks=overview.total(looks.values()),
        closings=overview.total(closed.values()),
        open_now=sum(each.open for each in standing.values()),
        overdue=sum(each.overdue for each in standing.values()),
        understood=understood,
        leaving=[(due, visit.t(_LEAVES[due.kind])) for due in leaving],
        places=places,
        most=max((place.count for place in places), default=0),
    )


def picture(visit: Visit) -> Response:
    """Arrivals by day as a picture, by channel or by level."""
    kind = visit.part("kind")
    if kind not in _KINDS:
        raise visit.refuse(visit.t("没有这张图。"), 404)
    days, region = days_of(visit), region_of(visit, visit.query("region"))
    with visit.database.reading() as session:
        counts = overview.arrivals(session, _scope(visit, days, region), kind)
    drawn = draw_stacks(_stacks(visit, kind, counts, days))
    return Response(drawn, media_type="image/svg+xml")


def _scope(visit: Visit, days: Days, region: str) -> Scope:
    counted, own = visit.staff.counted(), visit.staff.region
    sight = counted if region == own else and_(counted, within(region))
    return Scope(sight, Period(days.first, days.last), everywhere=not region)


def _chosen(days: Days) -> dict[str, Any]:
    """The days as values of an address."""
    return {"days": days.span} if days.span else {"from": days.first, "to": days.last}


def _chart(visit: Visit, kind: str, counts: Counter[tuple[str, str]], days: Days) -> dict[str, Any]:
    stacks = _stacks(visit, kind, counts, days)
    title = (
        visit.t("每天收到的报告，按渠道")
        if kind == "channel"
        else visit.t("每天收到的报告，按级别")
    )
    whole = sum(counts.values())
    most = max(range(len(stacks.days)), key=lambda day: (stacks.totals[day], day))
    told = visit.t("{title}：共 {n} 件。", title=title, n=visit.t.number(whole))
    if whole:
        day, n = visit.t.day(stacks.days[most]), visit.t.number(stacks.totals[most])
        told += visit.t("最多的一天是 {day}，{n} 件。", day=day, n=n)
    return {"kind": kind, "title": title, "told": told, "stacks": stacks, "whole": whole}


def _stacks(visit: Visit, kind: str, counts: Counter[tuple[str, str]], days: Days) -> Stacks:
    length = (days.last - days.first).days + 1
    each_day = [days.first + timedelta(days=n) for n in range(length)]
    known = [name for name in _KINDS[kind] if any(value == name for _, value in counts)]
    others = sorted({value for _, value in counts} - set(known))
    return Stacks(
        each_day,
        {name: [counts[day.isoformat(), name] for day in each_day] for name in [*known, *others]},
        {name: visit.t(_KINDS[kind].get(name, name)) for name in [*known, *others]},
        _ticks(visit, each_day),
    )


def _ticks(visit: Visit, days: list[date]) -> dict[int, str]:
    """Where days are named below the picture: six at most."""
    step = -(-len(days) // 6)
    return {n: visit.t.day(days[n]) for n in range(0, len(days), step)}


def _places(
    visit: Visit, region: str, found: dict[str | None, tuple[int, int]]
) -> tuple[str, list[Place]]:
    """The list of regions one step below; where a step holds one region only, the next one."""
    codes = {code for code in found if code}
    step = _below(region)
    while step < 6 and len(codes) == len(found):
        inside = {_rolled(code, step) for code in codes if len(stem_of(code)) >= step}
        if len(inside) != 1 or codes & inside or not all(_inside(code, region) for code in codes):
            break
        region, step = inside.pop(), step + 2
    sums: dict[str | None, list[int]] = {}
    for code, (count, late) in found.items():
        rolled = code and _inside(code, region) and len(stem_of(code)) >= step
        entry = sums.setdefault(_rolled(code, step) if code and rolled else code, [0, 0])
        entry[0] += count
        entry[1] += late
    places = [_place(visit, region, key, *sums[key]) for key in sums]
    return region, sorted(places, key=lambda place: -place.count)


def _below(region: str) -> int:
    """How many digits the codes one step below a region begin with."""
    return len(stem_of(region)) + 2 if region else 2


def _rolled(code: str, step: int) -> str:
    return code[:step].ljust(6, "0")


def _inside(code: str, region: str) -> bool:
    return code.startswith(stem_of(region)) if region else True


def _place(visit: Visit, region: str, code: str | None, count: int, late: int) -> Place:
    if code is None:
        return Place(visit.t("没有说明地区"), None, count, late)
    name = name_of(code) or code
    if code == region and code.endswith("00"):
        return Place(visit.t("{place}（没有说明下一级）", place=name), None, count, late)
    opens = code.endswith("00") and code != region and _inside(code, region)
    return Place(name, code if opens else None, count, late)


def _trail(visit: Visit, region: str) -> list[tuple[str, str]]:
    """The way from the person's own region down to the chosen one, as codes and names."""
    own = visit.staff.region
    steps = [own]
    if region != own:
        chain = (region[:2] + "0000", region[:4] + "00", region)
        steps += [code for code in dict.fromkeys(chain) if len(stem_of(code)) > len(stem_of(own))]
    return [(code, name_of(code) or code if code else visit.t("全部地区")) for code in steps]


PAGES = (
    Page("/overview", "overview", show),
    Page("/overview/{kind}.svg", "overview", picture, quiet=True),
)
