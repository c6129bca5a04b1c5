"""Charts of the console as SVG, written by ourselves: bars and words are all there is.

A drawing library would take a second and forty megabytes at the first view, and its fonts would
have to be on the server; here the reader's own browser has the fonts, and light and dark pages
have one picture.
"""

import math
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 460, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 456, 40, 220
_COLOURS = {
    "critical": ("#a4161a", "#ff8f7e"),
    "high": ("#d9730d", "#f5a65b"),
    "medium": ("#d8b13c", "#e5d27a"),
    "low": ("#7c9f6b", "#9cc489"),
    "telegram": ("#2b6a99", "#79b4e0"),
    "web": ("#b35a34", "#f0a47f"),
    "terminal": ("#7a7068", "#a99f97"),
}
"""For light and for dark pages."""
_OTHERS = ("#7a7068", "#a99f97")
_INK, _LINE = ("#2b2320", "#f3ebe3"), ("#d9cfc4", "#4a4039")


@dataclass(frozen=True)
class Stacks:
    """A bar a day, made of parts.

    Args:
        parts: by name, a count a day; the first lies at the bottom.
        words: the names as people read them.
        ticks: where a day is named below.
    """

    days: list[date]
    parts: dict[str, list[int]]
    words: dict[str, str]
    ticks: dict[int, str]

    @property
    def totals(self) -> list[int]:
        """The height of each bar."""
        columns = zip(*self.parts.values(), strict=True)
        return [sum(column) for column in columns] or [0] * len(self.days)


def draw_stacks(stacks: Stacks) -> str:
    """The bars as SVG without a background, for light and dark pages."""
    step, top = _scale(max(stacks.totals, default=0))
    parts = [_head(list(stacks.parts))]
    for value in range(0, top + 1, step):
        y = _height(value, top)
        parts.append(f'<path class="line" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    parts += _bars(stacks, top)
    slot = (_RIGHT - _LEFT) / len(stacks.days)
    for n, words in stacks.ticks.items():
        x = _LEFT + (n + 0.5) * slot
        parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 20}" text-anchor="middle">{escape(words)}</text>')  # fmt: skip
    x = float(_LEFT)
    for number, name in enumerate(stacks.parts):
        words = stacks.words[name]
        parts.append(f'<rect class="p{number}" x="{x:.0f}" y="10" width="13" height="13"/>')
        parts.append(f'<text x="{x + 19:.0f}" y="21">{escape(words)}</text>')
        x += 40 + sum(14 if ord(sign) > 0x2E7F else 8 for sign in words)
    return "".join([*parts, "</svg>"])


def _bars(stacks: Stacks, top: int) -> list[str]:
    slot = (_RIGHT - _LEFT) / len(stacks.days)
    floor, found = [0] * len(stacks.days), []
    for number, counts in enumerate(stacks.parts.values()):
        for n, count in enumerate(counts):
            if count:
                y, below = _height(floor[n] + count, top), _height(floor[n], top)
                x = _LEFT + n * slot + slot * 0.12
                found.append(
                    f'<rect class="p{number}" x="{x:.1f}" y="{y:.1f}" width="{slot * 0.76:.1f}" '
                    f'height="{below - y:.1f}"/>'
                )
                floor[n] += count
    return found


def _head(names: list[str]) -> str:
    both = [_COLOURS.get(name, _OTHERS) for name in names]
    rules = [
        "".join(
            [
                f"text{{fill:{_INK[dark]}}}.line{{stroke:{_LINE[dark]}}}",
                *(f".p{n}{{fill:{colours[dark]}}}" for n, colours in enumerate(both)),
            ]
        )
        for dark in (0, 1)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="13">'
        f"<style>{rules[0]}@media (prefers-color-scheme:dark){{{rules[1]}}}</style>"
    )


def _scale(most: int) -> tuple[int, int]:
    """A step of 1, 2 or 5 times a power of ten, and the top of the scale: at most five steps."""
    for power in range(12):
        for factor in (1, 2, 5):
            step = factor * 10**power
            if most <= 5 * step:
                return step, step * max(1, math.ceil(most / step))
    raise ValueError(f"{most} is no count of reports")


def _height(value: int, top: int) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * value / top
