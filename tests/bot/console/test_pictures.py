from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from bot.console.pictures import Stacks, draw_stacks


def stacks(**parts: list[int]) -> Stacks:
    length = len(next(iter(parts.values()), [0]))
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(length)]
    return Stacks(days, parts, {name: f"<{name}>" for name in parts}, {0: "11月1日"})


def bars(svg: str) -> list[tuple[str, float, float]]:
    """The bars: which part, where its top is, and how high it is; the legend left out."""
    root = ElementTree.fromstring(svg)
    found = root.findall("{http://www.w3.org/2000/svg}rect")
    return [
        (each.get("class") or "", float(each.get("y") or 0), float(each.get("height") or 0))
        for each in found
        if each.get("height") != "13"
    ]


def test_parts_stand_on_each_other_in_proportion() -> None:
    low, high = bars(draw_stacks(stacks(web=[2], telegram=[4])))
    assert high[2] == pytest.approx(2 * low[2], abs=0.2)
    assert high[1] + high[2] == pytest.approx(low[1], abs=0.2)


def test_what_is_zero_has_no_bar() -> None:
    assert len(bars(draw_stacks(stacks(web=[0, 3, 0])))) == 1
    assert bars(draw_stacks(stacks())) == []


@pytest.mark.parametrize("most", [0, 1, 4, 5, 6, 11, 99, 100, 101, 12345])
def test_the_scale_holds_the_highest_bar_in_few_round_steps(most: int) -> None:
    svg = draw_stacks(stacks(web=[most]))
    steps = [int(value) for value in re.findall(r'text-anchor="end">(\d+)<', svg)]
    assert steps[0] == 0
    assert steps[-1] >= most
    assert 2 <= len(steps) <= 6
    assert all(top >= 40 for _, top, _ in bars(svg))


def test_words_never_become_markup() -> None:
    assert "&lt;web&gt;" in draw_stacks(stacks(web=[1]))
